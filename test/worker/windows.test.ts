// Windows of whole days in a site's time zone, held against the calendar of luxon.

import fc from 'fast-check'
import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  dayAt,
  daysIn,
  formatOffset,
  isDay,
  isTimeZone,
  offsetMs,
  PERIODS,
  resolveWindow,
  startOfDay,
  subtractMonths,
  type Window,
  windowBefore,
} from '../../src/analytics/windows.ts'

/** Time zones, each with the first day of two years in which it changes its clocks in a way of its own. */
const ZONES = [
  ['UTC', '2025-01-01'],
  ['Europe/Paris', '2025-01-01'],
  ['America/New_York', '2025-01-01'],
  // The clock went forward at midnight, so that days began at one o'clock.
  ['America/Sao_Paulo', '2017-06-01'],
  ['Africa/Cairo', '2025-01-01'],
  ['Asia/Beirut', '2025-01-01'],
  ['America/Havana', '2025-01-01'],
  // Half an hour.
  ['Australia/Lord_Howe', '2025-01-01'],
  // December 30, 2011 does not exist.
  ['Pacific/Apia', '2011-01-01'],
  ['Asia/Kathmandu', '2025-01-01'],
  ['Pacific/Kiritimati', '2025-01-01'],
  ['America/St_Johns', '2025-01-01'],
] as const
const DAYS = 731

/** The days of a period by the calendar of luxon, at a moment. */
function daysByLuxon(period: (typeof PERIODS)[number], zone: string, at: number): Window {
  // Days and months are counted in UTC, where every day exists.
  const today = DateTime.fromISO(DateTime.fromMillis(at, { zone }).toISODate() ?? '', { zone: 'UTC' })
  const from = {
    '7d': today.minus({ days: 7 }),
    '30d': today.minus({ days: 30 }),
    '6mo': today.minus({ months: 6 }),
    '12mo': today.minus({ months: 12 }),
  }[period]
  return { from: from.toISODate() ?? '', to: today.minus({ days: 1 }).toISODate() ?? '' }
}

describe.each(ZONES)('windows in %s', (zone, firstDay) => {
  const days = Array.from({ length: DAYS }, (_, i) => addDays(firstDay, i))

  it('periods: nest, end yesterday and have the days of the calendar, on every day of two years', () => {
    for (const day of days) {
      const start = startOfDay(zone, day)
      const windows = PERIODS.map((period) => resolveWindow({ period }, zone, start))
      const yesterday = addDays(dayAt(zone, start), -1)
      for (const [i, { from, to }] of windows.entries()) {
        expect(to).toBe(yesterday)
        const { from: shorterFrom = '9' } = windows[i - 1] ?? {}
        expect(from < shorterFrom, `${day} ${from}`).toBe(true)
        expect({ from, to }).toEqual(daysByLuxon(PERIODS[i] ?? '7d', zone, start))
      }
    }
  })

  it('days: begin at their first moment, and the moment before belongs to the day before', () => {
    for (const day of days) {
      const start = startOfDay(zone, day)
      // A day that the time zone skips begins and ends with the next one.
      const existing = dayAt(zone, start)
      expect(existing >= day && existing <= addDays(day, 1), day).toBe(true)
      expect(dayAt(zone, start - 1) < day, day).toBe(true)
      expect(start).toBe(DateTime.fromMillis(start, { zone }).startOf('day').toMillis())
      expect(dayAt(zone, startOfDay(zone, addDays(day, 1)) - 1) <= day, day).toBe(true)
    }
    const skipped = days.filter((day) => dayAt(zone, startOfDay(zone, day)) !== day)
    expect(skipped).toEqual(zone === 'Pacific/Apia' ? ['2011-12-30'] : [])
  })

  it('a window: closes when its last day ends, and changes when today ends', () => {
    for (const day of days.filter((_, i) => i % 7 === 0)) {
      const start = startOfDay(zone, day)
      const end = startOfDay(zone, addDays(dayAt(zone, start), 1))
      for (const at of [start, end - 1]) {
        expect(resolveWindow({ period: '30d' }, zone, at)).toMatchObject({ closesAt: start, changesAt: end })
        const today = resolveWindow({ period: 'today' }, zone, at)
        expect(today).toMatchObject({ from: today.to, to: dayAt(zone, at), closesAt: end, changesAt: end })
      }
      expect(resolveWindow({ from: '2010-01-01', to: day }, zone, start)).toMatchObject({
        closesAt: startOfDay(zone, addDays(day, 1)),
        changesAt: Number.POSITIVE_INFINITY,
      })
    }
  })

  it('offsets: are those of luxon', () => {
    for (const day of days) {
      const at = startOfDay(zone, day)
      expect(formatOffset(offsetMs(zone, at))).toBe(DateTime.fromMillis(at, { zone }).toFormat('ZZ'))
    }
  })
})

describe('figures of random visits', () => {
  it('10,000 sets: 7d <= 30d <= 6mo <= 12mo, and each is a count by hand over its days', () => {
    const zone = fc.constantFrom(...ZONES)
    const now = fc.integer({ min: 0, max: DAYS * 86_400 })
    // Most visits are around the ends of the windows, to the second.
    const age = fc.oneof(
      fc.integer({ min: 0, max: 400 * 86_400 }),
      fc.tuple(
        fc.constantFrom(0, 1, 7, 8, 30, 31, 181, 184, 365, 366),
        fc.integer({ min: -7_200, max: 7_200 }),
      ),
    )
    const visit = fc.record({ age, visitor: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') })
    fc.assert(
      fc.property(
        zone,
        now,
        fc.array(visit, { minLength: 1, maxLength: 8 }),
        ([name, first], second, drawn) => {
          const at = startOfDay(name, first) + second * 1_000
          const midnight = startOfDay(name, dayAt(name, at))
          const visits = drawn.map(({ age: before, visitor }) => {
            const seconds = typeof before === 'number' ? before : before[0] * 86_400 + before[1]
            return { at: midnight - seconds * 1_000, visitor }
          })
          const counts = PERIODS.map((period) => {
            const { from, to, closesAt } = resolveWindow({ period }, name, at)
            const opensAt = startOfDay(name, from)
            const inside = visits.filter((one) => one.at >= opensAt && one.at < closesAt)
            const days = daysByLuxon(period, name, at)
            const byHand = visits.filter((one) => {
              const day = DateTime.fromMillis(one.at, { zone: name }).toISODate() ?? ''
              return day >= days.from && day <= days.to
            })
            expect({ from, to }).toEqual(days)
            expect(inside).toEqual(byHand)
            return new Set(inside.map(({ visitor }) => visitor)).size
          })
          expect(counts).toEqual(counts.toSorted((a, b) => a - b))
        },
      ),
      { numRuns: 10_000 },
    )
  })
})

describe('the calendar', () => {
  it.each([
    ['2026-08-31', 6, '2026-02-28'],
    ['2024-08-31', 6, '2024-02-29'],
    ['2024-02-29', 12, '2023-02-28'],
    ['2026-03-01', 6, '2025-09-01'],
    ['2026-01-15', 12, '2025-01-15'],
    ['2026-05-31', 6, '2025-11-30'],
  ] as const)('%s, %d months before: %s', (day, months, result) => {
    expect(subtractMonths(day, months)).toBe(result)
  })

  it('the window before: ends the day before and has as many days', () => {
    const day = fc.integer({ min: 0, max: 30_000 }).map((days) => addDays('1990-01-01', days))
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 2_000 }), (from, more) => {
        const window = { from, to: addDays(from, more) }
        const before = windowBefore(window)
        expect(daysIn(window)).toBe(more + 1)
        expect(daysIn(before)).toBe(more + 1)
        expect(addDays(before.to, 1)).toBe(from)
      }),
    )
  })

  it.each([
    ['2026-02-28', true],
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['2026-1-1', false],
    ['2026-01-01T00:00', false],
    ['+026-01-01', false],
    ['', false],
  ])('isDay(%j): %s', (text, expected) => {
    expect(isDay(text)).toBe(expected)
  })

  it.each([
    ['Europe/Paris', true],
    ['UTC', true],
    ['Mars/Olympus', false],
    ['', false],
  ])('isTimeZone(%j): %s', (text, expected) => {
    expect(isTimeZone(text)).toBe(expected)
  })
})
