// What the endpoints of the statistics API v1 share: from a query string to counted rows.
import type { DateRange } from '../date-range.ts'
import type { Comparison } from '../filter-tree.ts'
import { planQuery, type QueryPlan } from '../query-plan.ts'
import type { Metric, QueryRequest } from '../query-request.ts'
import { queryVisits } from '../query-result.ts'
import type { StandIn } from '../stand-in.ts'
import type { Site } from '../visit-sites.ts'

/** What to count: `dimension` is at most one; the page is 1 and holds everything by default. */
export type V1Query = {
  readonly site: Site
  readonly range: DateRange
  readonly metrics: readonly Metric[]
  readonly filters: readonly Comparison[]
  readonly dimension?: string
  readonly limit?: number
  readonly page?: number
}

/** A counted row: the dimension's value (absent without a dimension) and a number for each metric. */
export type V1Row = {
  readonly value: string | number | undefined
  readonly metrics: Readonly<Record<string, number>>
}

/**
 * Counts. The rows come by the first metric, descending, then by the value; `plan` decides how to count where v2
 * would do so otherwise. Throws a `PlausibleRefusal` for what the stand-in cannot count.
 */
export function countV1(
  { db }: StandIn,
  { site, range, metrics, filters, dimension, limit = Number.MAX_SAFE_INTEGER, page = 1 }: V1Query,
  plan: (request: QueryRequest, range: DateRange) => QueryPlan = planQuery,
): V1Row[] {
  const [first = 'visitors'] = metrics
  const request: QueryRequest = {
    siteId: site.domain,
    metrics,
    dateRange: '',
    dimensions: dimension === undefined ? [] : [dimension],
    filters,
    orderBy: [[first, 'desc'], ...(dimension === undefined ? [] : ([[dimension, 'asc']] as const))],
    include: { timeLabels: false, totalRows: false },
    pagination: { limit, offset: (page - 1) * limit },
  }
  const { results } = queryVisits(db, site.id, request, plan(request, range), range, [])
  return results.map((row) => ({
    value: row.dimensions[0],
    metrics: Object.fromEntries(metrics.map((metric, index) => [metric, Number(row.metrics[index])])),
  }))
}
