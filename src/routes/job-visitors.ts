// GET /analytics/jobs: how many people visited each of these jobs over a period.

import type { ParameterProblem } from '../answers/parameter-problem.ts'
import { JOB_METRICS, type JobMetric, type JobVisitorsQuery, jobVisitorsQuery } from '../contract.ts'
import { type RequestedJob, toRequestedJob } from '../domain/job-ids.ts'
import { mostBuckets, namedPoint } from '../domain/series.ts'
import type { Endpoint, Plan } from '../request/endpoint.ts'
import { pick } from '../request/reading.ts'
import type { JobPaths } from '../services.ts'
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

export const jobVisitors: Endpoint<JobVisitorsQuery, JobVisitorsPlan, JobPaths, JobFigures> = {
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
    directory.jobPaths(
      keyHash,
      jobs.map(({ id }) => id),
    ),

  read({ query, metrics, jobs, keyPrefix, cacheKeys }, organization, paths, { store }) {
    if (organization.domain === undefined) return { code: 'domain_not_verified' }
    const denied = jobs.filter((_, place) => typeof paths[place] !== 'string')
    if (denied.length > 0) {
      return { code: 'job_access_denied', jobIds: denied.map(({ asWritten }) => asWritten) }
    }
    const site = organization.domain
    const owned = () => jobs.map(({ id }, place) => ({ id, path: paths[place] ?? '' }))
    const { period, interval } = query
    const question = { metrics, range: period, ...(interval && { interval }) }
    return {
      site,
      cacheKeys,
      parse: parseJobFigures,
      refreshName: `${keyPrefix}${organization.id}`,
      query: (positions) => readJobs(store, site, question, pick(owned(), positions)),
    }
  },

  answer({ query, metrics, jobs }, _rows, values) {
    const perJob = <Told>(tell: (figures: JobFigures | undefined) => Told): Record<string, Told> => {
      const told: Record<string, Told> = {}
      for (const [place, { asWritten }] of jobs.entries()) told[asWritten] = tell(values[place])
      return told
    }
    const data: Record<string, unknown> = {}
    for (const [index, metric] of metrics.entries()) {
      data[metric] = perJob((figures) => figures?.totals[index] ?? 0)
    }
    if (query.interval) {
      data['series'] = perJob((figures) => figures?.series?.map((point) => namedPoint(metrics, point)) ?? [])
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
