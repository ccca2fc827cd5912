// The slots of a key, read from Redis itself.

import { hashApiKey } from '../../src/keys/api-key.ts'
import type { RedisClient } from '../../src/stores/redis-batch.ts'

/** How many slots an API key holds. */
export async function slotsTaken(redis: RedisClient, apiKey: string): Promise<number> {
  return redis.zcard(`admission:{${await hashApiKey(apiKey)}}:slots`)
}
