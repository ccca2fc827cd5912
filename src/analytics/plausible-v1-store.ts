// The analytics store over Plausible's Stats API v1 (https://plausible.io/docs/stats-api-v1), for servers that have no v2.

import * as z from 'zod/mini'
import { type Pingable, StoreError } from '../stores/store-error.ts'
import type { AnalyticsStore, StatsQuery, StatsResult, StatsRow } from './analytics-store.ts'
import { foldKey, sumByJob } from './job-rows.ts'
import { type PlausibleOptions, parseJson, plausibleClient, signalOf } from './plausible-client.ts'
import { type JobDimension, jobKeyOf } from './plausible-query.ts'
import { MAX_V1_ROWS, whyUnsupportedByV1 } from './plausible-v1-filters.ts'
import { keyFilter, keysOf, toV1Requests, type V1Request, v1Metrics } from './plausible-v1-query.ts'
import { bucketsOf } from './series.ts'

/**
 * The `AnalyticsStore` port over a Plausible server without v2. A query may take several requests. Its results hold no
 * moments, and groups end with the 1,000 most visited ones.
 */
export function plausibleV1Store(options: PlausibleOptions): AnalyticsStore & Pingable {
  const { jobDimension } = options
  const client = plausibleClient(options, { path: '/api/v1/stats/aggregate' })
  const requestsOf = (site: string, query: StatsQuery) => toV1Requests(options.url, site, query, jobDimension)
  return {
    maxRows: MAX_V1_ROWS,
    maxPoints: Number.POSITIVE_INFINITY,
    jobKey: jobKeyOf(jobDimension),
    ping: client.ping,
    whyUnsupported: (query) => whyUnsupportedByV1(query, jobDimension),
    costOf: (site, query) => requestsOf(site, query)?.length ?? Number.POSITIVE_INFINITY,

    async query(site, query, signal) {
      const requests = requestsOf(site, query)
      if (requests === undefined) throw new StoreError('too_large')
      const init = { signal: client.deadline(signal) }
      const rows = await Promise.all(
        requests.map(async (request) => rowsOf(await client.query(site, request.path, init), request, query)),
      )
      return toResult(rows.flat(), query, jobDimension)
    },

    signalOf,
  }
}

/** Null if there is nothing to divide by. */
const figure = z.nullable(z.number().check(z.nonnegative()))
const name = z.union([z.string(), z.number()])

/** The rows of a response, with the metrics that were requested. Throws `StoreError`. */
function rowsOf(
  text: string,
  { groupField, group, time, soughtKey }: V1Request,
  query: StatsQuery,
): StatsRow[] {
  const metrics = v1Metrics(query)
  const timeField = query.interval && time === undefined ? 'date' : undefined
  const names = [groupField, timeField].flatMap((field) => field ?? [])
  const row = z.object({
    ...Object.fromEntries(names.map((field) => [field, name])),
    ...Object.fromEntries(metrics.map((metric) => [metric, figure])),
  })
  const parsed = z.array(row).safeParse(recordsIn(parseJson(text)))
  if (!parsed.success) throw new StoreError('unusable')
  const rows = parsed.data.map((fields: Readonly<Record<string, string | number | null>>): StatsRow => {
    const of = groupField ? String(fields[groupField]) : group
    const at = timeField ? String(fields[timeField]) : time
    return {
      metrics: metrics.map((metric) => Number(fields[metric])),
      ...(of !== undefined && { group: of }),
      ...(at !== undefined && { time: at }),
    }
  })
  if (soughtKey === undefined) return rows
  const sought = rows.filter((row) => row.group === soughtKey)
  // It may be on a further page.
  if (sought.length === 0 && rows.length >= MAX_V1_ROWS) throw new StoreError('too_large')
  return sought
}

/** The part of the response that may hold the rows. An aggregate has one row, with each figure in its own object. */
function recordsIn(body: unknown): unknown {
  const { results } = Object(body)
  if (Array.isArray(results)) return results
  const cells = Object.entries(Object(results)).map(([field, cell]) => [field, Object(cell).value])
  return [Object.fromEntries(cells)]
}

function toResult(counted: readonly StatsRow[], query: StatsQuery, jobDimension: JobDimension): StatsResult {
  const { metrics, window, groupBy, interval, slice, jobFilters = [] } = query
  const requested = v1Metrics(query)
  const rows = counted
    .map((row) => ({ ...row, metrics: metrics.map((metric) => row.metrics[requested.indexOf(metric)] ?? 0) }))
    .filter(({ metrics: values }) => (!groupBy && !interval) || values.some((value) => value > 0))
  const labels = interval && bucketsOf(window, interval).map(({ label }) => label)
  const common = { from: '', to: '', ...(labels && { labels }) }
  if (groupBy === 'job') {
    const jobKey = jobKeyOf(jobDimension)
    const keys = new Set(keysOf(query, jobDimension))
    const own = rows.filter(({ group = '' }) => keys.has(foldKey(group, jobKey)))
    const jobRows = sumByJob(own, metrics, jobFilters[0]?.jobs ?? [], jobKey)
    if (slice === undefined) return { ...common, rows: jobRows }
    return { ...common, rows: cut(jobRows, slice), totalGroups: jobRows.length }
  }
  if (groupBy === undefined) return { ...common, rows }
  const isKept = keyFilter(groupBy === 'job_key' ? jobFilters : [], jobDimension)
  const kept = rows.filter(({ group = '' }) => isKept(group)).sort(compare)
  const isTruncated = counted.length >= MAX_V1_ROWS
  // The request was for the page that the slice begins on.
  const before = Math.floor((slice?.offset ?? 0) / MAX_V1_ROWS) * MAX_V1_ROWS
  return {
    ...common,
    rows: slice ? cut(kept, { limit: slice.limit, offset: slice.offset - before }) : kept,
    totalGroups: before + kept.length,
    ...(isTruncated && { isTruncated }),
  }
}

function cut(rows: readonly StatsRow[], { limit, offset }: NonNullable<StatsQuery['slice']>): StatsRow[] {
  return rows.slice(offset, offset + limit)
}

/** By the first figure, largest first, then by group. */
function compare(a: StatsRow, b: StatsRow): number {
  return (b.metrics[0] ?? 0) - (a.metrics[0] ?? 0) || ((a.group ?? '') < (b.group ?? '') ? -1 : 1)
}
