// The memory all Workers share, in Upstash: each method is one round trip of the parts in the other upstash- files.

import type { Limits } from '../domain/admission.ts'
import { CLOSED_BREAKER } from '../domain/breaker.ts'
import { type Fault, FaultError } from '../domain/fault.ts'
import { type CacheSettings, lifetimeSeconds } from '../domain/freshness.ts'
import type { SharedState } from '../services.ts'
import { decideAdmission, releaseSlot } from './upstash-admission.ts'
import { BREAKER_KEYS, claimTask, parseBreaker, teachBreaker, unclaimTask } from './upstash-breaker.ts'
import { parseEntry, writeEntries } from './upstash-cache.ts'
import type { UpstashRedis } from './upstash-redis.ts'

/** What is the same for every request. `cacheNamespace` keeps figures apart that are counted in different ways. */
export interface SharedStateOptions {
  limits: Limits
  cache: CacheSettings
  cacheNamespace: string
}

/** The `SharedState` port over an Upstash database. */
export function upstashSharedState(upstash: UpstashRedis, options: SharedStateOptions): SharedState {
  const { limits, cacheNamespace } = options
  const lifetime = lifetimeSeconds(options.cache)
  const cacheKey = (key: string) => `cache:${cacheNamespace}:${key}`
  return {
    async arrive({ keyHash, requestId, now, cacheKeys }) {
      const reads = lifetime > 0 ? cacheKeys.map(cacheKey) : []
      const [admission, values] = await upstash.batch((redis) => [
        decideAdmission(redis, { keyHash, requestId, now }, limits),
        redis.mget<unknown[]>(...BREAKER_KEYS, ...reads),
      ])
      const fault = firstFault([admission, values])
      const held = values.status === 'fulfilled' && Array.isArray(values.value) ? values.value : []
      return {
        admission: admission.status === 'fulfilled' ? admission.value : undefined,
        cached: held.slice(BREAKER_KEYS.length).map(parseEntry),
        breaker: held.length > 0 ? parseBreaker(held) : CLOSED_BREAKER,
        ...(fault && { fault }),
      }
    },

    async settle({ release, writes, store, claim, unclaim }, now) {
      const [claimed, ...others] = await upstash.batch((redis) => [
        claim === undefined ? Promise.resolve(false) : claimTask(redis, claim),
        ...(release ? [releaseSlot(redis, release)] : []),
        ...(writes && writes.length > 0 ? [writeEntries(redis, writes.map(named(cacheKey)), lifetime)] : []),
        ...(store ? [teachBreaker(redis, store, now)] : []),
        ...(unclaim ? [unclaimTask(redis, unclaim)] : []),
      ])
      const fault = firstFault([claimed, ...others])
      return { claimed: claimed.status === 'fulfilled' && claimed.value === true, ...(fault && { fault }) }
    },
  }
}

function named(cacheKey: (key: string) => string) {
  return <T extends { key: string }>(write: T): T => ({ ...write, key: cacheKey(write.key) })
}

/** The library puts the command, key hash included, into its errors: only a code leaves this file. */
function firstFault(results: readonly PromiseSettledResult<unknown>[]): Fault | undefined {
  const failed = results.find((result) => result.status === 'rejected')
  if (failed === undefined) return undefined
  return failed.reason instanceof FaultError ? failed.reason.fault : 'redis_error'
}
