// The second hop: figures from the cache where they may be used, and one round of the store for all the others.

import { type Breaker, breakerState, PROBE, quotaPause } from '../domain/breaker.ts'
import type { CacheUse } from '../domain/cache-headers.ts'
import { ageSeconds, entriesOf, freshnessOf, lifetimeSeconds } from '../domain/freshness.ts'
import type { Failure } from '../errors.ts'
import type { Services, StoreAnswer } from '../services.ts'
import type { AfterRequest } from './afterwards.ts'
import type { Held as Arrived } from './first-hop.ts'
import type { Reading } from './reading.ts'
import type { Trace } from './trace.ts'

/** The figures by cache key, the age of the oldest, and how the cache took part. Or why there are none. */
export type SecondHop<Value> =
  | { ok: true; values: Map<string, Value>; ageSeconds: number; cacheUse: CacheUse; stored: boolean }
  | { ok: false; failure: Failure }

type SecondHopServices = Pick<Services, 'shared' | 'cache' | 'now'>

/** What the cache holds of one reading, by how it may be used. */
interface Held<Value> {
  values: Map<string, Value>
  ages: Map<string, number>
  stale: string[]
  kept: string[]
  missing: string[]
}

const MIN_RETRY_SECONDS = 1

/** Answers a reading from the cache, the store, or both; leaves cache writes and refreshes to `after`. */
export async function secondHop<Value>(
  reading: Reading<Value>,
  arrived: Arrived,
  services: SecondHopServices,
  trace: Trace,
  after: AfterRequest,
): Promise<SecondHop<Value>> {
  const cached = await completeCached(reading.cacheKeys, arrived.cached, services, trace)
  const now = services.now()
  const held = sortByFreshness(reading, cached, services, now)
  const needed = [...held.kept, ...held.missing]
  if (needed.length === 0) {
    const isStale = held.stale.length > 0
    if (isStale && breakerState(arrived.breaker, now) === 'closed') after.refresh(reading, held.stale)
    return fromCache(held, isStale ? 'stale' : 'hit')
  }

  const gate = await passBreaker(arrived.breaker, services, now)
  if (!gate.ok) {
    trace.note({ breaker: 'open' })
    return held.missing.length === 0 ? fromCache(held, 'stale-error') : { ok: false, failure: gate.failure }
  }
  const asked = [...needed, ...held.stale]
  const answer = await trace.timed('store', () => reading.query(asked))
  after.learn(answer, arrived.breaker, gate.probing)
  if (!answer.ok) {
    trace.note({ store_fault: answer.fault })
    if (held.missing.length === 0) return fromCache(held, 'stale-error')
    return { ok: false, failure: failureOf(answer.fault, services.now()) }
  }
  return merge(held, answer.value, reading, services, after)
}

/** Reads what the first hop could not know to be needed; usually there is nothing left to read. */
async function completeCached(
  cacheKeys: readonly string[],
  cached: Arrived['cached'],
  services: SecondHopServices,
  trace: Trace,
): Promise<Arrived['cached']> {
  const unread = cacheKeys.filter((key) => !cached.has(key))
  if (unread.length === 0) return cached
  const entries = await trace.timed('redis', () => services.shared.read(unread))
  return new Map([...cached, ...unread.map((key, index) => [key, entries[index]] as const)])
}

function sortByFreshness<Value>(
  reading: Reading<Value>,
  cached: Arrived['cached'],
  services: SecondHopServices,
  now: number,
): Held<Value> {
  const held: Held<Value> = { values: new Map(), ages: new Map(), stale: [], kept: [], missing: [] }
  for (const key of reading.cacheKeys) {
    const entry = cached.get(key)
    const value = entry === undefined ? undefined : reading.parse(entry.value)
    const freshness = freshnessOf(entry, reading.site, now, services.cache)
    if (entry === undefined || value === undefined || freshness === 'missing') {
      held.missing.push(key)
      continue
    }
    held.values.set(key, value)
    held.ages.set(key, ageSeconds(entry, now))
    if (freshness !== 'fresh') held[freshness].push(key)
  }
  return held
}

function fromCache<Value>(held: Held<Value>, cacheUse: CacheUse): SecondHop<Value> {
  return { ok: true, values: held.values, ageSeconds: oldest(held.ages), cacheUse, stored: false }
}

function merge<Value>(
  held: Held<Value>,
  read: Map<string, Value>,
  reading: Reading<Value>,
  services: SecondHopServices,
  after: AfterRequest,
): SecondHop<Value> {
  const stored = lifetimeSeconds(services.cache) > 0
  if (stored) after.write(entriesOf(read, reading.site, services.now()))
  for (const [key, value] of read) {
    held.values.set(key, value)
    held.ages.set(key, 0)
  }
  const cacheUse = !stored ? 'bypass' : read.size === held.values.size ? 'miss' : 'partial'
  return { ok: true, values: held.values, ageSeconds: oldest(held.ages), cacheUse, stored }
}

/** May the store be asked? In half-open state only by the one who wins the claim to probe. */
async function passBreaker(
  breaker: Breaker,
  services: SecondHopServices,
  now: number,
): Promise<{ ok: true; probing: boolean } | { ok: false; failure: Failure }> {
  const state = breakerState(breaker, now)
  if (state === 'closed') return { ok: true, probing: false }
  if (state === 'half_open') {
    const { claimed } = await services.shared.settle({ claim: PROBE }, now)
    if (claimed) return { ok: true, probing: true }
  }
  const code = breaker.pause?.reason === 'quota' ? 'analytics_quota_exhausted' : 'analytics_unavailable'
  const waitMs = (breaker.pause?.until ?? now) - now
  return {
    ok: false,
    failure: { code, retryAfterSeconds: Math.max(MIN_RETRY_SECONDS, Math.ceil(waitMs / 1_000)) },
  }
}

function failureOf(fault: Extract<StoreAnswer<unknown>, { ok: false }>['fault'], now: number): Failure {
  if (fault === 'quota') {
    const waitMs = quotaPause(now).until - now
    return { code: 'analytics_quota_exhausted', retryAfterSeconds: Math.ceil(waitMs / 1_000) }
  }
  const code = fault === 'timeout' ? 'analytics_timeout' : 'analytics_unavailable'
  return { code, retryAfterSeconds: MIN_RETRY_SECONDS }
}

function oldest(ages: Map<string, number>): number {
  return Math.max(0, ...ages.values())
}
