// GET /analytics/jobs: how many people visited each of these jobs over a period.

import {
  JOB_METRICS,
  type JobMetric,
  type JobVisitorsQuery,
  jobVisitorsQuery,
  type ParameterProblem,
} from '../contract.ts'
import { distinctJobs, type RequestedJob } from '../domain/job-ids.ts'
import { fillGaps, isSeries, mostBuckets, namedPoint, type SeriesPoint } from '../domain/series.ts'
import type { StatsQuestion } from '../domain/stats-question.ts'
import type { Endpoint, Plan } from '../request/endpoint.ts'
import type { AnalyticsStore, Organization, OwnedJob, StoreAnswer } from '../services.ts'

/** The figures of one job, in the order of the metrics asked for. */
export interface JobFigures {
  totals: readonly number[]
  series?: readonly SeriesPoint[]
}

interface JobVisitorsPlan extends Plan {
  query: JobVisitorsQuery
  metrics: readonly JobMetric[]
  jobs: readonly RequestedJob[]
  /** What the cache keys of this period, these metrics and this interval begin with. */
  keyPrefix: string
}

/** The most rows the store gives in one answer, and so the most points of a request's series. */
const MAX_ROWS = 10_000

export const jobVisitors: Endpoint<JobVisitorsQuery, JobVisitorsPlan, OwnedJob[], JobFigures> = {
  query: jobVisitorsQuery,

  plan(query) {
    const jobs = distinctJobs(query.jobIds)
    const { period, interval } = query
    // Visitors are always told; they are what the other figures are compared with.
    const metrics = JOB_METRICS.filter((metric) => metric === 'visitors' || query.metrics?.includes(metric))
    const keyPrefix = jobKeyPrefix(period, metrics, interval)
    return (
      tooManyPoints(query, jobs.length) ?? {
        query,
        metrics,
        jobs,
        keyPrefix,
        cacheKeys: jobs.map(({ id }) => keyPrefix + id),
        log: { jobs: jobs.length, period, ...(interval && { interval }) },
      }
    )
  },

  lookUp: (directory, keyHash, { jobs }) =>
    directory.ownedJobs(
      keyHash,
      jobs.map(({ id }) => id),
    ),

  read({ query, metrics, jobs, keyPrefix, cacheKeys }, organization, owned, { store }) {
    if (organization.domain === undefined) return { code: 'domain_not_verified' }
    const ownedIds = new Set(owned.map(({ id }) => id))
    const denied = jobs.filter(({ id }) => !ownedIds.has(id))
    if (denied.length > 0)
      return { code: 'job_access_denied', jobIds: denied.map(({ asWritten }) => asWritten) }
    const site = organization.domain
    const { period, interval } = query
    const question = { metrics, range: period, ...(interval && { interval }) }
    return {
      site,
      cacheKeys,
      parse: parseJobFigures,
      refreshName: `${keyPrefix}${organization.id}`,
      query: (keys) => readJobs(store, site, question, owned, keyPrefix, keys),
    }
  },

  answer({ query, metrics, jobs, keyPrefix }, _rows, values) {
    const figures = jobs.map(({ id, asWritten }) => [asWritten, values.get(keyPrefix + id)] as const)
    const data: Record<string, unknown> = {}
    for (const [index, metric] of metrics.entries()) {
      data[metric] = Object.fromEntries(figures.map(([id, job]) => [id, job?.totals[index] ?? 0]))
    }
    if (query.interval) {
      data['series'] = Object.fromEntries(
        figures.map(([id, job]) => [id, job?.series?.map((point) => namedPoint(metrics, point)) ?? []]),
      )
    }
    const meta = { period: query.period, total_jobs: jobs.length }
    return { body: { data, meta: query.interval ? { ...meta, interval: query.interval } : meta } }
  },
}

function tooManyPoints(
  { period, interval }: JobVisitorsQuery,
  jobCount: number,
): ParameterProblem[] | undefined {
  if (interval === undefined) return undefined
  const most = Math.floor(MAX_ROWS / mostBuckets(period, interval))
  if (jobCount <= most) return undefined
  const message = `A series by ${interval} over ${period} takes at most ${most} jobs a request; split the list.`
  return [{ parameter: 'interval', message }]
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

/** Reads the figures of the jobs behind these cache keys: one query, and one more when a series is wanted. */
export async function readJobs(
  store: AnalyticsStore,
  site: NonNullable<Organization['domain']>,
  { interval, ...question }: StatsQuestion,
  owned: readonly OwnedJob[],
  keyPrefix: string,
  keys: readonly string[],
): Promise<StoreAnswer<Map<string, JobFigures>>> {
  const wanted = new Set(keys)
  const jobs = owned.filter(({ id }) => wanted.has(keyPrefix + id))
  const grouped: StatsQuestion = { ...question, groupBy: 'job', jobFilters: [{ isNegated: false, jobs }] }
  const [totals, series] = await Promise.all([
    store.ask(site, grouped),
    interval ? store.ask(site, { ...grouped, interval }) : undefined,
  ])
  if (!totals.ok) return totals
  if (series && !series.ok) return series
  const byJob = new Map(totals.value.rows.map((row) => [row.group, row.metrics]))
  const zeros = Array<number>(question.metrics.length).fill(0)
  const seriesByJob = series && Map.groupBy(series.value.rows, ({ group }) => group)
  const labels = series?.value.labels ?? []
  const figures = jobs.map(({ id }): [string, JobFigures] => {
    const points = seriesByJob && fillGaps(labels, seriesByJob.get(id) ?? [], question.metrics.length)
    return [keyPrefix + id, { totals: byJob.get(id) ?? zeros, ...(points && { series: points }) }]
  })
  return { ok: true, value: new Map(figures) }
}
