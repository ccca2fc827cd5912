// The circuit breaker in front of the analytics store: when to stop asking, and when to try again.

/** Asking is paused until this moment (epoch milliseconds) because the quota is spent or the store keeps failing. */
export interface Pause {
  until: number
  reason: 'quota' | 'failures'
}

/** What all Workers know of the store. */
export interface Breaker {
  pause: Pause | undefined
  /** Failures in a row within the last minute. */
  failures: number
}

/** Five failures in a row within a minute pause all queries for 10 s; then one request probes. */
export const FAILURES_TO_PAUSE = 5
export const FAILURE_MEMORY_MS = 60_000
export const FAILURE_PAUSE_MS = 10_000

export const CLOSED_BREAKER: Breaker = { pause: undefined, failures: 0 }

/** `closed`: ask. `open`: do not. `half_open`: whoever wins the claim to probe may ask. */
export function breakerState(breaker: Breaker, now: number): 'closed' | 'open' | 'half_open' {
  if (breaker.pause === undefined) return 'closed'
  if (now < breaker.pause.until) return 'open'
  return breaker.pause.reason === 'failures' ? 'half_open' : 'closed'
}

const HOUR_MS = 3_600_000

/** The pause after the store's 429: its quota is counted by the clock hour, in UTC, and it names no time itself. */
export function quotaPause(now: number): Pause {
  return { until: (Math.floor(now / HOUR_MS) + 1) * HOUR_MS, reason: 'quota' }
}

/** The name of the claim to be the one that asks a failing store whether it works again. */
export const PROBE = 'probe'
