// Replaces the `ratelimits` binding, which belongs to the platform: counts 100 requests in each minute, as wrangler.toml has it.

const LIMIT = 100
const PERIOD_MS = 60_000

export function createRateLimit() {
  let minute = 0
  let counts = new Map()
  return {
    async limit({ key }) {
      const current = Math.floor(Date.now() / PERIOD_MS)
      if (current !== minute) {
        minute = current
        counts = new Map()
      }
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      return { success: count <= LIMIT }
    },
  }
}
