import { describe, expect, it } from 'vitest'
import {
  createApiKey,
  hashApiKey,
  hintOfApiKey,
  importApiKeySecret,
  isAuthenticApiKey,
} from '../../src/keys/api-key.ts'
import { KeyVerifier } from '../../src/keys/key-verifier.ts'

const secret = await importApiKeySecret('a secret of more than 32 characters, for tests')
const otherSecret = await importApiKeySecret('another secret of more than 32 characters here')

describe('an API key', () => {
  it('has the prefix, 32 random and 10 tag characters, and is recognized', async () => {
    const key = await createApiKey(secret)
    expect(key).toMatch(/^jak_[0-9A-Za-z]{42}$/)
    expect(await isAuthenticApiKey(key, secret)).toBe(true)
  })

  it('is different each time', async () => {
    const keys = await Promise.all(Array.from({ length: 100 }, () => createApiKey(secret)))
    expect(new Set(keys).size).toBe(100)
  })

  it('is refused when any one character differs', async () => {
    const key = await createApiKey(secret)
    for (let i = 0; i < key.length; i++) {
      const forged = key.slice(0, i) + (key[i] === 'A' ? 'B' : 'A') + key.slice(i + 1)
      expect(await isAuthenticApiKey(forged, secret)).toBe(false)
    }
  })

  it('is refused when another secret made it', async () => {
    expect(await isAuthenticApiKey(await createApiKey(otherSecret), secret)).toBe(false)
  })

  it.each(['', 'jak_', 'x'.repeat(46), `jak_${'é'.repeat(42)}`, `jak_${'A'.repeat(43)}`])(
    'is refused when it is %j',
    async (text) => {
      expect(await isAuthenticApiKey(text, secret)).toBe(false)
    },
  )

  it('is known by the SHA-256 of the whole of it and by its first 8 characters', async () => {
    expect(await hashApiKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(hintOfApiKey('jak_1234567890')).toBe('jak_1234')
  })
})

describe('key verifier', () => {
  const issued = () => new KeyVerifier(['a secret of more than 32 characters, for tests'])

  it('are told by their hash, the first time and again', async () => {
    const keys = issued()
    const key = await createApiKey(secret)
    for (let i = 0; i < 3; i++) expect(await keys.hashOf(key)).toBe(await hashApiKey(key))
  })

  it('are no others, however often they are shown', async () => {
    const keys = issued()
    const key = await createApiKey(secret)
    await keys.hashOf(key)
    const forged = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`
    for (const other of [forged, await createApiKey(otherSecret), `${key} `, '', 'x'.repeat(100_000)]) {
      for (let i = 0; i < 2; i++) expect(await keys.hashOf(other)).toBeUndefined()
    }
  })

  it('are told one from another when many are asked for at once', async () => {
    const keys = issued()
    const many = await Promise.all(Array.from({ length: 50 }, () => createApiKey(secret)))
    const hashes = await Promise.all(many.map((key) => keys.hashOf(key)))
    expect(hashes).toEqual(await Promise.all(many.map(hashApiKey)))
  })
})
