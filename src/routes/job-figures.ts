// The figures of single jobs as they are read and cached, whichever endpoint tells them.

import type { JobMetric } from '../contract.ts'
import { fillGaps, isSeries, type SeriesPoint } from '../domain/series.ts'
import type { StatsQuestion } from '../domain/stats-question.ts'
import type { AnalyticsStore, Organization, OwnedJob, StoreAnswer } from '../services.ts'

/** The figures of one job, in the order of the metrics asked for. */
export interface JobFigures {
  totals: readonly number[]
  series?: readonly SeriesPoint[]
}

/** What the cache keys of jobs begin with; a job's ID follows. */
export function jobKeyPrefix(period: string, metrics: readonly JobMetric[], interval?: string): string {
  const form = [...metrics, ...(interval ? [interval] : [])].join('+')
  return `jobs:${form}:${period}:`
}

/** Cached figures of a job, checked. */
export function parseJobFigures(cached: unknown): JobFigures | undefined {
  if (typeof cached !== 'object' || cached === null || !('totals' in cached)) return undefined
  const { totals } = cached
  if (!Array.isArray(totals) || !totals.every((value) => typeof value === 'number')) return undefined
  if (!('series' in cached)) return { totals }
  return isSeries(cached.series) ? { totals, series: cached.series } : undefined
}

/** Reads the figures of these jobs, in their order: one query, and one more when a series is wanted. */
export async function readJobs(
  store: AnalyticsStore,
  site: NonNullable<Organization['domain']>,
  { interval, ...question }: StatsQuestion,
  jobs: readonly OwnedJob[],
): Promise<StoreAnswer<JobFigures[]>> {
  const grouped: StatsQuestion = { ...question, groupBy: 'job', jobFilters: [{ isNegated: false, jobs }] }
  const [totals, series] = await Promise.all([
    store.ask(site, grouped),
    interval ? store.ask(site, { ...grouped, interval }) : undefined,
  ])
  if (!totals.ok) return totals
  if (series && !series.ok) return series
  const byJob = new Map<string | undefined, readonly number[]>()
  for (const { group, metrics } of totals.value.rows) byJob.set(group, metrics)
  const zeros = Array<number>(question.metrics.length).fill(0)
  const seriesByJob = series && Map.groupBy(series.value.rows, ({ group }) => group)
  const labels = series?.value.labels ?? []
  const value = jobs.map(({ id }): JobFigures => {
    const totals = byJob.get(id) ?? zeros
    if (!seriesByJob) return { totals }
    return { totals, series: fillGaps(labels, seriesByJob.get(id) ?? [], question.metrics.length) }
  })
  return { ok: true, value }
}
