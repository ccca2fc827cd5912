// The limit used while Redis cannot decide: the Workers rate-limit binding, per location and approximate, no network hop.

/** A limiter that needs no store. */
export interface FallbackLimiter {
  /** Counts one request of this key; false when the key is over its limit. */
  allow(limitId: string): Promise<boolean>
  /** Seconds after which a key that is over its limit may try again. */
  periodSeconds: number
}

/** The `period` of the FLOOR binding in wrangler.toml, which the binding itself does not report. */
const PERIOD_SECONDS = 60

/** The `FallbackLimiter` port over a `ratelimits` binding. */
export function workersFallbackLimiter(binding: RateLimit): FallbackLimiter {
  return {
    periodSeconds: PERIOD_SECONDS,
    async allow(limitId) {
      return (await binding.limit({ key: limitId })).success
    },
  }
}
