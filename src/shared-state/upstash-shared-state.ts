// Shared state in an Upstash database: each method sends the parts that limits/, cache/, usage/ and analytics/ add to one batch.

import { CLOSED_CIRCUIT } from '../analytics/circuit-breaker.ts'
import { NO_SPENDING } from '../analytics/fair-share.ts'
import { circuitKeys, readCircuit, recordOutcome } from '../analytics/upstash-circuit-breaker.ts'
import { countQueries, readSpending } from '../analytics/upstash-spending.ts'
import { type CacheSettings, lifetimeSeconds } from '../cache/freshness.ts'
import { parseEntries } from '../cache/stored-entries.ts'
import { writeEntries } from '../cache/upstash-cache.ts'
import type { Limits } from '../limits/admission.ts'
import { PendingReleases } from '../limits/pending-releases.ts'
import { decideAdmission, releaseSlot } from '../limits/upstash-admission.ts'
import { type RedisBatch, type RedisClient, runBatch } from '../stores/redis-batch.ts'
import type { Pingable } from '../stores/store-error.ts'
import { countUsage, readUsage } from '../usage/upstash-usage.ts'
import { type SharedState, type StateChanges, UNLOCK_DELAY_MS } from './shared-state.ts'

/** What all requests have in common. `namespace` stands for one analytics store and one way of counting in it. */
export interface SharedStateOptions {
  limits: Limits
  cache: CacheSettings
  namespace: string
  /** The clock that decides admission: `given` for tests that set the time themselves. */
  clock: 'redis' | 'given'
}

/** A lock outlives the longest query of the store, 6 s, so that two requests never do the same work at once. */
const LOCK_MS = 8_000

/** How long a used token is remembered. It is longer than any token is valid. */
const TOKEN_MS = 600_000

/** The `SharedState` port over an Upstash database. */
export function upstashSharedState(
  redis: RedisClient,
  { limits, cache, namespace, clock }: SharedStateOptions,
): SharedState & Pingable {
  const circuit = circuitKeys(namespace)
  const lifetime = lifetimeSeconds(cache)
  const cacheKey = (key: string) => `${namespace}:${key}`
  const lockKey = (name: string) => `${namespace}:lock:${name}`
  const releases = new PendingReleases()
  return {
    async arrive({ limitId, requestId, now, cacheKeys, token }) {
      const ended = releases.of(limitId)
      const reads = lifetime > 0 ? cacheKeys.map(cacheKey) : []
      const [admission, circuitRead, spending, values, isTokenNew] = await runBatch(redis, (batch) => [
        decideAdmission(batch, { limitId, requestId, now, clock, ended }, limits),
        readCircuit(batch, circuit),
        readSpending(batch, namespace, now),
        readKeys(batch, reads),
        token === undefined ? Promise.resolve(undefined) : takeName(batch, tokenKey(token), TOKEN_MS),
      ])
      if (admission.status === 'fulfilled') releases.end(limitId, ended)
      return {
        admission: admission.status === 'fulfilled' ? admission.value : undefined,
        circuit: circuitRead.status === 'fulfilled' ? circuitRead.value : CLOSED_CIRCUIT,
        spending: spending.status === 'fulfilled' ? spending.value : NO_SPENDING,
        cached: values.status === 'fulfilled' ? parseEntries(values.value) : [],
        ...(isTokenNew.status === 'fulfilled' &&
          isTokenNew.value !== undefined && { isTokenNew: isTokenNew.value }),
        ...firstError([admission, circuitRead, spending, values, isTokenNew]),
      }
    },

    async readCache(cacheKeys) {
      const reads = lifetime > 0 ? cacheKeys.map(cacheKey) : []
      const [values] = await runBatch(redis, (batch) => [readKeys(batch, reads)])
      return values.status === 'fulfilled' ? parseEntries(values.value) : []
    },

    async readUsage(query) {
      const [usage] = await runBatch(redis, (batch) => [readUsage(batch, query)])
      return usage.status === 'fulfilled' ? { usage: usage.value } : { error: usage.reason }
    },

    async takeToken(token) {
      const [taken] = await runBatch(redis, (batch) => [takeName(batch, tokenKey(token), TOKEN_MS)])
      return taken.status === 'fulfilled' ? taken.value : undefined
    },

    async apply({ release, writes, outcome, queries, usage, lock, unlock, unlockSoon }, now) {
      if (release) releases.begin(release.limitId, release.requestId)
      const none = Promise.resolve()
      const [locked, released, ...others] = await runBatch(redis, (batch) => [
        lock === undefined ? Promise.resolve(false) : takeName(batch, lockKey(lock), LOCK_MS),
        release ? releaseSlot(batch, release) : none,
        queries ? countQueries(batch, namespace, queries, now) : none,
        usage ? countUsage(batch, usage) : none,
        outcome ? recordOutcome(batch, circuit, outcome, now) : none,
        unlock === undefined ? none : batch.add((pipeline) => pipeline.del(lockKey(unlock))),
        unlockSoon === undefined
          ? none
          : batch.add((pipeline) => pipeline.pexpire(lockKey(unlockSoon), UNLOCK_DELAY_MS)),
        writes ? writeAll(batch, writes) : none,
      ])
      if (release && released.status === 'fulfilled') releases.end(release.limitId, [release.requestId])
      return {
        locked: locked.status === 'fulfilled' && locked.value,
        ...firstError([locked, released, ...others]),
      }
    },

    // The client's own timeout is the shorter one.
    async ping() {
      const [pong] = await runBatch(redis, (batch) => [batch.add((pipeline) => pipeline.ping())])
      if (pong.status === 'rejected') throw pong.reason
    },
  }

  function writeAll(batch: RedisBatch, { organizationId, entries }: NonNullable<StateChanges['writes']>) {
    const stored = entries.map(({ key, text }) => ({ key: cacheKey(key), text }))
    return writeEntries(batch, `${namespace}:cache-bytes:${organizationId}`, stored, lifetime)
  }
}

async function readKeys(batch: RedisBatch, keys: readonly string[]): Promise<unknown[]> {
  if (keys.length === 0) return []
  const values = await batch.add((pipeline) => pipeline.mget(...keys))
  return Array.isArray(values) ? values : []
}

/** Writes a key that does not exist. False if it does. */
async function takeName(batch: RedisBatch, key: string, ttlMs: number): Promise<boolean> {
  return (await batch.add((pipeline) => pipeline.set(key, '1', { nx: true, px: ttlMs }))) === 'OK'
}

function tokenKey(token: string): string {
  return `sign-in:${token}`
}

function firstError(results: readonly PromiseSettledResult<unknown>[]): { error?: unknown } {
  const failed = results.find((result) => result.status === 'rejected')
  return failed ? { error: failed.reason } : {}
}
