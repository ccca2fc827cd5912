// Series over time: one point per bucket, the empty ones included.

import type { Interval, StatsRow } from './analytics-store.ts'
import type { Metric } from './figures.ts'
import { addDays, daysIn, type Window } from './windows.ts'

/** The first day of a bucket and the metrics counted in it, in the query's order. */
export type SeriesPoint = readonly [date: string, ...values: number[]]

/** One point for each label, zeros if the store has no row. */
export function fillGaps(
  labels: readonly string[],
  rows: readonly StatsRow[],
  metricCount: number,
): SeriesPoint[] {
  const byTime = new Map(rows.map((row) => [row.time, row.metrics]))
  const zeros = Array<number>(metricCount).fill(0)
  return labels.map((label) => [label, ...(byTime.get(label) ?? zeros)])
}

/** Metrics by their names, as a response holds them. */
export function namedMetrics(metrics: readonly Metric[], values: readonly number[]): Record<string, number> {
  return Object.fromEntries(metrics.map((metric, index) => [metric, values[index] ?? 0]))
}

/** A point as a response holds it: `{"date", ...}` with each metric by its name. */
export function namedPoint<Name extends Metric>(
  metrics: readonly Name[],
  [date, ...values]: SeriesPoint,
): { date: string } & Record<Name, number> {
  return Object.assign({ date }, namedMetrics(metrics, values) as Record<Name, number>)
}

const LEAST_BUCKET_DAYS: Record<Interval, number> = { day: 1, week: 7, month: 28 }

/** The most buckets in a window. Weeks and months at its edges count as whole ones. */
export function mostBuckets(window: Window, interval: Interval): number {
  const days = daysIn(window)
  return interval === 'day' ? days : Math.ceil(days / LEAST_BUCKET_DAYS[interval]) + 1
}

/**
 * The buckets of a window in order. Weeks begin on Monday, except the first, which begins with the window. A month is named by its first
 * day, and `from` and `to` are those of its days that are in the window.
 */
export function bucketsOf({ from, to }: Window, interval: Interval): (Window & { label: string })[] {
  const buckets: (Window & { label: string })[] = []
  for (let day = from; day <= to; day = addDays(buckets.at(-1)?.to ?? to, 1)) {
    const end = lastDayOf(day, interval)
    buckets.push({
      label: interval === 'month' ? `${day.slice(0, 7)}-01` : day,
      from: day,
      to: end < to ? end : to,
    })
  }
  return buckets
}

function lastDayOf(day: string, interval: Interval): string {
  if (interval === 'day') return day
  const date = new Date(`${day}T00:00:00Z`)
  if (interval === 'week') return addDays(day, (7 - date.getUTCDay()) % 7)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).toISOString().slice(0, 10)
}
