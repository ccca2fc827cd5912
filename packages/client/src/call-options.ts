// The options that every call takes, and the deadline that they set.

import { AnalyticsError } from './analytics-error.ts'
import type { Patience } from './retry.ts'

/** When a call ends at the latest. */
export interface CallOptions {
  /** How long the call may take, with its waits and retries. Replaces the client's own deadline. */
  deadlineMs?: number | undefined
  /** Ends the call, which then rejects with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** The longest delay that a timer takes. */
export const MAX_TIMER_MS = 2_147_483_647

/**
 * Does the work. Rejects with `aborted` when the signal fires, and with `deadline_exceeded` once `allowedMs()` have passed
 * since the start. `allowedMs` is evaluated again when time seems to be up, so it may grow while the call is under way.
 */
export async function withinDeadline<Value>(
  { signal, allowedMs }: { signal: AbortSignal | undefined; allowedMs: () => number },
  work: (patience: Patience) => Promise<Value>,
): Promise<Value> {
  const startedAt = Date.now()
  const deadlineAt = () => startedAt + allowedMs()
  const deadline = new AbortController()
  const check = () => {
    const leftMs = deadlineAt() - Date.now()
    if (leftMs <= 0) deadline.abort()
    else timer = setTimeout(check, Math.min(leftMs, MAX_TIMER_MS))
  }
  let timer = setTimeout(check, Math.min(allowedMs(), MAX_TIMER_MS))
  const either = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal
  try {
    either.throwIfAborted()
    return await beforeAbort(work({ signal: either, deadlineAt }), either)
  } catch (error) {
    if (signal?.aborted) {
      throw new AnalyticsError('The call was aborted.', { code: 'aborted', cause: signal.reason })
    }
    if (!deadline.signal.aborted) throw error
    throw new AnalyticsError(`The call took longer than ${allowedMs()} ms.`, { code: 'deadline_exceeded' })
  } finally {
    clearTimeout(timer)
  }
}

/** Settles like the promise, or rejects with the signal's reason if that comes first. */
export function beforeAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
