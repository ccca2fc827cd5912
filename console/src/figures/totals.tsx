// The totals with their change. Each is a button that puts its series into the chart.

import type { Metric } from 'job-analytics-client'
import type { FiguresOfDays } from '../data/figures-query.ts'
import { formatDays } from '../format/dates.ts'
import { formatPercent } from '../format/numbers.ts'
import { metricText } from './metrics.ts'

interface TotalsProps {
  metrics: readonly Metric[]
  figures: FiguresOfDays | undefined
  /** The figures of the days before, if they are compared. */
  before: FiguresOfDays | undefined
  shown: Metric
  show: (metric: Metric) => void
}

/** One tile for each metric; empty ones until the figures are there. */
export function Totals({ metrics, figures, before, shown, show }: TotalsProps) {
  return (
    <fieldset class="totals">
      <legend class="visually-hidden">Totals. Select the one that the chart shows.</legend>
      {metrics.map((metric) => (
        <button
          key={metric}
          type="button"
          class="total"
          aria-pressed={metric === shown}
          onClick={() => show(metric)}
        >
          <span class="total-name">{metricText(metric).name}</span>
          <Value metric={metric} value={figures?.totals[metric]} isReady={figures !== undefined} />
          <Change metric={metric} value={figures?.totals[metric]} before={before} />
        </button>
      ))}
    </fieldset>
  )
}

function Value({ metric, value, isReady }: { metric: Metric; value: number | undefined; isReady: boolean }) {
  if (!isReady) return <span class="total-value skeleton">&nbsp;</span>
  return <span class="total-value">{value === undefined ? '–' : metricText(metric).format(value)}</span>
}

interface ChangeProps {
  metric: Metric
  value: number | undefined
  before: FiguresOfDays | undefined
}

function Change({ metric, value, before }: ChangeProps) {
  const earlier = before?.totals[metric]
  if (value === undefined || before === undefined || earlier === undefined)
    return <span class="change">&nbsp;</span>
  const { format, rise } = metricText(metric)
  const title = `${format(earlier)} in ${formatDays(before.from, before.to)}`
  if (earlier === 0 && value > 0) {
    return (
      <span class="change" title={title}>
        None before
      </span>
    )
  }
  const change = earlier === 0 ? 0 : ((value - earlier) / earlier) * 100
  const isGood = rise === 'good' ? change > 0 : change < 0
  const mood = change === 0 || rise === 'neutral' ? '' : isGood ? 'is-good' : 'is-bad'
  return (
    <span class={`change ${mood}`} title={title}>
      <span aria-hidden="true">{change > 0 ? '↑' : change < 0 ? '↓' : '='} </span>
      <span class="visually-hidden">{change > 0 ? 'up' : change < 0 ? 'down' : 'unchanged'} </span>
      {formatPercent(Math.abs(change))}
    </span>
  )
}
