// Splits any number of job IDs into requests, and merges their responses.

import { isObject, unexpectedResponse } from './api-error.ts'
import type { Search } from './search-parameters.ts'
import type { Caller } from './shared-calls.ts'
import type { Transport } from './transport.ts'
import { type JobVisitorsResponse, MAX_JOB_IDS } from './wire-types.ts'

type Data = JobVisitorsResponse['data']

/** All figures of one job that were requested, each under its name in the API, such as `visitors` and `series`. */
export type JobFigures = {
  [Name in keyof Data]: NonNullable<Data[Name]> extends Record<string, infer Figure> ? Figure : never
}

/** Figures by job ID in lower case, and what the API says about them. */
export interface FiguresOfJobs {
  figures: Map<string, JobFigures>
  /** `total_jobs` counts all jobs. Undefined if there are no jobs. */
  meta: JobVisitorsResponse['meta'] | undefined
}

/** Shorter waits, and waits that grow by less, are not reported. */
const SHORTEST_REPORTED_WAIT_MS = 1_000

/** The distinct IDs in groups that fit in one request each. IDs that differ only in case or outer spaces are one. */
export function batchesOf(jobIds: readonly string[]): string[][] {
  const distinct = [...new Set(jobIds.map(normalized))]
  const batches: string[][] = []
  for (let start = 0; start < distinct.length; start += MAX_JOB_IDS) {
    batches.push(distinct.slice(start, start + MAX_JOB_IDS))
  }
  return batches
}

/** Reads all batches with one request each. The first request that fails ends the others. */
export async function readBatches(
  { get }: Transport,
  batches: readonly string[][],
  search: Search,
  caller: Caller,
): Promise<FiguresOfJobs> {
  const failed = new AbortController()
  const total = batches.reduce((sum, batch) => sum + batch.length, 0)
  const figures = new Map<string, JobFigures>()
  let meta: FiguresOfJobs['meta']
  let reportedUntil = 0
  const pace = {
    signal: AbortSignal.any([caller.signal, failed.signal]),
    deadlineAt: caller.deadlineAt,
    isBulk: batches.length > 1,
    onWait(until: number) {
      if (until - Math.max(reportedUntil, Date.now()) < SHORTEST_REPORTED_WAIT_MS) return
      reportedUntil = until
      caller.onProgress?.({ done: figures.size, total, waitingUntil: new Date(until) })
    },
  }
  const read = async (batch: string[]) => {
    const response = await get('/analytics/jobs', [['jobIds', batch.join(',')], ...search], pace)
    if (!isJobVisitorsResponse(response)) throw unexpectedResponse()
    for (const id of batch) figures.set(id, figuresOf(response.data, id))
    meta = { ...response.meta, total_jobs: total }
    caller.onProgress?.({ done: figures.size, total })
  }
  try {
    await Promise.all(batches.map(read))
    return { figures, meta }
  } catch (error) {
    failed.abort()
    throw error
  }
}

/** A value for each ID exactly as the caller wrote it, in the caller's order. */
export function asWritten<Value>(
  jobIds: readonly string[],
  figures: ReadonlyMap<string, JobFigures>,
  pick: (figures: JobFigures) => Value,
): Map<string, Value> {
  return new Map(
    jobIds.flatMap((jobId): [string, Value][] => {
      const found = figures.get(normalized(jobId))
      return found ? [[jobId, pick(found)]] : []
    }),
  )
}

function figuresOf(data: Data, id: string): JobFigures {
  const figures: Record<string, unknown> = {}
  for (const [name, byId] of Object.entries(data)) {
    if (!isObject(byId)) continue
    if (byId[id] === undefined) throw unexpectedResponse()
    figures[name] = byId[id]
  }
  if (!hasVisitors(figures)) throw unexpectedResponse()
  return figures
}

function hasVisitors(figures: Record<string, unknown>): figures is JobFigures {
  return Number.isSafeInteger(figures['visitors']) && Number(figures['visitors']) >= 0
}

function normalized(jobId: string): string {
  return jobId.trim().toLowerCase()
}

function isJobVisitorsResponse(response: unknown): response is JobVisitorsResponse {
  return isObject(response) && isObject(response['data']) && isObject(response['data']['visitors'])
}
