// GET /analytics/site: the figures of the whole site, grouped, over time, filtered and compared.

import { type FiguresRequest, figuresCost } from '../../analytics/figures.ts'
import { type RequestedWindow, type ResolvedWindow, windowBefore } from '../../analytics/windows.ts'
import type { JobRanking, OwnedJob } from '../../directory/directory.ts'
import { digestOf } from '../../http/digest.ts'
import { type ParameterProblem, rejectProblems } from '../../http/errors.ts'
import { parseParameters } from '../../http/query-parameters.ts'
import type { Format } from '../../http/response-format.ts'
import type { AppContext } from '../../request/app-env.ts'
import { authenticateAndAdmit } from '../../request/authenticate-and-admit.ts'
import { authorizeDomain, authorizeJobs } from '../../request/authorize.ts'
import { cachedQuery } from '../../request/cached-query.ts'
import { identifyCaller } from '../../request/caller.ts'
import { lookUpAgain } from '../../request/look-up-again.ts'
import { formatOf, respondAs } from '../../request/respond.ts'
import type { Services } from '../../services.ts'
import { type CountedJobsRequest, countedRequest } from '../counted-jobs.ts'
import { pick } from '../job-figures.ts'
import { metricsProblems } from '../metrics-problems.ts'
import { rejectUnsupported } from '../reject-unsupported.ts'
import {
  logTimeZoneMismatch,
  requestedWindow,
  windowIn,
  windowName,
  windowProblems,
} from '../window-parameters.ts'
import { parseSiteFigures, readJobGroups, readSiteFigures, type SiteRequests } from './figures.ts'
import { parseSiteFilters, type SiteFilters } from './filters.ts'
import { type SiteAnalyticsQuery, siteAnalyticsParameters } from './parameters.ts'
import { type Slice, toResponse } from './site-response.ts'
import { siteTable } from './table.ts'

/** The parts of a response. Each is cached separately, and all are queried at once. */
export const PARTS = ['totals', 'groups', 'series'] as const
/** A part of a response. */
export type SitePart = (typeof PARTS)[number]

const DEFAULT_LIMIT = 100

/** The handler. */
export function siteAnalytics(services: Services) {
  const { directory, store } = services
  return async function siteAnalytics(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifyCaller(c.req.raw, request, services)
    const query = parseParameters(siteAnalyticsParameters, c.req.queries())
    const filters = parseSiteFilters(query)
    const format = formatOf(c, query)
    rejectProblems([
      ...filters.problems,
      ...windowProblems(query),
      ...metricsProblems(query.metrics, services),
      ...problemsOf(query, filters, store),
      ...tableProblems(query, format),
    ])
    const slice = sliceOf(query)
    const requested = requestedWindow(query)
    const { group_by: groupBy, interval } = query
    const parts = PARTS.filter(
      (part) => part === 'totals' || (part === 'groups' ? slice !== undefined : interval !== undefined),
    )
    const cacheKeys = await cacheKeysOf(caller.cacheId, query, requested, filters, slice, parts)
    request.log({
      window: windowName(requested),
      metrics: query.metrics,
      ...(groupBy && { group_by: groupBy }),
      ...(interval && { interval }),
    })

    const requestedJobs = filters.jobFilters.flatMap(({ jobs }) => jobs)
    const isAllJobs = groupBy === 'job' && !filters.jobFilters.some(({ isNegated }) => !isNegated)
    const { found, arrival } = await authenticateAndAdmit(request, services, {
      caller,
      cacheKeys,
      lookUp: () =>
        directory.findSiteJobs(
          caller,
          requestedJobs.map(({ id }) => id),
          isAllJobs,
          request.signal,
        ),
    })

    const { domain, site } = authorizeDomain(found.organization)
    const ownJobs = new Map(found.named.map((job) => [job.id, job]))
    authorizeJobs(requestedJobs, ({ id }) => ownJobs.get(id))

    const window = windowIn(found.organization.timeZone, requested, services.now())
    const base = baseRequest(query, window, filters, ownJobs)
    const ofJobs: CountedJobsRequest = { ...base, sizedBy: 'limit' }
    const requests: Record<SitePart, SiteRequests> = {
      totals: query.compare ? [base, { ...base, window: windowBefore(base.window) }] : [base],
      groups: [isAllJobs ? countedRequest(services, ofJobs) : { ...base, ...grouped(groupBy, slice) }],
      series: [{ ...base, ...(interval && { interval }) }],
    }
    const requestsOf = (some: readonly SitePart[]) => some.flatMap((part) => [...requests[part]])
    rejectUnsupported(services, site, requestsOf(parts), requestedJobs.length > 0 ? 'job' : 'interval')
    const { jobsVersion } = found
    const rankJobs = (ranking: JobRanking) =>
      lookUpAgain(request, () =>
        directory.rankJobs(caller, ranking, slice ?? { limit: 0, offset: 0 }, request.signal),
      )
    const figures = await cachedQuery(
      {
        organization: found.organization,
        site,
        window,
        cacheKeys,
        cached: arrival.cached,
        parse: (cached) => parseSiteFigures(cached, jobsVersion),
        read: (indexes, spend) =>
          Promise.all(
            pick(parts, indexes).map((part) =>
              part === 'groups' && isAllJobs
                ? readJobGroups(services, request, site, ofJobs, rankJobs, jobsVersion, spend)
                : readSiteFigures(services, request, site, requests[part]),
            ),
          ),
        cost: (indexes) => figuresCost(store, site, requestsOf(pick(parts, indexes)), services.applyEvent),
        lock: `${cacheKeys[0]}:${found.organization.id}`,
      },
      arrival,
      request,
      services,
    )
    const figuresOf = (part: SitePart) => figures[parts.indexOf(part)]
    const jobs = figuresOf('groups')?.ranked?.jobs ?? found.named
    logTimeZoneMismatch(request, figuresOf('totals')?.stats.to, window)
    const served = { ...window, ...request.servedWindow }
    const body = toResponse(query, filters, slice, figuresOf, { requested, window: served, domain, jobs })
    const fileName = `site-analytics-${served.from}-${served.to}.csv`
    return respondAs(c, format, body, { toTable: siteTable, fileName })
  }
}

function sliceOf({ group_by, limit = DEFAULT_LIMIT, offset = 0 }: SiteAnalyticsQuery): Slice | undefined {
  return group_by === undefined ? undefined : { limit, offset }
}

/** One for each part. Each API key has its own cache keys, since its owner is known only after hop 1. */
function cacheKeysOf(
  cacheId: string,
  { metrics, compare, group_by, interval }: SiteAnalyticsQuery,
  requested: RequestedWindow,
  { echo }: SiteFilters,
  slice: Slice | undefined,
  parts: readonly SitePart[],
): Promise<string[]> {
  const details = { totals: [compare], groups: [group_by, slice], series: [interval] }
  return Promise.all(
    parts.map(async (part) => {
      const name = JSON.stringify([requested, metrics, echo, part, details[part]])
      return `site:${cacheId}:${await digestOf(name)}`
    }),
  )
}

function baseRequest(
  { metrics }: SiteAnalyticsQuery,
  { from, to }: ResolvedWindow,
  { filters, jobFilters: requested }: SiteFilters,
  ownJobs: ReadonlyMap<string, OwnedJob>,
): FiguresRequest {
  const jobFilters = requested.map(({ isNegated, jobs }) => ({
    isNegated,
    jobs: jobs.flatMap(({ id }) => ownJobs.get(id) ?? []),
  }))
  return { metrics, window: { from, to }, filters, jobFilters }
}

function grouped(groupBy: SiteAnalyticsQuery['group_by'], slice: Slice | undefined) {
  return { ...(groupBy && { groupBy }), ...(slice && { slice }) }
}

function problemsOf(
  query: SiteAnalyticsQuery,
  { filters, jobFilters }: SiteFilters,
  store: Services['store'],
): ParameterProblem[] {
  const { metrics, group_by: groupBy, interval, limit, offset } = query
  const problems: ParameterProblem[] = []
  const add = (parameter: string, message: string) => problems.push({ parameter, message })
  if (limit !== undefined && !groupBy) add('limit', '`limit` requires `group_by`.')
  if (offset !== undefined && !groupBy) add('offset', '`offset` requires `group_by`.')
  const base = {
    metrics: metrics.filter((metric) => metric !== 'applications' && metric !== 'application_rate'),
    filters,
    jobFilters: jobFilters.map(({ isNegated }) => ({ isNegated, jobs: [] })),
  }
  const refusals = [
    store.whyUnsupported(base),
    ...(groupBy ? [store.whyUnsupported({ ...base, ...grouped(groupBy, sliceOf(query)) })] : []),
    ...(interval ? [store.whyUnsupported({ ...base, interval })] : []),
  ].flatMap((refusal) => refusal ?? [])
  for (const [message, about] of new Map(refusals.map((refusal) => [refusal.message, refusal.about]))) {
    add(about, message)
  }
  return problems
}

function tableProblems(
  { group_by: groupBy, interval }: SiteAnalyticsQuery,
  format: Format,
): ParameterProblem[] {
  if (format === 'json' || groupBy === undefined || interval === undefined) return []
  const message = 'A CSV file holds groups or a series: leave out `group_by` or `interval`.'
  return [{ parameter: 'interval', message }]
}
