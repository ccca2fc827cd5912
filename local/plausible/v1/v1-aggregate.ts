// `GET /api/v1/stats/aggregate`: metrics of a whole period, compared with the period before it when asked to.
import { unsupported } from '../plausible-refusal.ts'
import type { Metric } from '../query-request.ts'
import type { StandIn } from '../stand-in.ts'
import type { Site } from '../visit-sites.ts'
import { parseV1Filters } from './v1-filters.ts'
import { assertSameInVersion2, parseV1Metrics } from './v1-metrics.ts'
import type { V1Parameters } from './v1-parameters.ts'
import { parseV1Period, previousPeriod, rangeOfPeriod, type V1Period } from './v1-period.ts'
import { countV1 } from './v1-query.ts'

/** A metric's figure; `change` is in percent of `comparison_value`, which version 2 of Plausible leaves out. */
type Aggregate = { readonly value: number; readonly change?: number; readonly comparison_value?: number }

/** Counts each metric; `isVersion2` refuses what version 2 of Plausible counts otherwise. */
export function aggregate(
  standIn: StandIn,
  site: Site,
  parameters: V1Parameters,
  isVersion2: boolean,
): Partial<Record<Metric, Aggregate>> {
  const period = parseV1Period(parameters['period'], parameters['date'])
  const filters = parseV1Filters(parameters['filters'] ?? '', isVersion2)
  const metrics = parseV1Metrics(parameters['metrics'], { filters })
  if (isVersion2) assertSameInVersion2('aggregate', metrics, { filters })
  const isCompared = parseCompare(parameters['compare'], metrics)
  const now = standIn.now()
  const count = (days: V1Period) => {
    const range = rangeOfPeriod(days, site.timezone, now)
    return countV1(standIn, { site, range, metrics, filters })[0]?.metrics ?? {}
  }
  const current = count(period)
  const previous = isCompared ? count(previousPeriod(period, site.timezone, now)) : undefined
  const entries = metrics.map((metric): [Metric, Aggregate] => {
    const value = current[metric] ?? 0
    if (previous === undefined) return [metric, { value }]
    const before = previous[metric] ?? 0
    const comparison = isVersion2 ? {} : { comparison_value: before }
    return [metric, { value, change: percentChange(before, value), ...comparison }]
  })
  return Object.fromEntries(entries)
}

function parseCompare(compare: string | undefined, metrics: readonly Metric[]): boolean {
  if (compare === undefined) return false
  if (compare !== 'previous_period') throw unsupported(`compare=${compare}`)
  if (metrics.includes('bounce_rate')) {
    throw unsupported('the change of `bounce_rate`, which versions of Plausible count differently')
  }
  return true
}

function percentChange(before: number, now: number): number {
  if (before === 0) return now > 0 ? 100 : 0
  const percent = ((now - before) / before) * 100
  return Math.sign(percent) * Math.round(Math.abs(percent))
}
