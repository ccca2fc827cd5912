// Usage: the requests of today beside the limits, and those of the last 90 days.

import { useMemo, useState } from 'preact/hooks'
import { readKeys } from '../api/keys.ts'
import type { Session } from '../api/session.ts'
import { OUTCOMES, readUsage, type Usage } from '../api/usage.ts'
import { Chart } from '../chart/chart.tsx'
import type { ChartData } from '../chart/chart-data.ts'
import { FiguresTable } from '../chart/figures-table.tsx'
import { useQuery } from '../data/use-query.ts'
import { formatDay, formatDays, formatWeekday } from '../format/dates.ts'
import { formatCount } from '../format/numbers.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { Segments } from '../shell/segments.tsx'
import { UsageByKey } from './usage-by-key.tsx'
import { OUTCOME_TEXTS, sumOf, totalOf } from './usage-sums.ts'

const DAYS = [7, 30, 90].map((value) => ({ value, name: `${value} days` }))

/** The page at /console/usage. */
export function UsagePage({ session }: { session: Session }) {
  const [count, setCount] = useState(90)
  const { data, error, refetch } = useQuery({ name: ['usage'], read: (signal) => readUsage(90, signal) })
  const keys = useQuery({ name: ['keys', 'list'], read: readKeys })
  const days = useMemo(() => data?.data.days.slice(-count), [data, count])
  const { limits } = session
  return (
    <Page title="Usage" subtitle="Requests of your API keys, and of the people in this console">
      {error ? (
        <Problem error={error} retry={refetch} />
      ) : (
        <>
          <dl class="totals tiles">
            <Tile
              name="Requests today"
              value={data && formatCount(data.data.today.requests)}
              note="since midnight UTC"
            />
            <Tile
              name="Refused today"
              value={data && formatCount(refusedOf(data))}
              note="over one of the limits"
            />
            <Tile
              name="Rate limit per key"
              value={formatCount(limits.requests)}
              note={`requests in any ${formatCount(limits.window_seconds)} seconds`}
            />
            <Tile
              name="Requests at once per key"
              value={formatCount(limits.concurrency)}
              note="requests under way, each key"
            />
          </dl>
          <section class="card chart-card" aria-labelledby="usage-title">
            <header class="card-header">
              <h2 id="usage-title">Requests by day</h2>
              <Segments label="Days" options={DAYS} value={count} select={setCount} />
            </header>
            <UsageChart days={days} />
          </section>
          <UsageByKey days={days} keys={keys.data?.data} />
        </>
      )}
    </Page>
  )
}

function Tile({ name, value, note }: { name: string; value: string | undefined; note: string }) {
  return (
    <div class="total">
      <dt class="total-name">{name}</dt>
      <dd class={`total-value ${value === undefined ? 'skeleton' : ''}`}>{value ?? '\u00a0'}</dd>
      <dd class="change">{note}</dd>
    </div>
  )
}

/** The requests of today that were over a limit. */
function refusedOf({ data: { days }, meta: { to } }: Usage): number {
  const sums = sumOf(days.find(({ date }) => date === to)?.keys ?? [])
  return sums.rate_limited + sums.concurrency_limited
}

function UsageChart({ days }: { days: Usage['data']['days'] | undefined }) {
  const chart = useMemo(() => days && chartOf(days), [days])
  if (!days || !chart) return <div class="chart skeleton" />
  const first = days[0]?.date
  const last = days.at(-1)?.date
  if (first === undefined || last === undefined || days.every(({ keys }) => totalOf(sumOf(keys)) === 0)) {
    return <p class="empty">No requests on these days. A request appears here shortly after it was made.</p>
  }
  const caption = `Requests by day and outcome, ${formatDays(first, last)}`
  return (
    <>
      <figure class="chart-figure" aria-label={`${caption}. The same numbers are in the table below.`}>
        <Chart chart={chart} />
      </figure>
      <footer class="card-footer">
        <ul class="legend bars-legend">
          {chart.series.map(({ label, ink }) => (
            <li key={label}>
              <i class="swatch" style={{ '--ink': `var(${ink})` }} />
              {label}
            </li>
          ))}
        </ul>
      </footer>
      <FiguresTable chart={chart} caption={caption} />
    </>
  )
}

function chartOf(days: Usage['data']['days']): ChartData {
  const sums = days.map(({ keys }) => sumOf(keys))
  return {
    dates: days.map(({ date }) => date),
    series: OUTCOMES.map((outcome) => ({
      label: OUTCOME_TEXTS[outcome].name,
      values: sums.map((ofDay) => ofDay[outcome]),
      ink: OUTCOME_TEXTS[outcome].ink,
    })),
    kind: 'bars',
    format: formatCount,
    formatTick: formatDay,
    formatDate: formatWeekday,
  }
}
