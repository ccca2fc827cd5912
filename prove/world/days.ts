// Days of a time zone, computed by another library than the Worker's own code, so that one checks the other.

import { DateTime } from 'luxon'

/** First and last day (`YYYY-MM-DD`), both included. */
export interface Days {
  from: string
  to: string
}

/** The day in a time zone at a moment (epoch milliseconds), or a number of days before it. */
export function dayIn(zone: string, at: number, daysAgo = 0): string {
  return iso(DateTime.fromMillis(at, { zone }).minus({ days: daysAgo }))
}

/** Epoch seconds of a time of day. */
export function secondsAt(zone: string, day: string, hour: number, second = 0): number {
  return DateTime.fromISO(day, { zone }).set({ hour, second }).toSeconds()
}

/** The days of a named period at a moment: all but `today` end yesterday. */
export function daysOfPeriod(period: string, zone: string, at: number): Days {
  const today = DateTime.fromMillis(at, { zone }).startOf('day')
  if (period === 'today') return { from: iso(today), to: iso(today) }
  const length = Number.parseInt(period, 10)
  const first = today.minus(period.endsWith('mo') ? { months: length } : { days: length })
  return { from: iso(first), to: iso(today.minus({ days: 1 })) }
}

/** As many days just before. */
export function daysBefore({ from, to }: Days): Days {
  const first = DateTime.fromISO(from, { zone: 'UTC' })
  const length = DateTime.fromISO(to, { zone: 'UTC' }).diff(first, 'days').days + 1
  return { from: iso(first.minus({ days: length })), to: iso(first.minus({ days: 1 })) }
}

/** The first day of the day, week or month that a day belongs to, as a series names it: no week begins before `from`. */
export function bucketOf(day: string, interval: string, from: string): string {
  if (interval === 'day') return day
  const date = DateTime.fromISO(day, { zone: 'UTC' })
  if (interval === 'month') return iso(date.startOf('month'))
  const monday = iso(date.startOf('week'))
  return monday < from ? from : monday
}

/** The buckets of all days, in order. */
export function bucketsOf({ from, to }: Days, interval: string): string[] {
  const buckets = new Set<string>()
  for (let day = DateTime.fromISO(from, { zone: 'UTC' }); iso(day) <= to; day = day.plus({ days: 1 })) {
    buckets.add(bucketOf(iso(day), interval, from))
  }
  return [...buckets]
}

function iso(date: DateTime): string {
  return date.toFormat('yyyy-MM-dd')
}
