// What admission decides about a request and what it tells the caller; the counting itself is in the adapter.

/** The limits every key has. */
export interface Limits {
  /** Requests in any window. */
  requests: number
  windowSeconds: number
  /** Requests under way at once. */
  concurrent: number
}

/** One decision. Refused means that nothing was counted, against neither limit. */
export interface Admission {
  verdict: 'admitted' | 'rate' | 'concurrency'
  /** Requests left in the window, after this one. */
  requestsLeft: number
  /** Slots left, after this one; unknown where only the rate was looked at. */
  slotsLeft?: number
  /** Milliseconds until the window has room for one more than now; 0 when nothing is counted. */
  moreInMs: number
}

/** A slot's lease outlives every request, which ends within 10 s, so that only a dead Worker's slot runs out. */
export const SLOT_LEASE_MS = 15_000

const SLOT_RETRY_SECONDS = 1

/** Seconds to wait before the next try, rounded up, so that a client that waits them is admitted. */
export function retryAfterSeconds(admission: Admission): number {
  return admission.verdict === 'concurrency' ? SLOT_RETRY_SECONDS : wholeSeconds(admission.moreInMs)
}

/**
 * The fields of draft-ietf-httpapi-ratelimit-headers-10 and the older `X-RateLimit-*` for one decision.
 * `now` is in epoch milliseconds; `X-RateLimit-Reset` is in epoch seconds.
 */
export function rateLimitHeaders(admission: Admission, limits: Limits, now: number): Record<string, string> {
  const { requestsLeft, slotsLeft, moreInMs } = admission
  const slots = slotsLeft === undefined ? '' : `, "concurrency";r=${slotsLeft}`
  return {
    'RateLimit-Policy': `"rate";q=${limits.requests};w=${limits.windowSeconds}, "concurrency";q=${limits.concurrent};qu="concurrent-requests"`,
    RateLimit: `"rate";r=${requestsLeft};t=${wholeSeconds(moreInMs)}${slots}`,
    'X-RateLimit-Limit': String(limits.requests),
    'X-RateLimit-Remaining': String(requestsLeft),
    'X-RateLimit-Reset': String(Math.ceil((now + moreInMs) / 1_000)),
  }
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1_000)
}
