// The metrics of the statistics API v1 and what they may be combined with.
import type { Comparison } from '../filter-tree.ts'
import { PlausibleRefusal, unsupported } from '../plausible-refusal.ts'
import { sideOfDimension } from '../query-dimensions.ts'
import type { Metric } from '../query-request.ts'
import { excludesSessionMetrics } from './v1-properties.ts'

const EVENT_METRICS = ['visitors', 'pageviews', 'events'] as const
const SESSION_METRICS = ['visits', 'bounce_rate', 'visit_duration', 'views_per_visit'] as const
const NOT_COUNTED = new Set(['time_on_page', 'conversion_rate'])

/** What a query counts: its filters, and its property in a breakdown. */
export type V1Subject = { readonly filters: readonly Comparison[]; readonly property?: string }

/** Parses `metrics` (default: visitors). Throws a `PlausibleRefusal` (400) for what v1 does not count or combine. */
export function parseV1Metrics(text: string | undefined, subject: V1Subject): Metric[] {
  const names = (text ?? 'visitors').split(',')
  if (new Set(names).size < names.length) {
    throw new PlausibleRefusal(400, 'Metrics cannot be queried multiple times.')
  }
  return names.map((name) => parseMetric(name, subject))
}

/**
 * Refuses (400) what version 2 of Plausible counts otherwise than version 3: `kind` is the endpoint, `metrics` and
 * `subject` are what it counts. Only a stand-in for version 2, which has no v2 API, calls this.
 */
export function assertSameInVersion2(
  kind: string,
  metrics: readonly Metric[],
  { filters, property }: V1Subject,
): void {
  const ofSessions = metrics.filter(isSessionMetric)
  if (kind === 'breakdown' && metrics[0] !== 'visitors') {
    throw unsupported('a breakdown whose first metric is not visitors, for version 2 orders rows by visitors')
  }
  if (property === 'event:page' && ofSessions.length > 0) {
    throw unsupported(`\`${ofSessions[0]}\` by event:page in version 2`)
  }
  const byPage = filters.some(({ dimension }) => dimension === 'event:page')
  if (kind === 'timeseries' && byPage && ofSessions.length > 0) {
    throw unsupported(`a timeseries of \`${ofSessions[0]}\` with a filter on event:page in version 2`)
  }
  const custom = [property, ...filters.map(({ dimension }) => dimension)].filter((name) =>
    name?.startsWith('event:props:'),
  )
  if (new Set(custom).size > 1) throw unsupported('two custom properties in one query to version 2')
}

/** Whether the filters name something that only single events have. */
export function hasEventFilters(filters: readonly Comparison[]): boolean {
  return filters.some(({ dimension }) => sideOfDimension(dimension) === 'event')
}

function parseMetric(name: string, { filters, property }: V1Subject): Metric {
  const metric = [...EVENT_METRICS, ...SESSION_METRICS].find((one) => one === name)
  if (metric === undefined) {
    if (NOT_COUNTED.has(name)) throw unsupported(`the metric ${name}`)
    throw new PlausibleRefusal(400, `The metric \`${name}\` is not recognized.`)
  }
  if (metric === 'views_per_visit') assertViewsPerVisit(filters, property)
  if (isSessionMetric(metric)) assertSessionMetric(metric, filters, property)
  return metric
}

function assertViewsPerVisit(filters: readonly Comparison[], property: string | undefined): void {
  if (filters.some(({ dimension }) => dimension === 'event:page')) {
    throw new PlausibleRefusal(
      400,
      'Metric `views_per_visit` cannot be queried with a filter on `event:page`.',
    )
  }
  if (property !== undefined) {
    throw new PlausibleRefusal(400, 'Metric `views_per_visit` is not supported in breakdown queries.')
  }
}

function assertSessionMetric(
  metric: Metric,
  filters: readonly Comparison[],
  property: string | undefined,
): void {
  if (property !== undefined && excludesSessionMetrics(property)) {
    throw new PlausibleRefusal(
      400,
      `Session metric \`${metric}\` cannot be queried for breakdown by \`${property}\`.`,
    )
  }
  const filter = filters.find(({ dimension }) => excludesSessionMetrics(dimension))
  if (filter === undefined) return
  throw new PlausibleRefusal(
    400,
    `Session metric \`${metric}\` cannot be queried when using a filter on \`${filter.dimension}\`.`,
  )
}

function isSessionMetric(metric: Metric): boolean {
  return SESSION_METRICS.some((one) => one === metric)
}
