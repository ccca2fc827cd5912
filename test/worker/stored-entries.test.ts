import { describe, expect, test } from 'vitest'
import { parseEntries, toStoredEntries } from '../../src/cache/stored-entries.ts'

describe('stored entries', () => {
  const window = { from: '2026-11-01', to: '2026-11-28' }
  const entryOf = (value: unknown) => ({ value, readAt: 1_764_000_000_000, site: 'acme.example', window })
  const keysOf = (values: readonly unknown[]) =>
    toStoredEntries(values.map((value, index) => ({ key: String(index), entry: entryOf(value) }))).map(
      ({ key }) => key,
    )

  test('an entry is read as it was written', () => {
    const entry = entryOf({ totals: [5], label: 'Zürich 東京' })
    const texts = toStoredEntries([{ key: 'a', entry }]).map(({ text }) => text)
    expect(parseEntries(texts)).toEqual([entry])
  })

  test.each([
    ['a', 1],
    ['ü', 2],
    ['東', 3],
    ['😀', 4],
  ])('an entry of %s may have 100,000 bytes and not one more', (character, bytes) => {
    const rest = new TextEncoder().encode(toStoredEntries([{ key: '', entry: entryOf('') }])[0]?.text).length
    const filler = 'a'.repeat((100_000 - rest) % bytes)
    const largest = filler + character.repeat(Math.floor((100_000 - rest) / bytes))
    expect(keysOf([largest])).toEqual(['0'])
    expect(keysOf([`${largest}a`])).toEqual([])
    expect(keysOf([largest + character])).toEqual([])
  })

  test('the entries of one request have at most 500,000 bytes, and smaller ones still fit behind a larger one', () => {
    const large = '東'.repeat(33_000)
    expect(keysOf([large, large, large, large, large, large, 'small'])).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '6',
    ])
  })
})
