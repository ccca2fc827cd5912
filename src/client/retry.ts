// Tries again where that helps and for as long as the caller has patience.

import { AnalyticsError } from './analytics-error.ts'

/** When to give up: on the signal, or rather than wait for longer than is left. */
export interface Patience {
  signal: AbortSignal
  /** Epoch milliseconds. */
  deadlineAt: number
}

const MAX_RETRIES_OF_LIMITS = 10
const MAX_RETRIES_OF_FAILURES = 3
const RETRIED_STATUSES = [502, 503, 504]
const FIRST_BACKOFF_MS = 300
const LONGEST_BACKOFF_MS = 5_000
/** Callers that were all told the same `Retry-After` come back a little apart. */
const SPREAD_MS = 200

/**
 * The value of the first try that succeeds. Tries again after a 429 (10 times), after a 502, 503, 504 or a network error
 * (3 times): when `Retry-After` says, else with jittered back-off. Rejects with the last try's error or the signal's reason.
 */
export async function withRetries<Value>(attempt: () => Promise<Value>, patience: Patience): Promise<Value> {
  for (let failures = 1; ; failures++) {
    patience.signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      patience.signal.throwIfAborted()
      if (!(error instanceof AnalyticsError) || !mayPass(error, failures)) throw error
      const waitMs = waitBeforeRetryMs(error, failures)
      if (Date.now() + waitMs > patience.deadlineAt) throw error
      await sleep(waitMs, patience.signal)
    }
  }
}

function mayPass({ code, status }: AnalyticsError, failures: number): boolean {
  if (status === 429) return failures <= MAX_RETRIES_OF_LIMITS
  const isPassing = code === 'network_error' || (status !== undefined && RETRIED_STATUSES.includes(status))
  return isPassing && failures <= MAX_RETRIES_OF_FAILURES
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
