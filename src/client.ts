// The typed client of the API, for Node, browsers and Workers: any number of jobs in one call, within the API's limits.

import pLimit from 'p-limit'
import { AnalyticsError, type AnalyticsErrorCode } from './client/analytics-error.ts'
import { asWritten, batchesOf, countsOf } from './client/job-batches.ts'
import { type Caller, type Progress, SharedCalls } from './client/shared-calls.ts'
import { createTransport, type Transport } from './client/transport.ts'
import type { ApiErrorCode, ParameterProblem, Period } from './client/wire-types.ts'

export type { AnalyticsErrorCode, ApiErrorCode, ParameterProblem, Period, Progress }
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
  /** Keeps answers for 5 minutes, or as long as it says, and lets equal calls under way share one. Default off. */
  cache?: boolean | { maxAgeMs: number }
  /** Sends the requests. Default the platform's `fetch`. */
  fetch?: typeof globalThis.fetch
}

/** What one call may be told. */
export interface JobVisitorsOptions {
  /** `7d` and `30d`: full days before today; `6mo` and `12mo`: full months before this one. Default `30d`. */
  period?: Period
  /** Replaces the client's own deadline. */
  deadlineMs?: number
  /** Ends the call; it then rejects with code `aborted`. */
  signal?: AbortSignal
  /** Told after each request of a long list. */
  onProgress?: (progress: Progress) => void
}

const MAX_CONCURRENCY = 10
const CACHE_MS = 300_000
const BASE_DEADLINE_MS = 30_000
const DEADLINE_PER_100_REQUESTS_MS = 60_000

/** Reads the figures of one organization. */
export class AnalyticsClient {
  readonly #get: Transport
  readonly #limit: ReturnType<typeof pLimit>
  readonly #deadlineMs: number | undefined
  readonly #jobVisitors: SharedCalls<Map<string, number>>

  /** Throws `TypeError` where an option cannot be right. */
  constructor(options: AnalyticsClientOptions) {
    const { apiKey, concurrency = MAX_CONCURRENCY, cache = false } = options
    // `fetch` would put a key that no header can hold into its error.
    if (!/^[!-~]+$/.test(apiKey)) throw new TypeError('apiKey is no key: give that of your organization')
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
      throw new TypeError(`concurrency is ${concurrency}: give 1 to ${MAX_CONCURRENCY}`)
    }
    const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
    this.#get = createTransport({ baseUrl: baseOf(options.baseUrl), apiKey, fetch })
    this.#limit = pLimit(concurrency)
    this.#deadlineMs = options.deadlineMs
    this.#jobVisitors = new SharedCalls(typeof cache === 'object' ? cache.maxAgeMs : cache ? CACHE_MS : 0)
  }

  /**
   * How many people visited each of these jobs. Takes any number of IDs and asks for 100 at a time. Resolves to one count
   * for each ID as it was written, in the same order; a job nobody visited has 0. Rejects with `AnalyticsError`, as a
   * whole: also where only some of the jobs may not be read, which are then in its `jobIds`.
   */
  async jobVisitors(
    jobIds: Iterable<string>,
    options: JobVisitorsOptions = {},
  ): Promise<Map<string, number>> {
    const ids = [...jobIds]
    const batches = batchesOf(ids)
    const { period = '30d', onProgress } = options
    const deadlineMs = options.deadlineMs ?? this.#deadlineMs ?? usualDeadlineMs(batches.length)
    const deadline = AbortSignal.timeout(deadlineMs)
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
    const deadlineAt = Date.now() + deadlineMs
    try {
      const name = JSON.stringify([period, batches])
      const counts = await this.#jobVisitors.join(name, { signal, onProgress }, (caller) =>
        this.#readBatches(batches, period, caller, deadlineAt),
      )
      return asWritten(ids, counts)
    } catch (error) {
      if (!signal.aborted) throw error
      if (!deadline.aborted)
        throw new AnalyticsError('The call was aborted.', { code: 'aborted', cause: signal.reason })
      throw new AnalyticsError(`The call took longer than ${deadlineMs} ms.`, { code: 'deadline_exceeded' })
    }
  }

  /** One request for each batch; the first that fails ends the others. */
  async #readBatches(
    batches: string[][],
    period: Period,
    caller: Caller,
    deadlineAt: number,
  ): Promise<Map<string, number>> {
    const failed = new AbortController()
    const signal = AbortSignal.any([caller.signal, failed.signal])
    const counts = new Map<string, number>()
    const total = batches.reduce((sum, batch) => sum + batch.length, 0)
    const read = async (batch: string[]) => {
      signal.throwIfAborted()
      const search = { jobIds: batch.join(','), period }
      const answer = await this.#get('/analytics/jobs', search, { signal, deadlineAt })
      for (const [id, visitors] of countsOf(answer, batch)) counts.set(id, visitors)
      caller.onProgress?.({ done: counts.size, total })
    }
    try {
      await Promise.all(batches.map((batch) => this.#limit(read, batch)))
      return counts
    } catch (error) {
      failed.abort()
      throw error
    }
  }
}

function usualDeadlineMs(requests: number): number {
  return BASE_DEADLINE_MS + Math.floor(requests / 100) * DEADLINE_PER_100_REQUESTS_MS
}

function baseOf(baseUrl: string): string {
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    throw new TypeError('baseUrl is not an http(s) address: give one such as https://analytics.example.com')
  }
  return baseUrl.replace(/\/+$/, '')
}
