// The limits of an API key, what one admission decision says, and the response headers that report it.

/** The limits of every key. */
export interface Limits {
  /** Requests in any window. */
  requests: number
  windowSeconds: number
  /** Requests in progress at once. */
  concurrent: number
}

/** One decision. A refused request is counted against neither limit. */
export interface Admission {
  verdict: 'admitted' | 'rate' | 'concurrency'
  /** Requests left in the window, after this one. */
  requestsLeft: number
  /** Slots left, after this one; undefined if only the rate was checked. */
  slotsLeft?: number
  /** Milliseconds until the window has room for one more request than now; 0 when none is counted. */
  resetMs: number
  /** Where all slots are taken: an estimate of the milliseconds until one is free. */
  slotWaitMs?: number
}

/** A slot's lease. It is longer than a request may take, so only the slot of a Worker that died runs out. */
export const SLOT_LEASE_MS = 15_000

/** No request takes longer. A slot that is held for longer is a dead Worker's, and is free when its lease ends. */
export const REQUEST_DEADLINE_MS = 10_000

/** Seconds to wait before the next attempt, rounded up: exact for the rate, advice for slots. */
export function retryAfterSeconds({ verdict, resetMs, slotWaitMs = 0 }: Admission): number {
  return verdict === 'concurrency' ? Math.max(1, Math.ceil(slotWaitMs / 1_000)) : Math.ceil(resetMs / 1_000)
}

/**
 * The fields of draft-ietf-httpapi-ratelimit-headers-10, and the older `X-RateLimit-*`, for one decision.
 * `now` is in epoch milliseconds, `X-RateLimit-Reset` in epoch seconds.
 */
export function rateLimitHeaders(
  { requestsLeft, slotsLeft, resetMs }: Admission,
  limits: Limits,
  now: number,
): Record<string, string> {
  const slots = slotsLeft === undefined ? '' : `, "concurrency";r=${slotsLeft}`
  return {
    'RateLimit-Policy': `"rate";q=${limits.requests};w=${limits.windowSeconds}, "concurrency";q=${limits.concurrent};qu="concurrent-requests"`,
    RateLimit: `"rate";r=${requestsLeft};t=${Math.ceil(resetMs / 1_000)}${slots}`,
    'X-RateLimit-Limit': String(limits.requests),
    'X-RateLimit-Remaining': String(requestsLeft),
    'X-RateLimit-Reset': String(Math.ceil((now + resetMs) / 1_000)),
  }
}
