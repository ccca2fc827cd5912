// What every call of the client may be told about its end, and how that is kept.

import { AnalyticsError } from './analytics-error.ts'
import type { Patience } from './retry.ts'

/** When a call ends at the latest. */
export interface CallOptions {
  /** How long it may take, its waits and retries included. Replaces the client's own deadline. */
  deadlineMs?: number
  /** Ends it; it then rejects with code `aborted`. */
  signal?: AbortSignal
}

/** Does the work and rejects with `deadline_exceeded` or `aborted` as soon as it may take no longer. */
export async function withinDeadline<Value>(
  { signal, deadlineMs }: { signal: AbortSignal | undefined; deadlineMs: number },
  work: (patience: Patience) => Promise<Value>,
): Promise<Value> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline
  try {
    either.throwIfAborted()
    return await beforeAbort(work({ signal: either, deadlineAt: Date.now() + deadlineMs }), either)
  } catch (error) {
    if (signal?.aborted) {
      throw new AnalyticsError('The call was aborted.', { code: 'aborted', cause: signal.reason })
    }
    if (!deadline.aborted) throw error
    throw new AnalyticsError(`The call took longer than ${deadlineMs} ms.`, { code: 'deadline_exceeded' })
  }
}

/** The promise, or the signal's reason where that comes first. */
export function beforeAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
