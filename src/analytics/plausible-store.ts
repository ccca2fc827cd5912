// The analytics store over Plausible's Stats API v2 (https://plausible.io/docs/stats-api), one POST per query.

import * as z from 'zod/mini'
import { type Pingable, StoreError } from '../stores/store-error.ts'
import type { AnalyticsStore, StatsQuery, StatsResult, StatsRow } from './analytics-store.ts'
import { sumByJob } from './job-rows.ts'
import { type PlausibleOptions, parseJson, plausibleClient, signalOf } from './plausible-client.ts'
import { type JobDimension, jobKeyOf, toPlausibleQuery, whyUnsupported } from './plausible-query.ts'

/** Plausible's own limit for a page of results. */
const MAX_ROWS = 10_000
const PATH = '/api/v2/query'

/** The `AnalyticsStore` port over a Plausible server. */
export function plausibleStore(options: PlausibleOptions): AnalyticsStore & Pingable {
  const { jobDimension } = options
  const post = (body: unknown, signal?: AbortSignal): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  })
  const client = plausibleClient(options, { path: PATH, init: post({}) })
  return {
    maxRows: MAX_ROWS,
    maxPoints: MAX_ROWS,
    jobKey: jobKeyOf(jobDimension),
    ping: client.ping,
    whyUnsupported: (query) => whyUnsupported(query, jobDimension),
    costOf: () => 1,

    async query(site, query, signal) {
      const body = toPlausibleQuery(site, query, jobDimension)
      return toResult(
        await client.query(site, PATH, post(body, client.deadline(signal))),
        query,
        jobDimension,
      )
    },

    signalOf,
  }
}

const figure = z.number().check(z.nonnegative())
const queryResponse = z.object({
  results: z.array(
    z.object({
      // Null if there is nothing to divide by.
      metrics: z.array(z.nullable(figure)),
      dimensions: z.array(z.union([z.string(), z.number()])),
    }),
  ),
  meta: z._default(
    z.object({
      time_labels: z.optional(z.array(z.string())),
      total_rows: z.optional(z.int().check(z.nonnegative())),
    }),
    {},
  ),
  query: z._default(z.object({ date_range: z._default(z.tuple([z.string(), z.string()]), ['', '']) }), {
    date_range: ['', ''],
  }),
})

/** The result in a response's text. Throws `StoreError` `unusable` if it does not fit the query. */
function toResult(text: string, query: StatsQuery, jobDimension: JobDimension): StatsResult {
  const parsed = queryResponse.safeParse(parseJson(text))
  if (!parsed.success) throw new StoreError('unusable')
  const { results, meta } = parsed.data
  const [from, to] = parsed.data.query.date_range
  const { groupBy, interval, slice } = query
  const dimensionCount = (groupBy ? 1 : 0) + (interval ? 1 : 0)
  const rows = results.map(({ metrics, dimensions }): StatsRow => {
    if (metrics.length !== query.metrics.length || dimensions.length !== dimensionCount) {
      throw new StoreError('unusable')
    }
    return {
      metrics: metrics.map((value) => value ?? 0),
      ...(groupBy && { group: String(dimensions[0]) }),
      ...(interval && { time: String(dimensions.at(-1)) }),
    }
  })
  const { time_labels: labels, total_rows: totalRows } = meta
  const isByJob = groupBy === 'job' || groupBy === 'job_key'
  const isTruncated = isByJob && rows.length >= (groupBy === 'job' ? MAX_ROWS : (slice?.limit ?? MAX_ROWS))
  const common = { from, to, ...(labels && { labels }), ...(isTruncated && { isTruncated }) }
  if (groupBy !== 'job')
    return { ...common, rows, ...(totalRows !== undefined && { totalGroups: totalRows }) }
  const jobRows = sumByJob(rows, query.metrics, query.jobFilters?.[0]?.jobs ?? [], jobKeyOf(jobDimension))
  if (slice === undefined) return { ...common, rows: jobRows }
  const { offset, limit } = slice
  return { ...common, rows: jobRows.slice(offset, offset + limit), totalGroups: jobRows.length }
}
