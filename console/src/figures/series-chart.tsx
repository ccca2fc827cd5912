// The chart of one figure over time, with the time before it, and the choice of the interval.

import type { Interval, Metric } from 'job-analytics-client'
import { useMemo } from 'preact/hooks'
import { Chart } from '../chart/chart.tsx'
import type { ChartData } from '../chart/chart-data.ts'
import { FiguresTable } from '../chart/figures-table.tsx'
import type { FiguresOfDays } from '../data/figures-query.ts'
import {
  addDays,
  daysBetween,
  daysOfMonth,
  formatDay,
  formatDays,
  formatMonth,
  formatWeekday,
} from '../format/dates.ts'
import { countOf } from '../format/numbers.ts'
import { DownloadCsv } from '../shell/download-csv.tsx'
import { Segments } from '../shell/segments.tsx'
import { metricText } from './metrics.ts'

const INTERVALS: { value: Interval; name: string }[] = [
  { value: 'day', name: 'Days' },
  { value: 'week', name: 'Weeks' },
  { value: 'month', name: 'Months' },
]

interface SeriesChartProps {
  metric: Metric
  figures: FiguresOfDays | undefined
  /** The series of the days before. */
  before: FiguresOfDays | undefined
  setInterval: (interval: Interval) => void
  csvPath: string
}

/** The chart with its legend, its table and its file. */
export function SeriesChart({ metric, figures, before, setInterval, csvPath }: SeriesChartProps) {
  const chart = useMemo(() => figures && chartOf(metric, figures, before), [metric, figures, before])
  const { name } = metricText(metric)
  const days = figures && formatDays(figures.from, figures.to)
  return (
    <section class="card chart-card" aria-labelledby="chart-title">
      <header class="card-header">
        <h2 id="chart-title">{name} over time</h2>
        <Segments label="Interval" options={INTERVALS} value={figures?.interval} select={setInterval} />
      </header>
      <figure
        class="chart-figure"
        aria-label={`${name} in ${days ?? 'the period'}. The same numbers are in the table below.`}
      >
        {chart ? <Body chart={chart} /> : <div class="chart skeleton" />}
      </figure>
      <footer class="card-footer">
        {chart && <Legend chart={chart} />}
        <DownloadCsv path={csvPath} name="the chart" />
      </footer>
      {chart && <FiguresTable chart={chart} caption={`${name}, ${days}`} />}
    </section>
  )
}

function Body({ chart }: { chart: ChartData }) {
  if (chart.dates.length > 1) return <Chart chart={chart} />
  return (
    <p class="chart empty">A line needs at least two points. Select a longer period or a shorter interval.</p>
  )
}

function Legend({ chart }: { chart: ChartData }) {
  return (
    <ul class="legend">
      {chart.series.map(({ label, ink, isBefore }) => (
        <li key={label}>
          <i class={`swatch ${isBefore ? 'is-dashed' : ''}`} style={{ '--ink': `var(${ink})` }} />
          {label}
        </li>
      ))}
    </ul>
  )
}

function chartOf(
  metric: Metric,
  { series: points, from, to, interval }: FiguresOfDays,
  before: FiguresOfDays | undefined,
): ChartData {
  const dates = points.map(({ date }) => date)
  const series = [
    { label: formatDays(from, to), values: points.map((point) => point[metric] ?? 0), ink: '--accent' },
  ]
  const compared = before && {
    label: formatDays(before.from, before.to),
    values: points.map((_, index) => before.series[index]?.[metric] ?? null),
    ink: '--quiet',
    isBefore: true,
  }
  return {
    dates,
    series: compared ? [...series, compared] : series,
    kind: 'lines',
    format: metricText(metric).format,
    formatTick: interval === 'month' ? formatMonth : formatDay,
    formatDate: (date) => bucketName(date, dates, to, interval),
  }
}

/** The name of a day, week or month, with its number of days if the period holds only a part of it. */
function bucketName(date: string, dates: readonly string[], to: string, interval: Interval): string {
  if (interval === 'day') return formatWeekday(date)
  const next = dates[dates.indexOf(date) + 1] ?? addDays(to, 1)
  const days = daysBetween(date, next) - 1
  const name = interval === 'month' ? formatMonth(date) : `Week of ${formatDay(date)}`
  const whole = interval === 'month' ? daysOfMonth(date) : 7
  return days < whole ? `${name}, ${countOf(days, 'day')} of it` : name
}
