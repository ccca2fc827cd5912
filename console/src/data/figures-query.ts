// Reads the figures of the whole site, or of one job, over time: totals, a series, and the same of the days before.

import type { Interval, JobMetric, Metric } from 'job-analytics-client'
import { searchOf } from '../../../packages/client/src/search-parameters.ts'
import { siteSearch } from '../../../packages/client/src/site-query.ts'
import { JOB_VISITORS_PARAMETERS } from '../../../packages/client/src/wire-types.ts'
import { analytics } from '../api/analytics.ts'
import { addDays, daysBetween } from '../format/dates.ts'
import { apiFilters, type Days, type Selection } from './selection.ts'
import { type QueryState, useQuery } from './use-query.ts'

/** Numbers by the name of their metric. */
export type Totals = Partial<Record<Metric, number>>

/** The figures of some days. */
export interface FiguresOfDays {
  totals: Totals
  series: (Totals & { date: string })[]
  from: string
  to: string
  timeZone: string
  interval: Interval
}

/** What is counted. A job without filters has the figures of the list of jobs, in which several pages of a job are added up. */
export interface FiguresQuery {
  selection: Selection
  /** The only job whose visits count. It is not among the filters. */
  jobId?: string | undefined
  metrics: readonly Metric[]
  interval: Interval
}

const JOB_METRICS: readonly JobMetric[] = ['visitors', 'applications', 'application_rate', 'pageviews']
const SITE_METRICS: readonly Metric[] = ['visits', 'pageviews', 'bounce_rate', 'visit_duration']

/** The metrics of a job or of the whole site, in the order in which they are shown. */
export function metricsOf(hasApplications: boolean, isJob: boolean): Metric[] {
  const all: Metric[] = isJob
    ? [...JOB_METRICS]
    : ['visitors', 'applications', 'application_rate', ...SITE_METRICS]
  return hasApplications ? all : all.filter((metric) => !metric.startsWith('application'))
}

/** The selection of the site's visits that are counted: those of the job, with the filters. */
export function siteSelection({ selection, jobId }: Pick<FiguresQuery, 'selection' | 'jobId'>): Selection {
  if (jobId === undefined) return selection
  return {
    ...selection,
    filters: [{ dimension: 'job', operator: 'is', values: [jobId] }, ...selection.filters],
  }
}

/** The figures of the selected days and, if the selection compares, of as many days just before. */
export function useFigures(query: FiguresQuery): {
  main: QueryState<FiguresOfDays>
  before: QueryState<FiguresOfDays>
} {
  const { jobId, metrics, interval, selection } = query
  const { days, compares, filters } = selection
  const subject = { jobId, metrics, interval, filters }
  const main = useQuery({
    name: ['figures', subject, days],
    read: (signal) => readFigures(query, days, signal),
    keepsPrevious: true,
  })
  const daysBefore = compares && main.data && !main.isPrevious ? before(main.data) : undefined
  const earlier = useQuery({
    name: ['figures', subject, daysBefore],
    read: (signal) => readFigures(query, daysBefore ?? days, signal),
    enabled: daysBefore !== undefined,
  })
  return { main, before: earlier }
}

/** The address of the CSV file of the series. */
export function figuresCsvPath(query: FiguresQuery): string {
  const { jobId, selection, metrics, interval } = query
  const format: [string, string] = ['format', 'csv']
  if (jobId === undefined || selection.filters.length > 0) {
    return `/analytics/site?${new URLSearchParams([...siteSearch(siteQuery(query, selection.days)), format])}`
  }
  const options = { ...selection.days, metrics, interval }
  const search = searchOf('options', options, JOB_VISITORS_PARAMETERS)
  return `/analytics/jobs?${new URLSearchParams([['jobIds', jobId], ...search, format])}`
}

async function readFigures(query: FiguresQuery, days: Days, signal: AbortSignal): Promise<FiguresOfDays> {
  const { jobId, selection, interval } = query
  if (jobId !== undefined && selection.filters.length === 0) return readJob(jobId, query, days, signal)
  const { data, meta } = await analytics.siteAnalytics(siteQuery(query, days), { signal })
  const { from, to, time_zone: timeZone } = meta
  return { totals: data.totals, series: data.series ?? [], from, to, timeZone, interval }
}

async function readJob(
  id: string,
  { metrics, interval }: FiguresQuery,
  days: Days,
  signal: AbortSignal,
): Promise<FiguresOfDays> {
  const wanted = JOB_METRICS.filter((metric) => metrics.includes(metric))
  const { jobs, meta } = await analytics.jobAnalytics([id], { ...days, metrics: wanted, interval, signal })
  const { series = [], ...totals } = jobs.get(id) ?? {}
  return {
    totals,
    series,
    from: meta?.from ?? '',
    to: meta?.to ?? '',
    timeZone: meta?.time_zone ?? '',
    interval,
  }
}

function siteQuery({ selection, jobId, metrics, interval }: FiguresQuery, days: Days) {
  const { filters } = siteSelection({ selection, jobId })
  return { ...days, metrics, interval, filters: apiFilters(filters) }
}

function before({ from, to }: FiguresOfDays): Days {
  return { from: addDays(from, -daysBetween(from, to)), to: addDays(from, -1) }
}
