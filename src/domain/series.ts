// Series over time: one point a bucket, the empty ones included.

import type { Interval, Metric, Period, StatsRow } from './stats-question.ts'

/** The first day of a bucket and the metrics counted in it, in the question's order. */
export type SeriesPoint = readonly [date: string, ...values: number[]]

/** One point for each label, zeros where the store has no row. */
export function fillGaps(
  labels: readonly string[],
  rows: readonly StatsRow[],
  metricCount: number,
): SeriesPoint[] {
  const byTime = new Map(rows.map((row) => [row.time, row.metrics]))
  const zeros = Array<number>(metricCount).fill(0)
  return labels.map((label) => [label, ...(byTime.get(label) ?? zeros)])
}

/** Metrics by their names, as they go over the wire. */
export function namedMetrics(metrics: readonly Metric[], values: readonly number[]): Record<string, number> {
  return Object.fromEntries(metrics.map((metric, index) => [metric, values[index] ?? 0]))
}

/** A point as it goes over the wire: `{"date", ...}` with each metric by its name. */
export function namedPoint(
  metrics: readonly Metric[],
  point: SeriesPoint,
): { date: string } & Record<string, number> {
  const [date, ...values] = point
  return Object.assign({ date }, namedMetrics(metrics, values))
}

const DAYS: Record<Period, number> = { '7d': 7, '30d': 30, '6mo': 184, '12mo': 366 }
const BUCKET_DAYS: Record<Interval, number> = { day: 1, week: 7, month: 28 }

/** The most buckets a period can have; a period that begins or ends within a week or month counts both whole. */
export function mostBuckets(period: Period, interval: Interval): number {
  const days = DAYS[period]
  return interval === 'day' ? days : Math.ceil(days / BUCKET_DAYS[interval]) + 1
}

/** Whether this, out of the cache, is a series. */
export function isSeries(value: unknown): value is SeriesPoint[] {
  return Array.isArray(value) && value.every((point) => Array.isArray(point) && typeof point[0] === 'string')
}
