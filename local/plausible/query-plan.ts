// Which metrics and dimensions go together, and which side of the store counts what: events or whole visits.
import type { DateRange } from './date-range.ts'
import { dimensionsOfFilters, type QuerySide, renameInFilters } from './filter-sql.ts'
import type { FilterTree } from './filter-tree.ts'
import { PlausibleRefusal, unsupported } from './plausible-refusal.ts'
import { type DimensionSide, sideOfDimension } from './query-dimensions.ts'
import type { Metric, QueryRequest } from './query-request.ts'
import { resolveTimeDimension } from './time-buckets.ts'

/** A count on one side. `smeared`: a visit counts in every hour it lasted, not only in that of its end. */
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

type MetricSide = 'event' | 'session' | 'either'

const METRIC_SIDES: Readonly<Record<Metric, MetricSide>> = {
  visitors: 'either',
  visits: 'either',
  pageviews: 'event',
  events: 'event',
  bounce_rate: 'session',
  visit_duration: 'session',
  views_per_visit: 'session',
}

/** Plans a query as Plausible 3 does, or throws a `PlausibleRefusal` for what it, or the stand-in, cannot combine. */
export function planQuery(request: QueryRequest, range: DateRange): QueryPlan {
  const resolve = (name: string) => (name === 'time' ? resolveTimeDimension(range) : name)
  const dimensions = request.dimensions.map(resolve)
  const filtered = dimensionsOfFilters(request.filters)
  assertOrder(request)
  assertViewsPerVisit(request, filtered)
  assertSides(request.metrics, dimensions)
  assertHostnameFilters(request.filters, filtered, dimensions)
  const time = dimensions.filter((dimension) => sideOfDimension(dimension) === 'time')
  if (time.length > 1) throw unsupported('more than one time dimension')
  if (request.include.timeLabels && time.length === 0) {
    throw new PlausibleRefusal(400, 'Invalid include.time_labels: requires a time dimension.')
  }
  const firstMetric = request.metrics.slice(0, 1).map((metric) => [metric, 'desc'] as const)
  const defaultOrder = [...time.map((dimension) => [dimension, 'asc'] as const), ...firstMetric]
  return {
    dimensions,
    orderBy: request.orderBy?.map(([name, direction]) => [resolve(name), direction] as const) ?? defaultOrder,
    parts: splitIntoParts(request.metrics, dimensions, request.filters),
  }
}

// Visitors and visits can be counted on either side: on that of the events as soon as anything there is needed.
function splitIntoParts(
  metrics: readonly Metric[],
  dimensions: readonly string[],
  filters: readonly FilterTree[],
): QueryPart[] {
  const ofEvents = metrics.filter((metric) => METRIC_SIDES[metric] !== 'session')
  const ofSessions = metrics.filter((metric) => METRIC_SIDES[metric] === 'session')
  const filtered = dimensionsOfFilters(filters)
  const needsEvents =
    metrics.some((metric) => METRIC_SIDES[metric] === 'event') || isAnyOn('event', dimensions)
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
  const smearable = metrics.filter((metric) => METRIC_SIDES[metric] === 'either')
  if (!dimensions.includes('time:hour') || smearable.length === 0)
    return [{ ...part, metrics, smeared: false }]
  const others = metrics.filter((metric) => !smearable.includes(metric))
  const smeared = { ...part, metrics: smearable, smeared: true }
  return others.length === 0 ? [smeared] : [smeared, { ...part, metrics: others, smeared: false }]
}

function assertOrder({ orderBy, metrics, dimensions }: QueryRequest): void {
  for (const [name] of orderBy ?? []) {
    if (dimensions.includes(name) || metrics.some((metric) => metric === name)) continue
    throw new PlausibleRefusal(
      400,
      `Invalid order_by entry "${name}". Entry is not a queried metric or dimension.`,
    )
  }
}

function assertViewsPerVisit({ metrics, dimensions }: QueryRequest, filtered: readonly string[]): void {
  if (!metrics.includes('views_per_visit')) return
  if (filtered.includes('event:page')) {
    throw new PlausibleRefusal(
      400,
      'Metric `views_per_visit` cannot be queried with a filter on `event:page`.',
    )
  }
  if (dimensions.length > 0) {
    throw new PlausibleRefusal(400, 'Metric `views_per_visit` cannot be queried with `dimensions`.')
  }
}

function assertSides(metrics: readonly Metric[], dimensions: readonly string[]): void {
  const metricsOf = (side: MetricSide) => metrics.filter((metric) => METRIC_SIDES[metric] === side)
  const dimensionsOf = (side: DimensionSide) =>
    dimensions.filter((dimension) => sideOfDimension(dimension) === side)
  const [eventDimensions, sessionDimensions] = [dimensionsOf('event'), dimensionsOf('session')]
  if (eventDimensions.length > 0 && sessionDimensions.length > 0) {
    throw unsupported(`${list(eventDimensions)} along with ${list(sessionDimensions)}`)
  }
  const byPageOnly = eventDimensions.length === 1 && eventDimensions[0] === 'event:page'
  if (metricsOf('session').length > 0 && eventDimensions.length > 0 && !byPageOnly) {
    throw conflict('Session', metricsOf('session'), 'event', eventDimensions)
  }
  if (metricsOf('event').length > 0 && sessionDimensions.length > 0) {
    throw conflict('Event', metricsOf('event'), 'session', sessionDimensions)
  }
}

function conflict(
  kind: string,
  metrics: readonly string[],
  otherKind: string,
  dimensions: readonly string[],
) {
  return new PlausibleRefusal(
    400,
    `${kind} metric(s) ${list(metrics)} cannot be queried along with ${otherKind} dimension(s) ${list(dimensions)}`,
  )
}

// Plausible narrows these dimensions by the hostname a visit began or ended on, which the stand-in does not keep.
const HOSTNAME_BOUND = /^visit:(source|entry_page|exit_page|referrer|utm_\w+)$/

function assertHostnameFilters(
  filters: readonly FilterTree[],
  filtered: readonly string[],
  dimensions: readonly string[],
): void {
  if (!filtered.includes('event:hostname')) return
  const nested = filters.filter((tree) => tree.kind !== 'comparison')
  if (dimensionsOfFilters(nested).includes('event:hostname')) {
    throw new PlausibleRefusal(
      400,
      'Invalid filters. Dimension `event:hostname` can only be filtered at the top level.',
    )
  }
  const bound = dimensions.filter((dimension) => HOSTNAME_BOUND.test(dimension))
  if (bound.length > 0) throw unsupported(`a filter on event:hostname with ${list(bound)}`)
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
