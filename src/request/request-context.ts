// What belongs to one request: its ID, deadline, timings, log fields, response headers and background tasks.

import type { Window } from '../analytics/windows.ts'
import type { ErrorCode } from '../http/errors.ts'
import { createRequestId } from '../http/request-id.ts'
import { REQUEST_DEADLINE_MS } from '../limits/admission.ts'
import type { Services } from '../services.ts'
import { BackgroundTasks } from './background-tasks.ts'
import type { Caller } from './caller.ts'

/** A store as `Server-Timing` and the log name it. */
export type Hop = 'redis' | 'postgres' | 'store'

/** One request. The steps read and fill it; it holds no secret. */
export class RequestContext {
  readonly id = createRequestId()
  /** Epoch milliseconds. */
  readonly startedAt: number
  /** Aborts every hop when the request may take no longer. */
  readonly signal = AbortSignal.timeout(REQUEST_DEADLINE_MS)
  /** Where links in the response begin, such as `https://analytics.example.com`. */
  readonly origin: string
  /** Who makes the request, once that is verified. */
  caller: Caller | undefined
  /** The days of the figures that are served, if the store failed and the cache has those of earlier days. */
  servedWindow: Window | undefined
  /** Whether all figures of the response came from the cache; undefined if it has none. */
  isFromCache: boolean | undefined
  /** The code of the error that was sent; undefined for a success. */
  errorCode: ErrorCode | undefined
  /** Headers that the response gets, also if it is an error. */
  readonly responseHeaders: Record<string, string> = {}
  /** When the request arrived, in the order of this isolate's queries. */
  readonly mark: number
  readonly background: BackgroundTasks
  readonly logFields: Record<string, unknown> = {}
  readonly #now: () => number
  readonly #hops: { hop: Hop; ms: number }[] = []

  constructor(origin: string, services: Services) {
    this.origin = origin
    this.#now = services.now
    this.startedAt = services.now()
    this.mark = services.sentQueries.mark()
    this.background = new BackgroundTasks(this, services)
  }

  /** Adds fields to the log line; later values win. */
  log(fields: Record<string, unknown>): void {
    Object.assign(this.logFields, fields)
  }

  /** Runs `work` and records how long the hop took. */
  async timed<T>(hop: Hop, work: () => Promise<T>): Promise<T> {
    const start = this.#now()
    try {
      return await work()
    } finally {
      this.#hops.push({ hop, ms: this.#now() - start })
    }
  }

  /** The value of `Server-Timing`, in milliseconds: each hop so far, and the total. */
  serverTiming(): string {
    const hops = this.#hops.map(({ hop, ms }) => `${hop};dur=${ms}`)
    return [...hops, `total;dur=${this.#now() - this.startedAt}`].join(', ')
  }

  /** The hops as fields of the log line: `redis_ms`, `postgres_ms`, `store_ms`; the sum if a store had several. */
  hopFields(): Record<string, number> {
    const fields: Record<string, number> = {}
    for (const { hop, ms } of this.#hops) fields[`${hop}_ms`] = (fields[`${hop}_ms`] ?? 0) + ms
    return fields
  }
}
