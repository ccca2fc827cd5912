// The rules for combining metrics, dimensions and filters, and whether a metric counts events or visits.
import { dimensionsOfFilters } from './filter-sql.ts'
import { PlausibleRefusal, unsupported } from './plausible-refusal.ts'
import { type DimensionSide, sideOfDimension } from './query-dimensions.ts'
import type { Metric, QueryRequest } from './query-request.ts'

/** `event` metrics need single events, `session` metrics need whole visits, `either` metrics follow the others. */
export type MetricSide = 'event' | 'session' | 'either'

const METRIC_SIDES: Readonly<Record<Metric, MetricSide>> = {
  visitors: 'either',
  visits: 'either',
  pageviews: 'event',
  events: 'event',
  bounce_rate: 'session',
  visit_duration: 'session',
  views_per_visit: 'session',
}

/** Returns what a metric is counted on. */
export function sideOfMetric(metric: Metric): MetricSide {
  return METRIC_SIDES[metric]
}

/**
 * Throws a `PlausibleRefusal` (400) for a combination that Plausible refuses, or that the stand-in would count
 * differently. `dimensions` are those of the request, with `time` resolved.
 */
export function assertCombination(request: QueryRequest, dimensions: readonly string[]): void {
  assertOrder(request)
  assertViewsPerVisit(request)
  assertSides(request.metrics, dimensions)
  assertHostnameFilters(request, dimensions)
  assertTime(request, dimensions)
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

function assertViewsPerVisit({ metrics, dimensions, filters }: QueryRequest): void {
  if (!metrics.includes('views_per_visit')) return
  if (dimensionsOfFilters(filters).includes('event:page')) {
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
  const metricsOf = (side: MetricSide) => metrics.filter((metric) => sideOfMetric(metric) === side)
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

// Plausible filters these dimensions by the host of a visit's first or last page. The stand-in does not store it.
const HOSTNAME_BOUND = /^visit:(source|entry_page|exit_page|referrer|utm_\w+)$/

function assertHostnameFilters({ filters }: QueryRequest, dimensions: readonly string[]): void {
  if (!dimensionsOfFilters(filters).includes('event:hostname')) return
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

function assertTime({ include }: QueryRequest, dimensions: readonly string[]): void {
  const times = dimensions.filter((dimension) => sideOfDimension(dimension) === 'time')
  if (times.length > 1) throw unsupported('more than one time dimension')
  if (include.timeLabels && times.length === 0) {
    throw new PlausibleRefusal(400, 'Invalid include.time_labels: requires a time dimension.')
  }
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
