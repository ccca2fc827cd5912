// Figures as callers request them: what the store counts, and the applications derived from an event.

import {
  type AnalyticsStore,
  STATS_METRICS,
  type StatsQuery,
  type StatsResult,
  type StatsRow,
  type Unsupported,
} from './analytics-store.ts'

/** What callers can request. Rates are percent, durations seconds. */
export const METRICS = [...STATS_METRICS, 'applications', 'application_rate'] as const
/** What callers can request. */
export type Metric = (typeof METRICS)[number]

const VISITORS = 'visitors' as const

/** A query for any metrics; the rows of its result hold them in this order. */
export type FiguresRequest = Omit<StatsQuery, 'metrics' | 'event'> & { metrics: readonly Metric[] }

/** Whether these metrics need the event that stands for an application. */
export function needsApplyEvent(metrics: readonly Metric[]): boolean {
  return metrics.includes('applications') || metrics.includes('application_rate')
}

/** How many queries `queryFigures` sends to the store for all of these requests. */
export function figuresCost(
  store: AnalyticsStore,
  site: string,
  requests: readonly FiguresRequest[],
  applyEvent: string | undefined,
): number {
  const queries = requests.flatMap((request) => {
    const { base, applied } = queriesOf(request, applyEvent)
    return applied ? [base, applied] : [base]
  })
  return queries.reduce((sum, query) => sum + store.costOf(site, query), 0)
}

/** Why the store cannot run the queries of a request; undefined when it can. */
export function whyUnsupportedFigures(
  store: AnalyticsStore,
  request: FiguresRequest,
  applyEvent: string | undefined,
): Unsupported | undefined {
  const { base, applied } = queriesOf(request, applyEvent)
  return store.whyUnsupported(base) ?? (applied && store.whyUnsupported(applied))
}

/** The queries of a request. `base` has the metrics that the store counts, `applied` the visitors who sent `applyEvent`. */
function queriesOf(
  { metrics, slice, ...query }: FiguresRequest,
  applyEvent: string | undefined,
): { base: StatsQuery; applied: StatsQuery | undefined; isByApplications: boolean; isSlicedHere: boolean } {
  const requested = metrics.filter((metric) => metric !== 'applications' && metric !== 'application_rate')
  const isBaseNeeded = requested.length === 0 || metrics.includes('application_rate')
  const stored = isBaseNeeded && !requested.includes('visitors') ? [...requested, VISITORS] : requested
  const isApplied = needsApplyEvent(metrics) && applyEvent !== undefined
  const isByApplications = slice !== undefined && needsApplyEvent(metrics.slice(0, 1))
  const isSlicedHere = isByApplications && query.groupBy === 'job'
  return {
    base: { ...query, metrics: stored, ...(slice && !isByApplications && { slice }) },
    applied: isApplied
      ? {
          ...query,
          metrics: [VISITORS],
          event: applyEvent,
          ...(slice && isByApplications && !isSlicedHere && { slice }),
        }
      : undefined,
    isByApplications,
    isSlicedHere,
  }
}

/**
 * Runs one query, and in parallel one more for applications: the visitors who sent `applyEvent` there. Groups are sorted by
 * the first metric, and by applications if that is their rate. Only jobs have rows without applications then: all groups
 * of the others are more than the store returns. Throws `StoreError`.
 */
export async function queryFigures(
  store: AnalyticsStore,
  site: string,
  request: FiguresRequest,
  applyEvent: string | undefined,
  signal: AbortSignal,
): Promise<StatsResult> {
  const { metrics, groupBy } = request
  const queries = queriesOf(request, applyEvent)
  const { metrics: stored } = queries.base
  // Nothing to derive: the store's own result is the response.
  if (stored.length === metrics.length && !queries.applied) return store.query(site, queries.base, signal)
  const [base, applied] = await Promise.all([
    store.query(site, queries.base, signal),
    queries.applied && store.query(site, queries.applied, signal),
  ])
  const leading = queries.isByApplications && applied ? applied : base
  const baseRows = new Map(base.rows.map((row) => [keyOf(row), row.metrics]))
  const appliedRows = new Map(applied?.rows.map((row) => [keyOf(row), row.metrics]))
  const isLeading = new Set(leading.rows.map(keyOf))
  // The rows of `job_key` are ranked later, so those without applications are needed too.
  const isComplete = queries.isSlicedHere || groupBy === 'job_key'
  const others = isComplete ? base.rows.filter((row) => !isLeading.has(keyOf(row))) : []
  const rows = [...leading.rows, ...others].map((row): StatsRow => {
    const totals = baseRows.get(keyOf(row)) ?? []
    const value = (metric: Metric): number => {
      const applications = appliedRows.get(keyOf(row))?.[0] ?? 0
      if (metric === 'applications') return applications
      if (metric === 'application_rate') return percent(applications, totals[stored.indexOf('visitors')] ?? 0)
      return totals[stored.indexOf(metric)] ?? 0
    }
    return { ...row, metrics: metrics.map(value) }
  })
  const isTruncated = base.isTruncated === true || applied?.isTruncated === true
  const result = { ...leading, rows, ...(isTruncated && { isTruncated }) }
  const { slice } = request
  if (!queries.isSlicedHere || slice === undefined) return result
  const applicationsOf = (row: StatsRow) => appliedRows.get(keyOf(row))?.[0] ?? 0
  rows.sort((a, b) => applicationsOf(b) - applicationsOf(a) || (keyOf(a) < keyOf(b) ? -1 : 1))
  return { ...result, rows: rows.slice(slice.offset, slice.offset + slice.limit), totalGroups: rows.length }
}

/** In percent, to one decimal; 0 if there is nothing to divide by. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 10
}

function keyOf({ group, time }: StatsRow): string {
  return JSON.stringify([group, time])
}
