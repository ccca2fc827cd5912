// Repeats a request that failed, if repeating can help and there is time for it.

import { AnalyticsError } from './analytics-error.ts'

/** When a request has to give up: when the signal fires, or instead of a wait that would end after the deadline. */
export interface Patience {
  signal: AbortSignal
  /** Returns epoch milliseconds. */
  deadlineAt: () => number
  /** Called when the request begins to wait, with the end of the wait in epoch milliseconds. */
  onWait?: ((until: number) => void) | undefined
}

const MAX_RETRIES_OF_LIMITS = 10
const MAX_RETRIES_OF_FAILURES = 3
const RETRIED_STATUSES = [502, 503, 504]
const FIRST_BACKOFF_MS = 300
const LONGEST_BACKOFF_MS = 5_000
/** Spreads callers that got the same `Retry-After`. */
const SPREAD_MS = 200

/**
 * The value of the first attempt that succeeds. Repeats after a 429 (10 times), and after a 502, 503, 504 or a network error
 * (3 times). Waits for `Retry-After`, else for a random time that grows. Rejects with the last attempt's error or the signal's reason.
 */
export async function withRetries<Value>(attempt: () => Promise<Value>, patience: Patience): Promise<Value> {
  for (let failures = 1; ; failures++) {
    patience.signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      patience.signal.throwIfAborted()
      if (!(error instanceof AnalyticsError) || !canRetry(error, failures)) throw error
      const waitMs = waitBeforeRetryMs(error, failures)
      const until = Date.now() + waitMs
      if (until > patience.deadlineAt()) throw error
      patience.onWait?.(until)
      await sleep(waitMs, patience.signal)
    }
  }
}

function canRetry({ code, status }: AnalyticsError, failures: number): boolean {
  if (status === 429) return failures <= MAX_RETRIES_OF_LIMITS
  const isTemporary = code === 'network_error' || (status !== undefined && RETRIED_STATUSES.includes(status))
  return isTemporary && failures <= MAX_RETRIES_OF_FAILURES
}

function waitBeforeRetryMs({ retryAfterSeconds }: AnalyticsError, failures: number): number {
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1_000 + Math.random() * SPREAD_MS
  const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1))
  return longest * (0.5 + Math.random() / 2)
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal.addEventListener('abort', abort, { once: true })
  })
}
