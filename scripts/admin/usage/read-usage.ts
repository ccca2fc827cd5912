// Reads the counts of requests of one or many organizations from Redis, and adds them up.
import { type RedisClient, runBatch } from '../../../src/stores/redis-batch.ts'
import { readUsage } from '../../../src/usage/upstash-usage.ts'
import { type DayUsage, USAGE_OUTCOMES, type UsageOutcome } from '../../../src/usage/usage.ts'

const COMMANDS_A_MESSAGE = 500

/** Requests in all and by how they ended. */
export type UsageSums = { requests: number } & Record<UsageOutcome, number>

/**
 * Returns the requests of these days with all keys of each organization, in the order of the IDs. Sends one command for each
 * organization and day, hundreds of them in a message. Throws `StoreError`.
 */
export async function readUsageOf(
  redis: RedisClient,
  organizationIds: readonly string[],
  days: readonly string[],
): Promise<DayUsage[][]> {
  const found: DayUsage[][] = []
  const size = Math.max(1, Math.floor(COMMANDS_A_MESSAGE / days.length))
  for (let start = 0; start < organizationIds.length; start += size) {
    const results = await runBatch(redis, (batch) =>
      organizationIds
        .slice(start, start + size)
        .map((organizationId) => readUsage(batch, { organizationId, keyId: undefined, days })),
    )
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason
      found.push(result.value)
    }
  }
  return found
}

/** Adds up the requests of several keys or days. */
export function sumUsage(counts: readonly Record<UsageOutcome, number>[]): UsageSums {
  const sums = { requests: 0, served: 0, cached: 0, rate_limited: 0, concurrency_limited: 0, failed: 0 }
  for (const count of counts) {
    for (const outcome of USAGE_OUTCOMES) {
      sums[outcome] += count[outcome]
      sums.requests += count[outcome]
    }
  }
  return sums
}
