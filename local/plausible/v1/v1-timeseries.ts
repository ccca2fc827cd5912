// `GET /api/v1/stats/timeseries`: metrics by day or month, a row for each, even if nothing happened.
import { PlausibleRefusal, unsupported } from '../plausible-refusal.ts'
import { type QueryPlan, splitIntoParts } from '../query-plan.ts'
import type { Metric, QueryRequest } from '../query-request.ts'
import type { StandIn } from '../stand-in.ts'
import { timeLabels } from '../time-buckets.ts'
import type { Site } from '../visit-sites.ts'
import { parseV1Filters } from './v1-filters.ts'
import { assertSameInVersion2, parseV1Metrics } from './v1-metrics.ts'
import type { V1Parameters } from './v1-parameters.ts'
import { parseV1Period, rangeOfPeriod } from './v1-period.ts'
import { countV1 } from './v1-query.ts'

/** A row: `date` is a day or a month's first day, and a figure for each metric (null if there is no mean). */
type TimeseriesRow = Readonly<Record<string, string | number | null>>

/** Counts a row for each day or month, in order; `isVersion2` refuses what version 2 of Plausible counts otherwise. */
export function timeseries(
  standIn: StandIn,
  site: Site,
  parameters: V1Parameters,
  isVersion2: boolean,
): TimeseriesRow[] {
  const period = parseV1Period(parameters['period'], parameters['date'])
  const dimension = parseInterval(parameters['interval'], parameters['period'])
  const filters = parseV1Filters(parameters['filters'] ?? '', isVersion2)
  const metrics = parseV1Metrics(parameters['metrics'], { filters })
  if (isVersion2) assertSameInVersion2('timeseries', metrics, { filters })
  const range = rangeOfPeriod(period, site.timezone, standIn.now())
  const rows = countV1(standIn, { site, range, metrics, filters, dimension }, planTimeseries)
  const byDate = new Map(rows.map((row) => [row.value, row.metrics]))
  return timeLabels(dimension, range).map((date) => {
    const counted = byDate.get(date)
    const figures = metrics.map((metric) => [
      metric,
      counted ? (counted[metric] ?? 0) : emptyFigure(metric, isVersion2),
    ])
    return { date, ...Object.fromEntries(figures) }
  })
}

// Unlike v2, v1 counts views per visit over time.
function planTimeseries({ metrics, dimensions, filters }: QueryRequest): QueryPlan {
  return { dimensions, orderBy: [], parts: splitIntoParts(metrics, dimensions, filters) }
}

function parseInterval(interval: string | undefined, period: string | undefined): 'time:day' | 'time:month' {
  if (interval === undefined && period === 'day') throw unsupported('a timeseries by hour in the v1 API')
  if (interval === undefined || interval === 'day' || interval === 'date') return 'time:day'
  if (interval === 'month') return 'time:month'
  throw new PlausibleRefusal(
    400,
    `Error parsing \`interval\` parameter: invalid interval \`${interval}\`. Valid intervals are \`day\`, \`month\``,
  )
}

function emptyFigure(metric: Metric, isVersion2: boolean): number | null {
  return metric === 'visit_duration' || (metric === 'bounce_rate' && isVersion2) ? null : 0
}
