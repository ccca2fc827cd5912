// The second hop: figures from the cache where they may be used, and one round of the store for all the others.

import { type Breaker, breakerState, PROBE, quotaPause } from '../domain/breaker.ts'
import type { CacheUse } from '../domain/cache-headers.ts'
import { ageSeconds, entriesOf, freshnessOf, lifetimeSeconds } from '../domain/freshness.ts'
import type { Failure } from '../errors.ts'
import type { Services, StoreAnswer } from '../services.ts'
import type { AfterRequest } from './afterwards.ts'
import type { Held as Arrived } from './first-hop.ts'
import { pick, type Reading } from './reading.ts'
import type { Trace } from './trace.ts'

/** The figures in the order of their cache keys, the age of the oldest, and how the cache took part. Or why there are none. */
export type SecondHop<Value> =
  | {
      ok: true
      values: readonly (Value | undefined)[]
      ageSeconds: number
      cacheUse: CacheUse
      stored: boolean
    }
  | { ok: false; failure: Failure }

type SecondHopServices = Pick<Services, 'shared' | 'cache' | 'now'>

/** What the cache holds of one reading, and the positions of what is not fresh, by how it may be used. */
interface Held<Value> {
  values: (Value | undefined)[]
  /** Of the oldest value, and of the oldest fresh one. */
  ageSeconds: number
  freshAgeSeconds: number
  stale: number[]
  kept: number[]
  missing: number[]
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
  const isKnown = reading.cacheKeys === arrived.cacheKeys
  const cached = isKnown ? arrived.cached : await readCached(reading, services, trace)
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
  return merge(held, asked, answer.value, reading, services, after)
}

/** What the cache holds for figures whose keys the first hop could not know. */
async function readCached<Value>(
  { cacheKeys }: Reading<Value>,
  services: SecondHopServices,
  trace: Trace,
): Promise<Arrived['cached']> {
  return cacheKeys.length === 0 ? [] : trace.timed('redis', () => services.shared.read(cacheKeys))
}

function sortByFreshness<Value>(
  reading: Reading<Value>,
  cached: Arrived['cached'],
  services: SecondHopServices,
  now: number,
): Held<Value> {
  const held: Held<Value> = {
    values: [],
    ageSeconds: 0,
    freshAgeSeconds: 0,
    stale: [],
    kept: [],
    missing: [],
  }
  for (const position of reading.cacheKeys.keys()) {
    const entry = cached[position]
    const freshness = freshnessOf(entry, reading.site, now, services.cache)
    const value = entry === undefined || freshness === 'missing' ? undefined : reading.parse(entry.value)
    held.values.push(value)
    if (entry === undefined || value === undefined || freshness === 'missing') {
      held.missing.push(position)
      continue
    }
    const age = ageSeconds(entry, now)
    held.ageSeconds = Math.max(held.ageSeconds, age)
    if (freshness === 'fresh') held.freshAgeSeconds = Math.max(held.freshAgeSeconds, age)
    else held[freshness].push(position)
  }
  return held
}

function fromCache<Value>({ values, ageSeconds }: Held<Value>, cacheUse: CacheUse): SecondHop<Value> {
  return { ok: true, values, ageSeconds, cacheUse, stored: false }
}

/** Puts what was asked of the store in its place; what was not asked for again is fresh. */
function merge<Value>(
  held: Held<Value>,
  asked: readonly number[],
  read: readonly Value[],
  reading: Reading<Value>,
  services: SecondHopServices,
  after: AfterRequest,
): SecondHop<Value> {
  const stored = lifetimeSeconds(services.cache) > 0
  if (stored) after.write(entriesOf(pick(reading.cacheKeys, asked), read, reading.site, services.now()))
  for (const [index, position] of asked.entries()) held.values[position] = read[index]
  const isAll = asked.length === held.values.length
  const cacheUse = !stored ? 'bypass' : isAll ? 'miss' : 'partial'
  return { ok: true, values: held.values, ageSeconds: held.freshAgeSeconds, cacheUse, stored }
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
