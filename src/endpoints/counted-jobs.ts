// Everything that the store counted by page or ID, so that any number of jobs can be ranked by it.

import type { StatsResult } from '../analytics/analytics-store.ts'
import { MAX_QUERIES } from '../analytics/fair-share.ts'
import { type FiguresRequest, figuresCost, type Metric, percent, queryFigures } from '../analytics/figures.ts'
import { foldKey, isRate, keysOfJob, sumByJob } from '../analytics/job-rows.ts'
import type { JobRanking, OwnedJob } from '../directory/directory.ts'
import type { Spend } from '../request/figures-query.ts'
import type { RequestContext } from '../request/request-context.ts'
import type { Services } from '../services.ts'
import { StoreError } from '../stores/store-error.ts'
import { rejectCost } from './reject-unsupported.ts'

/** The rows of one query, the largest first. */
export interface CountedJobs {
  /** What the directory ranks jobs by: the first metric. */
  ranking: JobRanking
  /** The store counted more pages than it returns, so jobs with few visitors are not ranked. */
  isTruncated: boolean
  /** What these jobs are ranked by; 0 for a job that was not counted. */
  weightsOf(jobs: readonly OwnedJob[]): number[]
  /**
   * The requested metrics of these jobs, in their order. Jobs with pages beyond the rows take further queries. Throws `StoreError`,
   * and `ApiError` 400 if those are too many.
   */
  figuresOf(jobs: readonly OwnedJob[]): Promise<number[][]>
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** What to count, and the parameter by which callers select how many jobs. */
export type CountedJobsRequest = Omit<FiguresRequest, 'groupBy' | 'slice'> & { sizedBy: 'limit' | 'per_page' }

/** The first request of `readCountedJobs`, and the only one if the store returns all rows. */
export function countedRequest(
  { store }: Services,
  { sizedBy: _, ...query }: CountedJobsRequest,
): FiguresRequest {
  const slice = { limit: store.maxRows, offset: 0 }
  return { ...query, metrics: countedMetrics(query.metrics), groupBy: 'job_key', slice }
}

/** Queries the figures of everything that may be a job's page or ID. `spend` counts what `countedRequest` does not. Throws `StoreError`. */
export async function readCountedJobs(
  services: Services,
  request: RequestContext,
  site: string,
  wanted: CountedJobsRequest,
  spend: Spend,
): Promise<CountedJobs> {
  const { store, applyEvent } = services
  const { jobKey } = store
  const { sizedBy, ...query } = wanted
  const first = countedRequest(services, wanted)
  const { metrics } = first
  const result = await queryRows(services, request, site, first, spend)
  const rows = result.rows
    .map((row) => ({ ...row, group: foldKey(row.group ?? '', jobKey) }))
    .filter(({ group }) => (jobKey === 'id' ? UUID.test(group) : !group.includes('\0')))
  const isTruncated = result.isTruncated === true
  const sumsOf = (jobs: readonly OwnedJob[]) =>
    new Map(sumByJob(rows, metrics, jobs, jobKey).map((row) => [row.group, row.metrics]))
  return {
    ranking: {
      jobKey,
      keys: rows.map(({ group }) => group),
      weights: rows.map((row) => row.metrics[0] ?? 0),
      isRate: isRate(metrics[0]),
    },
    isTruncated,
    weightsOf(jobs) {
      const sums = sumsOf(jobs)
      return jobs.map(({ id }) => sums.get(id)?.[0] ?? 0)
    },
    async figuresOf(jobs) {
      const sums = sumsOf(jobs)
      const keys = new Set(rows.map(({ group }) => group))
      const partial = jobs.filter((job) => keysOfJob(job, jobKey).some((key) => !keys.has(key)))
      if (isTruncated && partial.length > 0) {
        const jobFilters = [{ isNegated: false, jobs: partial }, ...(query.jobFilters ?? [])]
        const exact: FiguresRequest = { ...query, metrics, groupBy: 'job', jobFilters }
        const cost = figuresCost(store, site, [exact], applyEvent)
        if (spend(cost) > MAX_QUERIES) {
          spend(-cost)
          rejectCost(cost, sizedBy)
        }
        const again = await queryFigures(store, site, exact, applyEvent, request.signal)
        for (const { group, metrics: values } of again.rows) sums.set(group, values)
      }
      return jobs.map(({ id }) => requestedValues(query.metrics, metrics, sums.get(id) ?? []))
    },
  }
}

/** All rows at once, or a tenth of them if long page names make the result too large. */
async function queryRows(
  { store, applyEvent }: Services,
  request: RequestContext,
  site: string,
  query: FiguresRequest,
  spend: Spend,
): Promise<StatsResult> {
  const run = (part: FiguresRequest) => queryFigures(store, site, part, applyEvent, request.signal)
  try {
    return await run(query)
  } catch (error) {
    if (!(error instanceof StoreError && error.fault === 'too_large')) throw error
    const less = { ...query, slice: { limit: Math.floor(store.maxRows / 10), offset: 0 } }
    spend(figuresCost(store, site, [less], applyEvent))
    return run(less)
  }
}

/** An application rate cannot be summed, but the numbers it is computed from can. */
function countedMetrics(metrics: readonly Metric[]): Metric[] {
  const parts = metrics.flatMap((metric): Metric[] =>
    metric === 'application_rate' ? ['applications', 'visitors'] : [metric],
  )
  return [...new Set(parts)]
}

function requestedValues(
  requested: readonly Metric[],
  counted: readonly Metric[],
  values: readonly number[],
): number[] {
  const figureOf = (metric: Metric) => values[counted.indexOf(metric)] ?? 0
  return requested.map((metric) =>
    metric === 'application_rate'
      ? percent(figureOf('applications'), figureOf('visitors'))
      : figureOf(metric),
  )
}
