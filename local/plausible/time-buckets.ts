// Hours, days, weeks and months in the site's time zone: as SQL over UTC epoch seconds, and as labels.
import { DateTime } from 'luxon'
import type { DateRange } from './date-range.ts'
import { joinSql, type SqlFragment, sql } from './sql-fragment.ts'

/** A time dimension with its length decided. */
export type TimeDimension = (typeof TIME_DIMENSIONS)[number]

const TIME_DIMENSIONS = ['time:hour', 'time:day', 'time:week', 'time:month'] as const

const HOUR = 3600
const DAY = 24 * HOUR

/** Whether rows of this dimension are buckets of time. */
export function isTimeDimension(name: string): name is TimeDimension {
  return TIME_DIMENSIONS.some((dimension) => dimension === name)
}

/** Returns the dimension that Plausible uses for `time`: the longer the range, the longer the buckets. */
export function resolveTimeDimension({ first, last }: DateRange): TimeDimension {
  const seconds = last - first
  if (Math.floor(seconds / HOUR) <= 48) return 'time:hour'
  if (Math.floor(seconds / DAY) <= 40) return 'time:day'
  return Math.floor(seconds / (7 * DAY)) <= 52 ? 'time:week' : 'time:month'
}

/** SQL for the bucket of an instant within the range: epoch seconds for hours, a local date for the rest. */
export function bucketSql(dimension: TimeDimension, instant: SqlFragment, range: DateRange): SqlFragment {
  const offset = offsetSql(instant, range)
  const local = sql`(${instant} + ${offset})`
  const day = sql`(${local} / 86400)`
  switch (dimension) {
    case 'time:hour':
      return sql`(${local} / 3600 * 3600 - ${offset})`
    case 'time:day':
      return sql`date(${local}, 'unixepoch')`
    case 'time:week': {
      // Day 0 was a Thursday. If the range does not begin on a Monday, its first week begins with the range.
      const monday = sql`(${day} - (${day} + 3) % 7)`
      return sql`date(max(${monday}, cast(${localDay(range.first, range)} as integer)) * 86400, 'unixepoch')`
    }
    case 'time:month':
      return sql`strftime('%Y-%m-01', ${local}, 'unixepoch')`
  }
}

/** A bucket's label: `2026-01-31`, or `2026-01-31 09:00:00` for an hour. */
export function labelOfBucket(dimension: TimeDimension, bucket: string | number, range: DateRange): string {
  if (dimension !== 'time:hour') return String(bucket)
  return DateTime.fromSeconds(Number(bucket), { zone: range.zone }).toFormat('yyyy-MM-dd HH:mm:ss')
}

/** Returns all labels of the range in order, as for `include.time_labels`; hours are those of the wall clock. */
export function timeLabels(dimension: TimeDimension, range: DateRange): string[] {
  const firstDay = localDay(range.first, range)
  const lastDay = localDay(range.last, range)
  if (dimension === 'time:hour') return hourLabels(range)
  if (dimension === 'time:month') return monthLabels(firstDay, lastDay)
  const days = Array.from({ length: lastDay - firstDay + 1 }, (_, index) => firstDay + index)
  if (dimension === 'time:day') return days.map(dateOfDay)
  return days.filter((day) => day === firstDay || (day + 3) % 7 === 0).map(dateOfDay)
}

function hourLabels(range: DateRange): string[] {
  const start = DateTime.fromSeconds(range.first, { zone: range.zone }).startOf('hour')
  const count = Math.floor((range.last - start.toSeconds()) / HOUR) + 1
  const wall = start.setZone('utc', { keepLocalTime: true })
  return Array.from({ length: count }, (_, hours) => wall.plus({ hours }).toFormat('yyyy-MM-dd HH:mm:ss'))
}

function monthLabels(firstDay: number, lastDay: number): string[] {
  const labels: string[] = []
  const last = DateTime.fromSeconds(lastDay * DAY, { zone: 'utc' })
  let month = DateTime.fromSeconds(firstDay * DAY, { zone: 'utc' }).startOf('month')
  for (; month <= last; month = month.plus({ months: 1 })) labels.push(month.toFormat('yyyy-MM-dd'))
  return labels
}

function dateOfDay(day: number): string {
  return new Date(day * DAY * 1000).toISOString().slice(0, 10)
}

function localDay(instant: number, { zone }: DateRange): number {
  return Math.floor((instant + offsetAt(instant, zone)) / DAY)
}

// Writes the zone's offset as a `case` over its changes within the range, because SQLite has no time zones.
function offsetSql(instant: SqlFragment, { first, last, zone }: DateRange): SqlFragment {
  const changes: SqlFragment[] = []
  let offset = offsetAt(first, zone)
  for (let from = first; from < last; from += DAY) {
    const until = Math.min(from + DAY, last)
    const next = offsetAt(until, zone)
    if (next === offset) continue
    changes.push(sql`when ${instant} < ${changeBetween(from, until, zone)} then cast(${offset} as integer)`)
    offset = next
  }
  const rest = sql`cast(${offset} as integer)`
  return changes.length === 0 ? rest : sql`(case ${joinSql(changes, ' ')} else ${rest} end)`
}

function changeBetween(from: number, until: number, zone: string): number {
  const before = offsetAt(from, zone)
  let [low, high] = [from, until]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle, zone) === before) low = middle
    else high = middle
  }
  return high
}

function offsetAt(instant: number, zone: string): number {
  return DateTime.fromSeconds(instant, { zone }).offset * 60
}
