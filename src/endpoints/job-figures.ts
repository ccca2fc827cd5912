// The figures of single jobs as they are queried and cached, for every endpoint that returns them.

import * as z from 'zod/mini'
import { type FiguresRequest, figuresCost, queryFigures } from '../analytics/figures.ts'
import { fillGaps, type SeriesPoint } from '../analytics/series.ts'
import type { ResolvedWindow } from '../analytics/windows.ts'
import type { OwnedJob } from '../directory/directory.ts'
import type { RequestContext } from '../request/request-context.ts'
import type { Services } from '../services.ts'
import { logTimeZoneMismatch } from './window-parameters.ts'

/** What can be counted for a job. */
export const JOB_METRICS = ['visitors', 'pageviews', 'applications', 'application_rate'] as const
/** What can be counted for a job. */
export type JobMetric = (typeof JOB_METRICS)[number]

/** The figures of one job, in the order of the requested metrics. */
export interface JobFigures {
  totals: readonly number[]
  series?: readonly SeriesPoint[]
}

/** The beginning of the cache keys of jobs; a job's ID follows. */
export function jobKeyPrefix(windowName: string, metrics: readonly JobMetric[], interval?: string): string {
  const form = [...metrics, ...(interval ? [interval] : [])].join('+')
  return `jobs:${form}:${windowName}:`
}

const jobFigures = z.object({
  totals: z.array(z.number()),
  series: z.exactOptional(z.array(z.tuple([z.string()], z.number()))),
})

/** Cached figures of a job, parsed; undefined if they are something else. */
export function parseJobFigures(cached: unknown): JobFigures | undefined {
  return jobFigures.safeParse(cached).data
}

/** The requests for the figures of these jobs: their totals, and with an interval also their series. */
export function jobRequests(
  { interval, ...query }: FiguresRequest,
  jobs: readonly OwnedJob[],
): readonly [totals: FiguresRequest, ...series: FiguresRequest[]] {
  const totals: FiguresRequest = { ...query, groupBy: 'job', jobFilters: [{ isNegated: false, jobs }] }
  return interval ? [totals, { ...totals, interval }] : [totals]
}

/** How many queries `readJobFigures` sends. */
export function jobFiguresCost(
  { store, applyEvent }: Services,
  site: string,
  query: FiguresRequest,
  jobs: readonly OwnedJob[],
): number {
  return figuresCost(store, site, jobRequests(query, jobs), applyEvent)
}

/** Queries the figures of these jobs, in their order, and on request their series in parallel. Throws `StoreError`. */
export async function readJobFigures(
  { store, applyEvent }: Services,
  request: RequestContext,
  site: string,
  query: FiguresRequest & { window: ResolvedWindow },
  jobs: readonly OwnedJob[],
): Promise<JobFigures[]> {
  const [ofTotals, ofSeries] = jobRequests(query, jobs)
  const [totals, series] = await Promise.all([
    queryFigures(store, site, ofTotals, applyEvent, request.signal),
    ofSeries && queryFigures(store, site, ofSeries, applyEvent, request.signal),
  ])
  logTimeZoneMismatch(request, totals.to, query.window)
  const totalsByJob = new Map(totals.rows.map(({ group, metrics }) => [group, metrics]))
  const seriesByJob = series && Map.groupBy(series.rows, ({ group }) => group)
  const zeros = Array<number>(query.metrics.length).fill(0)
  return jobs.map(({ id }) => ({
    totals: totalsByJob.get(id) ?? zeros,
    ...(seriesByJob && {
      series: fillGaps(series.labels ?? [], seriesByJob.get(id) ?? [], query.metrics.length),
    }),
  }))
}

/** The items at these indexes, in their order. */
export function pick<Item>(items: readonly Item[], indexes: readonly number[]): Item[] {
  return indexes.flatMap((index) => items[index] ?? [])
}
