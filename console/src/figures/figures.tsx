// All figures of a selection: totals, the chart, and the ranked bars. The overview and the page of a job show it.

import type { Dimension, Interval, Metric } from 'job-analytics-client'
import type { Session } from '../api/session.ts'
import {
  type FiguresOfDays,
  figuresCsvPath,
  metricsOf,
  siteSelection,
  useFigures,
} from '../data/figures-query.ts'
import { usualInterval, withFilter } from '../data/selection.ts'
import type { QueryState } from '../data/use-query.ts'
import { useSearch, useSelection } from '../data/use-search.ts'
import { formatDays } from '../format/dates.ts'
import { Problem } from '../shell/problem.tsx'
import { Breakdown } from './breakdown.tsx'
import { FilterChips } from './filter-chips.tsx'
import { PeriodPicker } from './period-picker.tsx'
import { SeriesChart } from './series-chart.tsx'
import { Totals } from './totals.tsx'

const INTERVALS: readonly Interval[] = ['day', 'week', 'month']

/** A card of ranked bars. */
export interface BreakdownCard {
  title: string
  dimensions: readonly [Dimension, ...Dimension[]]
}

interface FiguresProps {
  session: Session
  cards: readonly BreakdownCard[]
  /** The job that the page is about. Without it, the page is about the whole site. */
  jobId?: string
}

/** The picker, the filters and the figures. What is shown is in the page's address. */
export function Figures({ session, cards, jobId }: FiguresProps) {
  const { selection, select, linkTo } = useSelection()
  const { search, change } = useSearch()
  const metrics = metricsOf(session.applications, jobId !== undefined)
  const metric: Metric = metrics.find((name) => name === search.get('metric')) ?? 'visitors'
  const usual = usualInterval(selection.days)
  const interval = INTERVALS.find((name) => name === search.get('interval')) ?? usual
  const query = { selection, jobId, metrics, interval }
  const { main, before } = useFigures(query)
  const scope = siteSelection(query)
  return (
    <>
      <PeriodPicker selection={selection} select={select} today={session.today} />
      <FilterChips selection={selection} select={select} />
      <p class="quiet small days" role="status">
        {daysOf(main)}
      </p>
      {main.error ? (
        <Problem error={main.error} retry={main.refetch} />
      ) : (
        <div class="figures-main" aria-busy={main.isPrevious}>
          <Totals
            metrics={metrics}
            figures={main.data}
            before={before.data}
            shown={metric}
            show={(name) => change({ metric: name === 'visitors' ? undefined : name }, false)}
          />
          <SeriesChart
            metric={metric}
            figures={main.data}
            before={before.data}
            setInterval={(name) => change({ interval: name === usual ? undefined : name }, false)}
            csvPath={figuresCsvPath(query)}
          />
          <div class={`breakdowns of-${cards.length}`}>
            {cards.map(({ title, dimensions }) => (
              <Breakdown
                key={title}
                title={title}
                dimensions={dimensions}
                metric={metric === 'applications' ? metric : 'visitors'}
                selection={scope}
                isEnabled={main.data !== undefined}
                linkTo={(filter) => linkTo(withFilter(selection, filter))}
              />
            ))}
          </div>
        </div>
      )}
    </>
  )
}

/** The days that the figures are of, once they are there. */
function daysOf({ data, error, isPrevious }: QueryState<FiguresOfDays>): string {
  if (error) return ''
  if (!data || isPrevious) return 'Loading the figures …'
  return `${formatDays(data.from, data.to)}, time zone ${data.timeZone}`
}
