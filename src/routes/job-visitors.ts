// GET /analytics/jobs: how many people visited each of these jobs over a period.

import {
  JOB_METRICS,
  type JobMetric,
  type JobVisitorsQuery,
  jobVisitorsQuery,
  type ParameterProblem,
} from '../contract.ts'
import { type RequestedJob, toRequestedJob } from '../domain/job-ids.ts'
import { mostBuckets, namedPoint } from '../domain/series.ts'
import type { Endpoint, Plan } from '../request/endpoint.ts'
import { pick } from '../request/reading.ts'
import type { OwnedJob } from '../services.ts'
import { type JobFigures, jobKeyPrefix, parseJobFigures, readJobs } from './job-figures.ts'

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
    const jobs = query.jobIds.map(toRequestedJob)
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
    const ownedById = new Map<string, OwnedJob>()
    for (const job of owned) ownedById.set(job.id, job)
    const inOrder: OwnedJob[] = []
    const denied: string[] = []
    for (const { id, asWritten } of jobs) {
      const job = ownedById.get(id)
      if (job) inOrder.push(job)
      else denied.push(asWritten)
    }
    if (denied.length > 0) return { code: 'job_access_denied', jobIds: denied }
    const site = organization.domain
    const { period, interval } = query
    const question = { metrics, range: period, ...(interval && { interval }) }
    return {
      site,
      cacheKeys,
      parse: parseJobFigures,
      refreshName: `${keyPrefix}${organization.id}`,
      query: (positions) => readJobs(store, site, question, pick(inOrder, positions)),
    }
  },

  answer({ query, metrics, jobs }, _rows, values) {
    const figures = jobs.map(({ asWritten }, index) => [asWritten, values[index]] as const)
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
