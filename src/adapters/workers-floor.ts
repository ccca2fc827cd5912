// The Workers rate-limit binding: no network hop, counted per location, approximate.

import type { Floor } from '../services.ts'

/** The `period` of the FLOOR binding in wrangler.toml, which the binding itself does not tell. */
const PERIOD_SECONDS = 60

/** The `Floor` port over a `ratelimits` binding. */
export function workersFloor(binding: RateLimit): Floor {
  return {
    periodSeconds: PERIOD_SECONDS,
    async pass(keyHash) {
      return (await binding.limit({ key: keyHash })).success
    },
  }
}
