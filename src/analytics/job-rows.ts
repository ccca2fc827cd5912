// Figures by job, out of rows by what the store holds for jobs: their pages or their IDs.

import type { JobKey, StatsJob, StatsRow } from './analytics-store.ts'
import type { Metric } from './figures.ts'

/** What the store holds for a job, each once. */
export function keysOfJob(job: StatsJob, jobKey: JobKey): readonly string[] {
  return jobKey === 'path' ? [...new Set(job.paths)] : [job.id]
}

/** The form of a key that is compared: trackers may send an ID in upper or lower case. */
export function foldKey(key: string, jobKey: JobKey): string {
  return jobKey === 'path' ? key : key.toLowerCase()
}

const RATES: readonly Metric[] = ['bounce_rate', 'visit_duration', 'views_per_visit']

/** Whether a metric is a rate, so that the figures of a job's pages must not be summed. */
export function isRate(metric: Metric | undefined): boolean {
  return metric !== undefined && RATES.includes(metric)
}

/** The rows by job, the largest first: the sum of a job's pages, and the rates of its first page. Jobs without a row are left out. */
export function sumByJob(
  rows: readonly StatsRow[],
  metrics: readonly Metric[],
  jobs: readonly StatsJob[],
  jobKey: JobKey,
): StatsRow[] {
  const owners = new Map<string, { id: string; isFirst: boolean }[]>()
  for (const job of jobs) {
    for (const [index, key] of keysOfJob(job, jobKey).entries()) {
      const owner = { id: job.id, isFirst: index === 0 }
      const known = owners.get(key)
      if (known) known.push(owner)
      else owners.set(key, [owner])
    }
  }
  const sums = new Map<string, StatsRow>()
  for (const { group = '', time, metrics: values } of rows) {
    for (const { id, isFirst } of owners.get(foldKey(group, jobKey)) ?? []) {
      const key = time === undefined ? id : JSON.stringify([id, time])
      const sum = sums.get(key)
      const combined = sum === undefined ? values : combine(metrics, sum.metrics, values, isFirst)
      sums.set(key, { group: id, ...(time !== undefined && { time }), metrics: combined })
    }
  }
  return [...sums.values()].sort((a, b) => (b.metrics[0] ?? 0) - (a.metrics[0] ?? 0) || compare(a, b))
}

function combine(
  metrics: readonly Metric[],
  sums: readonly number[],
  values: readonly number[],
  isFirst: boolean,
): number[] {
  return values.map((value, i) => {
    const sum = sums[i] ?? 0
    if (!isRate(metrics[i])) return sum + value
    return isFirst ? value : sum
  })
}

function compare(a: StatsRow, b: StatsRow): number {
  return (a.group ?? '') < (b.group ?? '') ? -1 : 1
}
