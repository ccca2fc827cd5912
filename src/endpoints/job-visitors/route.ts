// GET /analytics/jobs: how many people visited each of these jobs over a period.

import { mostBuckets, namedPoint } from '../../analytics/series.ts'
import type { RequestedWindow, ResolvedWindow } from '../../analytics/windows.ts'
import { type RequestedJob, toRequestedJob } from '../../directory/requested-jobs.ts'
import { rejectProblems } from '../../http/errors.ts'
import { parseParameters } from '../../http/query-parameters.ts'
import type { AppContext } from '../../request/app-env.ts'
import { authenticateAndAdmit } from '../../request/authenticate-and-admit.ts'
import { authorizeDomain, authorizeJobs } from '../../request/authorize.ts'
import { cachedQuery } from '../../request/cached-query.ts'
import { identifyCaller } from '../../request/caller.ts'
import { formatOf, respondAs } from '../../request/respond.ts'
import type { Services } from '../../services.ts'
import {
  JOB_METRICS,
  type JobFigures,
  jobFiguresCost,
  jobKeyPrefix,
  jobRequests,
  parseJobFigures,
  pick,
  readJobFigures,
} from '../job-figures.ts'
import { metricsProblems } from '../metrics-problems.ts'
import { rejectUnsupported } from '../reject-unsupported.ts'
import { requestedWindow, windowIn, windowMeta, windowName, windowProblems } from '../window-parameters.ts'
import { type JobVisitorsQuery, jobVisitorsParameters } from './parameters.ts'
import type { JobVisitorsResponse } from './response.ts'
import { jobVisitorsTable } from './table.ts'

/** The handler. */
export function jobVisitors(services: Services) {
  const { directory, store } = services
  return async function jobVisitors(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifyCaller(c.req.raw, request, services)
    const query = parseParameters(jobVisitorsParameters, c.req.queries())
    const metrics = metricsOf(query)
    rejectProblems([...windowProblems(query), ...metricsProblems(metrics, services)])
    const { interval } = query
    const requested = requestedWindow(query)
    const jobs = query.jobIds.map(toRequestedJob)
    const keyPrefix = jobKeyPrefix(windowName(requested), metrics, interval)
    const cacheKeys = jobs.map(({ id }) => keyPrefix + id)
    request.log({ jobs: jobs.length, window: windowName(requested), ...(interval && { interval }) })

    const ids = jobs.map(({ id }) => id)
    const { found, arrival } = await authenticateAndAdmit(request, services, {
      caller,
      cacheKeys,
      lookUp: () => directory.findJobPaths(caller, ids, request.signal),
    })

    const { site } = authorizeDomain(found.organization)
    const ownJobs = authorizeJobs(jobs, ({ id }, index) => {
      const paths = found.paths[index]
      return paths ? { id, paths } : undefined
    })
    const window = windowIn(found.organization.timeZone, requested, services.now())
    rejectTooManyPoints(query, window, store.maxPoints)
    const statsQuery = { metrics, window, ...(interval && { interval }) }
    rejectUnsupported(services, site, jobRequests(statsQuery, ownJobs), 'jobIds')

    const figures = await cachedQuery(
      {
        organization: found.organization,
        site,
        window,
        cacheKeys,
        cached: arrival.cached,
        parse: parseJobFigures,
        read: (indexes) => readJobFigures(services, request, site, statsQuery, pick(ownJobs, indexes)),
        cost: (indexes) => jobFiguresCost(services, site, statsQuery, pick(ownJobs, indexes)),
        lock: keyPrefix + found.organization.id,
      },
      arrival,
      request,
      services,
    )
    const served = { ...window, ...request.servedWindow }
    return respondAs(c, formatOf(c, query), toResponse(query, jobs, figures, requested, served), {
      toTable: (body) => jobVisitorsTable(body, metrics),
      fileName: `job-visitors-${served.from}-${served.to}.csv`,
    })
  }
}

/** Visitors are always counted, since the other figures are compared with them. */
function metricsOf({ metrics }: JobVisitorsQuery) {
  return JOB_METRICS.filter((metric) => metric === 'visitors' || metrics?.includes(metric))
}

function rejectTooManyPoints(
  { jobIds, interval }: JobVisitorsQuery,
  window: ResolvedWindow,
  maxPoints: number,
): void {
  if (interval === undefined) return
  const most = Math.floor(maxPoints / mostBuckets(window, interval))
  if (jobIds.length <= most) return
  const message = `A series by ${interval} over these days takes at most ${most} jobs per request. Split the list.`
  rejectProblems([{ parameter: 'interval', message }])
}

function toResponse(
  query: JobVisitorsQuery,
  jobs: readonly RequestedJob[],
  figures: readonly (JobFigures | undefined)[],
  requested: RequestedWindow,
  window: ResolvedWindow,
): JobVisitorsResponse {
  const { interval } = query
  const metrics = metricsOf(query)
  const perJob = <Value>(select: (figures: JobFigures | undefined) => Value) =>
    Object.fromEntries(jobs.map(({ asWritten }, index) => [asWritten, select(figures[index])]))
  const totals = metrics.map((metric, i) => [metric, perJob((job) => job?.totals[i] ?? 0)])
  const series = interval && perJob((job) => (job?.series ?? []).map((point) => namedPoint(metrics, point)))
  const { period, ...days } = windowMeta(requested, window)
  // A request for visitors over one of the four periods has the response of the contract, and nothing more.
  const isPlain = period !== undefined && period !== 'today' && !query.metrics && !interval
  return {
    data: { ...Object.fromEntries(totals), ...(series && { series }) },
    meta: {
      ...(period && { period }),
      total_jobs: jobs.length,
      ...(interval && { interval }),
      ...(!isPlain && days),
    },
  }
}
