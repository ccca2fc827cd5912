// The memory all Workers share, in Upstash: each method is one round trip of the parts in the other upstash- files.

import type { Limits } from '../domain/admission.ts'
import { CLOSED_BREAKER } from '../domain/breaker.ts'
import { type Fault, FaultError } from '../domain/fault.ts'
import { type CacheSettings, lifetimeSeconds } from '../domain/freshness.ts'
import { Releases } from '../domain/releases.ts'
import type { Reachable, SharedState } from '../services.ts'
import { decideAdmission, releaseSlot } from './upstash-admission.ts'
import { breakerKeys, claimTask, parseBreaker, teachBreaker } from './upstash-breaker.ts'
import { parseEntries, writeEntries } from './upstash-cache.ts'
import type { UpstashRedis } from './upstash-redis.ts'

/** What is the same for every request. `namespace` stands for one analytics store and one way of counting in it. */
export interface SharedStateOptions {
  limits: Limits
  cache: CacheSettings
  namespace: string
}

/** The `SharedState` port over an Upstash database. */
export function upstashSharedState(
  upstash: UpstashRedis,
  options: SharedStateOptions,
): SharedState & Reachable {
  const { limits, namespace } = options
  const breaker = breakerKeys(namespace)
  const lifetime = lifetimeSeconds(options.cache)
  const cacheKey = (key: string) => `${namespace}:${key}`
  const claimKey = (task: string) => `${namespace}:claim:${task}`
  const releases = new Releases()
  return {
    // Its own deadline, that of every round trip to Redis, is the shorter one.
    async ping() {
      return firstFault(await upstash.batch((redis) => [redis.ping()]))
    },

    async arrive({ keyHash, requestId, now, cacheKeys }) {
      const reads = lifetime > 0 ? cacheKeys.map(cacheKey) : []
      const [admission, values] = await upstash.batch((redis) => [
        decideAdmission(redis, { keyHash, requestId, now, ended: releases.of(keyHash) }, limits),
        redis.mget<unknown[]>(...breaker, ...reads),
      ])
      const fault = firstFault([admission, values])
      const held = values.status === 'fulfilled' && Array.isArray(values.value) ? values.value : []
      return {
        admission: admission.status === 'fulfilled' ? admission.value : undefined,
        cached: parseEntries(held.slice(breaker.length)),
        breaker: held.length > 0 ? parseBreaker(held) : CLOSED_BREAKER,
        ...(fault && { fault }),
      }
    },

    async read(cacheKeys) {
      if (lifetime === 0 || cacheKeys.length === 0) return []
      const [values] = await upstash.batch((redis) => [redis.mget<unknown[]>(...cacheKeys.map(cacheKey))])
      return values.status === 'fulfilled' && Array.isArray(values.value) ? parseEntries(values.value) : []
    },

    async settle({ release, writes, store, claim, unclaim }, now) {
      if (release) releases.begin(release.keyHash, release.requestId)
      const [claimed, ...others] = await upstash.batch((redis) => [
        claim === undefined ? Promise.resolve(false) : claimTask(redis, claimKey(claim)),
        ...(release ? [releaseSlot(redis, release)] : []),
        ...(writes && writes.length > 0 ? [writeEntries(redis, writes, cacheKey, lifetime)] : []),
        ...(store ? [teachBreaker(redis, breaker, store, now)] : []),
        ...(unclaim ? [redis.del(claimKey(unclaim))] : []),
      ])
      if (release) releases.end(release.keyHash, release.requestId)
      const fault = firstFault([claimed, ...others])
      return { claimed: claimed.status === 'fulfilled' && claimed.value === true, ...(fault && { fault }) }
    },
  }
}

/** The library puts the command, key hash included, into its errors: only a code leaves this file. */
function firstFault(results: readonly PromiseSettledResult<unknown>[]): Fault | undefined {
  const failed = results.find((result) => result.status === 'rejected')
  if (failed === undefined) return undefined
  return failed.reason instanceof FaultError ? failed.reason.fault : 'redis_error'
}
