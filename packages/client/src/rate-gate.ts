// Paces the requests of one client by the rate limit that the responses report.

import { AnalyticsError } from './analytics-error.ts'
import { type RateLimit, rateLimitOf } from './rate-limit-fields.ts'
import type { Patience } from './retry.ts'

/** How a request is paced. */
export interface Pace extends Patience {
  /** Whether it is one of many requests of a long call. Such requests leave a part of the limit to other callers. */
  isBulk: boolean
}

/** A request that may be sent. Hand it back with `finish`. */
export interface Pass {
  number: number
  isProbe: boolean
}

interface Waiting {
  pace: Pace
  resolve: (pass: Pass) => void
  reject: (reason: unknown) => void
  abort: () => void
}

interface KnownLimit extends RateLimit {
  /** The request whose response reported this limit. */
  number: number
  /** Epoch milliseconds. */
  reportedAt: number
}

/** The API's own limit: assumed until a response reports another. */
const DEFAULT_QUOTA = 100
const DEFAULT_WINDOW_SECONDS = 60
/** While others use up the limit, a long call sends one request in this part of the window. */
const TRICKLE_PART = 1 / 10

/**
 * Admits requests while the API has room for them. When the limit is used up, all requests wait until the API has room
 * again. Then one goes ahead, and the others follow as its response allows.
 */
export class RateGate {
  readonly #bulkShare: number
  readonly #queue = new Set<Waiting>()
  #limit: KnownLimit | undefined
  #policy = { quota: DEFAULT_QUOTA, windowSeconds: DEFAULT_WINDOW_SECONDS }
  #sent = 0
  #inFlight = 0
  #isProbing = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `bulkShare`: the part of the limit that long calls may use, more than 0 and at most 1. */
  constructor(bulkShare: number) {
    this.#bulkShare = bulkShare
  }

  /** How long the limit's window is. */
  get windowMs(): number {
    return this.#policy.windowSeconds * 1_000
  }

  /** How many requests of long calls fit in a window, at least 1. */
  get bulkQuota(): number {
    return Math.max(1, Math.floor(this.#policy.quota * this.#bulkShare))
  }

  /**
   * Resolves when the request may be sent. Rejects with the signal's reason, or with the code `rate_limited` if the request
   * would have to wait until after its deadline.
   */
  enter(pace: Pace): Promise<Pass> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#queue.delete(waiting)
        reject(pace.signal.reason)
        this.#admit()
      }
      const waiting = { pace, resolve, reject, abort }
      if (pace.signal.aborted) return reject(pace.signal.reason)
      pace.signal.addEventListener('abort', abort, { once: true })
      this.#queue.add(waiting)
      this.#admit()
    })
  }

  /** Reports how a request ended: with this response, or without one. `retryAfterSeconds` is that of a refusal by the rate limit. */
  finish({ number, isProbe }: Pass, response?: Response, retryAfterSeconds?: number): void {
    this.#inFlight--
    if (isProbe) this.#isProbing = false
    if (response) this.#record(number, response, retryAfterSeconds)
    this.#admit()
  }

  #record(number: number, { headers, ok }: Response, retryAfterSeconds: number | undefined): void {
    const limit = rateLimitOf(headers)
    if (limit?.quota && limit.windowSeconds) {
      this.#policy = { quota: limit.quota, windowSeconds: limit.windowSeconds }
    }
    const known = this.#limit
    const newest = Math.max(number, known?.number ?? 0)
    if (retryAfterSeconds !== undefined) {
      const refusal = {
        quota: undefined,
        windowSeconds: undefined,
        remaining: 0,
        resetSeconds: retryAfterSeconds,
      }
      this.#limit = { ...refusal, number: newest, reportedAt: Date.now() }
    } else if (limit) {
      // Requests overtake one another: the one that was sent last counts, unless an earlier one found less room.
      if (known && number < newest && limit.remaining >= known.remaining) return
      this.#limit = { ...limit, number: newest, reportedAt: Date.now() }
    } else if (ok && number === newest) {
      this.#limit = undefined
    }
  }

  #admit(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    let nextAt = Number.POSITIVE_INFINITY
    for (const waiting of this.#queue) {
      const at = this.#admissibleAt(waiting.pace.isBulk)
      if (at === undefined) continue
      if (at <= Date.now()) this.#send(waiting)
      else if (this.#keepWaiting(waiting, at)) nextAt = Math.min(nextAt, at)
    }
    if (nextAt < Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#admit(), Math.max(1, nextAt - Date.now()))
    }
  }

  /** When a request may be sent, in epoch milliseconds; 0 is now. Undefined while a response has to arrive first. */
  #admissibleAt(isBulk: boolean): number | undefined {
    if (!this.#limit) return 0
    const { remaining, resetSeconds, reportedAt } = this.#limit
    const { windowSeconds } = this.#policy
    const reserve = this.#reserve(isBulk)
    // Requests under way may not be counted yet.
    if (remaining - this.#inFlight > reserve) return 0
    if (this.#isProbing || remaining > reserve) return undefined
    const trickleSeconds = isBulk && remaining > 0 ? windowSeconds * TRICKLE_PART : 0
    return reportedAt + Math.max(resetSeconds ?? windowSeconds, trickleSeconds) * 1_000
  }

  /** How many requests have to be left over. */
  #reserve(isBulk: boolean): number {
    return isBulk && this.#limit?.quota ? this.#limit.quota - this.bulkQuota : 0
  }

  #send(waiting: Waiting): void {
    const isProbe = this.#limit !== undefined && this.#limit.remaining <= this.#reserve(waiting.pace.isBulk)
    this.#leave(waiting)
    this.#inFlight++
    this.#isProbing ||= isProbe
    waiting.resolve({ number: ++this.#sent, isProbe })
  }

  /** Whether the request goes on waiting until then; else it has been rejected. */
  #keepWaiting(waiting: Waiting, at: number): boolean {
    try {
      if (at > waiting.pace.deadlineAt()) throw waitIsTooLong(at)
      waiting.pace.onWait?.(at)
      return true
    } catch (error) {
      this.#leave(waiting)
      waiting.reject(error)
      return false
    }
  }

  #leave(waiting: Waiting): void {
    this.#queue.delete(waiting)
    waiting.pace.signal.removeEventListener('abort', waiting.abort)
  }
}

function waitIsTooLong(at: number): AnalyticsError {
  const until = new Date(at).toISOString()
  const message = `The rate limit is used up until ${until}, which is after the deadline. Try again later, or set a longer deadlineMs.`
  const retryAfterSeconds = Math.max(0, Math.ceil((at - Date.now()) / 1_000))
  return new AnalyticsError(message, { code: 'rate_limited', retryAfterSeconds })
}
