// The slots of a key, read from Redis itself.

import { Redis } from '@upstash/redis/cloudflare'
import { hashApiKey } from '../../src/keys/api-key.ts'

/** How many slots an API key holds in the Redis of a stack. */
export async function slotsTaken(
  { redisUrl, redisToken }: { redisUrl: string; redisToken: string },
  apiKey: string,
): Promise<number> {
  const redis = new Redis({ url: redisUrl, token: redisToken })
  return redis.zcard(`admission:{${await hashApiKey(apiKey)}}:slots`)
}
