import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INTERVALS } from '../../src/analytics/analytics-store.ts'
import { formatPattern, parseFilterValues } from '../../src/analytics/filter-values.ts'
import { fillGaps, mostBuckets, namedPoint } from '../../src/analytics/series.ts'
import { addDays, daysIn } from '../../src/analytics/windows.ts'
import { decodeCursor, encodeCursor, sortedPart } from '../../src/endpoints/job-list/cursor.ts'
import { parseSiteFilters } from '../../src/endpoints/site-analytics/filters.ts'

const DAY_MS = 86_400_000

describe('the values of a filter', () => {
  it.each([
    ['FR', [['FR']]],
    ['FR,DE', [['FR'], ['DE']]],
    ['/jobs/*', [['/jobs/', '']]],
    ['*', [['', '']]],
    ['***', [['', '']]],
    ['a**b', [['a', 'b']]],
    ['a*b*c,d', [['a', 'b', 'c'], ['d']]],
    ['a\\,b', [['a,b']]],
    ['a\\*b', [['a*b']]],
    ['a\\\\*', [['a\\', '']]],
    ['a\\nb', [['a\\nb']]],
    ['a\\', [['a\\']]],
    [' a , b ', [[' a '], [' b ']]],
    ['a,', [['a'], ['']]],
  ])('of %j are %j', (text, values) => {
    expect(parseFilterValues(text)).toEqual(values)
  })

  it('come back from what is written of them', () => {
    // Between two wildcards there is something, or they would be one.
    const pattern = fc
      .array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 4 })
      .chain((pieces) => fc.constantFrom(pieces, ['', ...pieces], [...pieces, '']))
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1 }), (patterns) => {
        expect(parseFilterValues(patterns.map(formatPattern).join(','))).toEqual(patterns)
      }),
    )
  })
})

describe('the filters of a site', () => {
  it('keep what they are given, in the order of the dimensions', () => {
    const read = parseSiteFilters({ 'os!': ['Mac'], page: ['/a', '/b*'], city: ['42'] })
    expect(read.problems).toEqual([])
    expect(read.filters).toEqual([
      { dimension: 'page', isNegated: false, patterns: [['/a'], ['/b', '']] },
      { dimension: 'city', isNegated: false, patterns: [['42']] },
      { dimension: 'os', isNegated: true, patterns: [['Mac']] },
    ])
    expect(read.echo.map(({ operator }) => operator)).toEqual(['is', 'is', 'is_not'])
  })

  it.each([
    ['page', 'jobs'],
    ['page', ''],
    ['exit_page!', 'a'],
    ['entry_page', '/a,b'],
    ['city', 'Paris'],
    ['city', '29*'],
    ['city', '9999999999'],
    ['country', 'fr'],
    ['country!', 'FR,France'],
    ['job', 'x'],
    ['job', '*'],
    ['source', 'a,,b'],
    ['os', '*a*b*c*d*e*f*g*h*i*j*'],
    ['browser', Array.from({ length: 101 }, (_, i) => i).join(',')],
  ] as const)('say what is wrong with %s=%j', (parameter, text) => {
    const { problems, filters, jobFilters } = parseSiteFilters({ [parameter]: [text] })
    expect(problems).toEqual([{ parameter, message: expect.stringMatching(/\.$|\\,$/) }])
    expect([...filters, ...jobFilters]).toEqual([])
  })
})

describe('a series', () => {
  it('has a point for every label, zeros where there is no row, and nothing of unknown labels', () => {
    const rows = [
      { time: '2026-01-02', metrics: [3, 4] },
      { time: '1999-01-01', metrics: [9, 9] },
    ]
    const points = fillGaps(['2026-01-01', '2026-01-02'], rows, 2)
    expect(points).toEqual([
      ['2026-01-01', 0, 0],
      ['2026-01-02', 3, 4],
    ])
    expect(points.map((point) => namedPoint(['visitors', 'pageviews'], point))[1]).toEqual({
      date: '2026-01-02',
      visitors: 3,
      pageviews: 4,
    })
  })

  it('never has more points than are reckoned with', () => {
    const firstDay = fc.integer({ min: 0, max: 30_000 })
    const length = fc.integer({ min: 1, max: 5 * 366 })
    fc.assert(
      fc.property(firstDay, length, fc.constantFrom(...INTERVALS), (first, count, interval) => {
        const from = new Date(first * DAY_MS).toISOString().slice(0, 10)
        const window = { from, to: addDays(from, count - 1) }
        expect(daysIn(window)).toBe(count)
        const days = Array.from({ length: count }, (_, i) => first + i)
        const bucketOf = {
          day: (at: number) => String(at),
          week: (at: number) => String(Math.floor((at + 3) / 7)),
          month: (at: number) => new Date(at * DAY_MS).toISOString().slice(0, 7),
        }[interval]
        expect(new Set(days.map(bucketOf)).size).toBeLessThanOrEqual(mostBuckets(window, interval))
      }),
      { numRuns: 300 },
    )
  })
})

describe('a cursor', () => {
  const id = fc.uuid()
  const page = fc.integer({ min: 2, max: 1_000_000 })
  const title = fc
    .string({ unit: 'binary', maxLength: 400 })
    .map((text) => sortedPart(text.replaceAll('\0', '')))

  it('comes back as it was, for any title that Postgres can hold, and fits its parameter', () => {
    fc.assert(
      fc.property(title, id, page, (value, jobId, number) => {
        const cursor = { sort: 'title', value, id: jobId, page: number } as const
        expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor)
      }),
    )
    for (const char of ['\u0001', '😀', '"', '\\', 'é', '\u2028']) {
      const cursor = {
        sort: 'title',
        value: char.repeat(200),
        id: crypto.randomUUID(),
        page: 999_999,
      } as const
      expect(encodeCursor(cursor)).toMatch(/^[\w-]{1,2000}$/)
      expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor)
    }
  })

  it('of a time is exact to the microsecond, and of no other form', () => {
    const cursor = {
      sort: '-created_at',
      value: '2026-02-28T23:59:59.123456Z',
      id: crypto.randomUUID(),
      page: 2,
    } as const
    expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor)
    for (const value of [
      ...['2026-02-30T00:00:00.000000Z', '2026-13-01T00:00:00.000000Z', '0000-01-01T00:00:00.000000Z'],
      ...['2026-02-28T24:00:00.000000Z', '2026-02-28T23:59:60.000000Z', '2026-02-28', 'now', 'infinity', ''],
    ]) {
      expect(decodeCursor(encodeCursor({ ...cursor, value })), value).toBeUndefined()
    }
  })

  it('that nobody made is none, whatever it says', () => {
    const encode = (value: unknown) =>
      btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
    const uuid = crypto.randomUUID()
    for (const forged of [
      ...[
        null,
        [],
        {},
        'title',
        ['title', 'a'],
        ['title', 'a', uuid],
        ['title', 'a', uuid, 1],
        ['title', 'a', 'x', 2],
      ],
      ...[
        ['title', 'a', uuid, 2.5],
        ['title', 'a', uuid, '2'],
        ['title', 1, uuid, 2],
        ['name', 'a', uuid, 2],
      ],
      ...[
        ['title', 'a\0b', uuid, 2],
        ['title', '\ud800', uuid, 2],
        ['title', 'a', uuid, 2, 3],
        ['title', 'a', uuid, 1e12],
      ],
    ]) {
      expect(decodeCursor(encode(forged)), JSON.stringify(forged)).toBeUndefined()
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const decoded = decodeCursor(text)
        if (decoded !== undefined) expect(decodeCursor(encodeCursor(decoded))).toEqual(decoded)
      }),
    )
  })

  it('sorts by the first 200 characters of a title, counted as Postgres counts them', () => {
    expect(sortedPart('😀'.repeat(300))).toBe('😀'.repeat(200))
    expect(sortedPart('short')).toBe('short')
  })
})
