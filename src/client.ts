// The typed client of the API, for Node, browsers and Workers: any number of jobs in one call, within the API's limits.

import { AnalyticsError, type AnalyticsErrorCode } from './client/analytics-error.ts'
import { isObject, unexpectedAnswer } from './client/api-error.ts'
import { type CallOptions, withinDeadline } from './client/call-options.ts'
import { asWritten, batchesOf, readBatches } from './client/job-batches.ts'
import { type Progress, SharedCalls } from './client/shared-calls.ts'
import { type SiteAnalyticsQuery, type SiteFilter, siteSearch } from './client/site-query.ts'
import { createTransport, type Transport } from './client/transport.ts'
import type {
  ApiErrorCode,
  Dimension,
  Interval,
  Job,
  JobListAnswer,
  JobSort,
  JobStatus,
  Metric,
  ParameterProblem,
  Period,
  SiteAnalytics,
} from './client/wire-types.ts'

export type {
  AnalyticsErrorCode,
  ApiErrorCode,
  CallOptions,
  Dimension,
  Interval,
  Job,
  JobSort,
  JobStatus,
  Metric,
  ParameterProblem,
  Period,
  Progress,
  SiteAnalytics,
  SiteAnalyticsQuery,
  SiteFilter,
}
export { AnalyticsError }

/** How to reach the API. */
export interface AnalyticsClientOptions {
  /** Address of the API, such as `https://analytics.example.com`. */
  baseUrl: string
  /** Your organization's key. */
  apiKey: string
  /** Requests under way at once, over all calls of this client: 1 to 10, which is the API's limit for a key. Default 10. */
  concurrency?: number
  /** How long a call may take, its waits and retries included. Default 30 s, and 60 s more for every 100 requests it needs. */
  deadlineMs?: number
  /** Keeps the visitors of jobs for 5 minutes, or as long as it says, and lets equal calls under way share one. Default off. */
  cache?: boolean | { maxAgeMs: number }
  /** Sends the requests. Default the platform's `fetch`. */
  fetch?: typeof globalThis.fetch
}

/** What a call of `jobVisitors` may be told. */
export interface JobVisitorsOptions extends CallOptions {
  /** `7d` and `30d`: full days before today; `6mo` and `12mo`: full months before this one. Default `30d`. */
  period?: Period
  /** Told after each request of a long list. */
  onProgress?: (progress: Progress) => void
}

/** Which jobs to list, and how. */
export interface JobListOptions extends CallOptions {
  status?: JobStatus
  /** Words of the title. */
  q?: string
  /** Default `-created_at`: the newest first. */
  sort?: JobSort
}

const CACHE_MS = 300_000
const BASE_DEADLINE_MS = 30_000
const DEADLINE_PER_100_REQUESTS_MS = 60_000

/** Reads the figures of one organization. Every call rejects with `AnalyticsError`. */
export class AnalyticsClient {
  readonly #get: Transport
  readonly #deadlineMs: number | undefined
  readonly #jobVisitors: SharedCalls<Map<string, number>>

  /** Throws `TypeError` where an option cannot be right. */
  constructor({ deadlineMs, cache = false, ...options }: AnalyticsClientOptions) {
    this.#get = createTransport(options)
    this.#deadlineMs = deadlineMs
    this.#jobVisitors = new SharedCalls(typeof cache === 'object' ? cache.maxAgeMs : cache ? CACHE_MS : 0)
  }

  /**
   * How many people visited each of these jobs. Takes any number of IDs and asks for 100 at a time. Resolves to one count
   * for each ID as it was written, in the same order; a job nobody visited has 0. Fails as a whole: also where only some of
   * the jobs may not be read, of which the error's `jobIds` names those of the first request that met any.
   */
  jobVisitors(jobIds: Iterable<string>, options: JobVisitorsOptions = {}): Promise<Map<string, number>> {
    const ids = [...jobIds]
    const batches = batchesOf(ids)
    const { period = '30d', onProgress } = options
    return this.#call(options, batches.length, async (patience) => {
      const name = JSON.stringify([period, batches])
      const counts = await this.#jobVisitors.join(name, { ...patience, onProgress }, (caller) =>
        readBatches(this.#get, batches, period, caller),
      )
      return asWritten(ids, counts)
    })
  }

  /** All jobs of the organization that fit, one after another; 100 are read at a time, each time within the deadline. */
  async *jobs(options: JobListOptions = {}): AsyncGenerator<Job, void, undefined> {
    const { status, q, sort } = options
    const search = { per_page: '100', ...(status && { status }), ...(q && { q }), ...(sort && { sort }) }
    let cursor: string | null | undefined
    while (cursor !== null) {
      const position = cursor === undefined ? {} : { cursor }
      const answer = await this.#call(options, 1, (patience) =>
        this.#get('/jobs', { ...search, ...position }, patience),
      )
      if (!isJobListAnswer(answer)) throw unexpectedAnswer()
      yield* answer.data
      cursor = answer.meta.pagination.next_cursor
    }
  }

  /** Totals of the whole board, on request broken down, over time, filtered and compared. */
  siteAnalytics(query: SiteAnalyticsQuery = {}, options: CallOptions = {}): Promise<SiteAnalytics> {
    return this.#call(options, 1, async (patience) => {
      const answer = await this.#get('/analytics/site', siteSearch(query), patience)
      if (!isSiteAnalytics(answer)) throw unexpectedAnswer()
      return answer
    })
  }

  #call<Value>(
    { signal, deadlineMs }: CallOptions,
    requests: number,
    work: Parameters<typeof withinDeadline<Value>>[1],
  ): Promise<Value> {
    const usualMs = BASE_DEADLINE_MS + Math.floor(requests / 100) * DEADLINE_PER_100_REQUESTS_MS
    return withinDeadline({ signal, deadlineMs: deadlineMs ?? this.#deadlineMs ?? usualMs }, work)
  }
}

function isJobListAnswer(answer: unknown): answer is JobListAnswer {
  if (!isObject(answer) || !Array.isArray(answer['data']) || !isObject(answer['meta'])) return false
  return isObject(answer['meta']['pagination']) && 'next_cursor' in answer['meta']['pagination']
}

function isSiteAnalytics(answer: unknown): answer is SiteAnalytics {
  return isObject(answer) && isObject(answer['data']) && isObject(answer['data']['totals'])
}
