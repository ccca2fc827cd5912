// Decides how to count a query: on single events, on whole visits, or some metrics on each.
import type { DateRange } from './date-range.ts'
import { dimensionsOfFilters, type QuerySide, renameInFilters } from './filter-sql.ts'
import type { FilterTree } from './filter-tree.ts'
import { assertCombination, sideOfMetric } from './query-combinations.ts'
import { type DimensionSide, sideOfDimension } from './query-dimensions.ts'
import type { Metric, QueryRequest } from './query-request.ts'
import { resolveTimeDimension } from './time-buckets.ts'

/** A count on one side. `smeared`: a visit counts in every hour it touches, not only in the hour of its end. */
export type QueryPart = {
  readonly side: QuerySide
  readonly metrics: readonly Metric[]
  readonly dimensions: readonly string[]
  readonly filters: readonly FilterTree[]
  readonly smeared: boolean
}

/** A query ready to run; `dimensions` has `time` resolved. */
export type QueryPlan = {
  readonly dimensions: readonly string[]
  readonly orderBy: readonly (readonly [string, 'asc' | 'desc'])[]
  readonly parts: readonly QueryPart[]
}

/** Plans a query like Plausible 3. Throws a `PlausibleRefusal` (400) for a combination that cannot be counted. */
export function planQuery(request: QueryRequest, range: DateRange): QueryPlan {
  const resolve = (name: string) => (name === 'time' ? resolveTimeDimension(range) : name)
  const dimensions = request.dimensions.map(resolve)
  assertCombination(request, dimensions)
  const time = dimensions.filter((dimension) => sideOfDimension(dimension) === 'time')
  const firstMetric = request.metrics.slice(0, 1).map((metric) => [metric, 'desc'] as const)
  const defaultOrder = [...time.map((dimension) => [dimension, 'asc'] as const), ...firstMetric]
  return {
    dimensions,
    orderBy: request.orderBy?.map(([name, direction]) => [resolve(name), direction] as const) ?? defaultOrder,
    parts: splitIntoParts(request.metrics, dimensions, request.filters),
  }
}

/**
 * Decides what to count on single events and what on whole visits; the combination must be one that Plausible allows.
 * Visitors and visits can be counted on either side: on events as soon as anything else needs events.
 */
export function splitIntoParts(
  metrics: readonly Metric[],
  dimensions: readonly string[],
  filters: readonly FilterTree[],
): QueryPart[] {
  const ofEvents = metrics.filter((metric) => sideOfMetric(metric) !== 'session')
  const ofSessions = metrics.filter((metric) => sideOfMetric(metric) === 'session')
  const filtered = dimensionsOfFilters(filters)
  const needsEvents =
    metrics.some((metric) => sideOfMetric(metric) === 'event') || isAnyOn('event', dimensions)
  const needsSessions = ofSessions.length > 0 || isAnyOn('session', dimensions)
  const events = { side: 'events' as const, dimensions, filters, smeared: false }
  if (needsEvents && needsSessions) {
    const bySession = sessionParts(ofSessions, dimensions, filters)
    return ofEvents.length === 0 ? bySession : [{ ...events, metrics: ofEvents }, ...bySession]
  }
  const prefersEvents = isAnyOn('event', filtered) && !isAnyOn('session', filtered)
  return needsEvents || (!needsSessions && prefersEvents)
    ? [{ ...events, metrics }]
    : sessionParts(metrics, dimensions, filters)
}

function isAnyOn(side: DimensionSide, dimensions: readonly string[]): boolean {
  return dimensions.some((dimension) => sideOfDimension(dimension) === side)
}

function sessionParts(
  metrics: readonly Metric[],
  dimensions: readonly string[],
  filters: readonly FilterTree[],
): QueryPart[] {
  const byPage = dimensions.includes('event:page')
  const part = {
    side: 'sessions' as const,
    // A page's visits are those that began on it.
    dimensions: dimensions.map((name) => (name === 'event:page' ? 'visit:entry_page' : name)),
    filters: byPage ? renameInFilters(filters, 'event:page', 'visit:entry_page') : filters,
  }
  const smearable = metrics.filter((metric) => sideOfMetric(metric) === 'either')
  if (!dimensions.includes('time:hour') || smearable.length === 0)
    return [{ ...part, metrics, smeared: false }]
  const others = metrics.filter((metric) => !smearable.includes(metric))
  const smeared = { ...part, metrics: smearable, smeared: true }
  return others.length === 0 ? [smeared] : [smeared, { ...part, metrics: others, smeared: false }]
}
