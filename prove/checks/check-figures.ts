// Compares the figures of a 200 with those counted by hand.

import * as z from 'zod/mini'
import { endpointOf, type RequestCase } from '../requests/request-case.ts'
import type { ReceivedResponse } from '../requests/send-case.ts'
import { bucketOf, bucketsOf, type Days, daysOfPeriod } from '../world/days.ts'
import { figuresOf, figuresOfJob, visitsOfJob } from '../world/expected-figures.ts'
import type { Tenant } from '../world/world.ts'
import { checkJobsCsv } from './check-csv.ts'
import { checkJobList } from './check-job-list.ts'
import { checkSite } from './check-site.ts'

const DEFAULT_PERIOD = '30d'

/** The differences, a sentence each; undefined if the response holds no figures to compare. */
export function checkFigures(
  tenant: Tenant,
  { target }: RequestCase,
  response: ReceivedResponse,
  { skewMs }: { skewMs: number },
): string[] | undefined {
  const url = URL.parse(target, 'http://localhost')
  if (url === null) return undefined
  const windows = windowsOf(tenant, url.searchParams, response, skewMs)
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/csv')) {
    const found = windows.map((days) => checkJobsCsv(tenant, response.body, days))
    return found.find((differences) => differences?.length === 0) ?? found[0]
  }
  if (!type.startsWith('application/json')) return undefined
  const body: unknown = JSON.parse(response.body)
  switch (endpointOf(target)) {
    case '/analytics/jobs':
      return checkJobs(tenant, url.searchParams, body, windows)
    case '/analytics/site':
      return checkSite(tenant, body, windows)
    case '/jobs':
      return checkJobList(tenant, url.searchParams, body, windows)
    default:
      return undefined
  }
}

/**
 * The days that a response may be about. A day may have turned during the request, and while the store is unavailable the figures of
 * the days before may stand in, which the response then names.
 */
function windowsOf(
  tenant: Tenant,
  search: URLSearchParams,
  response: ReceivedResponse,
  skewMs: number,
): Days[] {
  const [from, to] = [search.get('from'), search.get('to')]
  if (from !== null && to !== null) return [{ from, to }]
  const period = search.get('period') ?? DEFAULT_PERIOD
  const isOld = response.headers.get('cache-status')?.includes('store-unavailable') === true
  const moments = [response.sentAt, response.receivedAt, ...(isOld ? [response.sentAt - 86_400_000] : [])]
  return moments.map((at) => daysOfPeriod(period, tenant.timeZone, at + skewMs))
}

/** Whether a response names days that it may be about; where it names none, all of them are left. */
export function matchingWindows(
  windows: readonly Days[],
  meta: { from?: string | undefined; to?: string | undefined },
): Days[] {
  return windows.filter(({ from, to }) => (meta.from ?? from) === from && (meta.to ?? to) === to)
}

const figurePerJob = z.record(z.string(), z.number())
const jobVisitors = z.object({
  data: z.looseObject({ visitors: figurePerJob }),
  meta: z.object({
    total_jobs: z.number(),
    from: z.optional(z.string()),
    to: z.optional(z.string()),
    interval: z.optional(z.string()),
  }),
})
const series = z.record(z.string(), z.array(z.looseObject({ date: z.string() })))
const METRICS = ['visitors', 'pageviews', 'applications', 'application_rate']

function checkJobs(
  tenant: Tenant,
  search: URLSearchParams,
  body: unknown,
  windows: readonly Days[],
): string[] {
  const { data, meta } = jobVisitors.parse(body)
  const possible = matchingWindows(windows, meta)
  if (possible.length === 0)
    return [`the response is about ${meta.from}..${meta.to}, not ${describe(windows)}`]
  const differences = possible.map((days) => [
    ...jobDifferences(tenant, data, days),
    ...(meta.interval ? seriesDifferences(tenant, data['series'], days, meta.interval) : []),
  ])
  const written = new Set(
    [...search.getAll('jobIds'), ...search.getAll('jobIds[]')].flatMap((text) =>
      text.split(',').flatMap((id) => id.trim().toLowerCase() || []),
    ),
  )
  const given = Object.keys(data.visitors)
  const isEach = given.length === written.size && given.every((id) => written.has(id.toLowerCase()))
  return [
    ...(isEach && meta.total_jobs === written.size
      ? []
      : ['the jobs of the response are not those of the request']),
    ...(differences.find((list) => list.length === 0) ?? differences[0] ?? []),
  ]
}

function jobDifferences(tenant: Tenant, data: Record<string, unknown>, days: Days): string[] {
  return METRICS.flatMap((metric) => {
    const figures = figurePerJob.safeParse(data[metric]).data ?? {}
    return Object.entries(figures).flatMap(([id, value]) => {
      const expected = figuresOfJob(tenant, id, days)[metric]
      return value === expected
        ? []
        : [`${metric} of ${id} over ${describe([days])} is ${value}, not ${expected}`]
    })
  })
}

function seriesDifferences(tenant: Tenant, given: unknown, days: Days, interval: string): string[] {
  const buckets = bucketsOf(days, interval)
  return Object.entries(series.parse(given)).flatMap(([id, points]) => {
    if (points.map(({ date }) => date).join() !== buckets.join())
      return [`the series of ${id} has other dates`]
    const visits = visitsOfJob(tenant, id, days)
    const counted = Map.groupBy(visits, ({ day }) => bucketOf(day, interval, days.from))
    return points.flatMap(({ date, ...figures }) => {
      const expected = figuresOf(counted.get(date) ?? [])
      const wrong = Object.entries(figures).filter(([metric, value]) => value !== expected[metric])
      return wrong.map(
        ([metric, value]) => `${metric} of ${id} on ${date} is ${value}, not ${expected[metric]}`,
      )
    })
  })
}

/** Days in a sentence. */
export function describe(windows: readonly Days[]): string {
  return [...new Set(windows.map(({ from, to }) => `${from}..${to}`))].join(' or ')
}
