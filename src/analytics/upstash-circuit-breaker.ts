// The circuit breaker's state in Redis: one pause for all sites, and the sites that are paused by themselves.

import * as z from 'zod/mini'
import type { RedisBatch } from '../stores/redis-batch.ts'
import {
  type Circuit,
  CLOSED_CIRCUIT,
  FAILURE_MEMORY_MS,
  FAILURE_PAUSE_MS,
  FAILURES_TO_PAUSE,
  type Outcome,
  PAUSE_MEMORY_MS,
  type Pause,
  SITES_TO_PAUSE_ALL,
} from './circuit-breaker.ts'

/** The most sites that are recorded as paused. With far fewer, all sites are paused at once. */
const MAX_SITES = 20

/**
 * KEYS: the pause, the paused sites, the failures of this site. ARGV: site, now, failures to pause, memory ms, pause ms,
 * pause memory ms, sites to pause all. A failed probe pauses at once. A pause for the quota stays as it is.
 */
const FAILED_SCRIPT = `#!lua flags=allow-key-locking
local site, now = ARGV[1], tonumber(ARGV[2])
local failures = redis.call('INCR', KEYS[3])
if failures == 1 then redis.call('PEXPIRE', KEYS[3], ARGV[4]) end
local pause = redis.call('GET', KEYS[1])
local is_probe = redis.call('ZSCORE', KEYS[2], site) or (pause and string.find(pause, '"failures"', 1, true))
if failures < tonumber(ARGV[3]) and not is_probe then return 0 end
local ends = string.format('%.0f', now + ARGV[5])
redis.call('DEL', KEYS[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[6])
redis.call('ZADD', KEYS[2], ends, site)
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -${MAX_SITES + 1})
redis.call('PEXPIRE', KEYS[2], ARGV[5] + ARGV[6])
local paused = redis.call('ZCOUNT', KEYS[2], '(' .. ARGV[2], '+inf')
local is_quota = pause and string.find(pause, '"quota"', 1, true)
if is_quota or (paused < tonumber(ARGV[7]) and not (pause and string.find(pause, '"failures"', 1, true))) then return 1 end
redis.call('SET', KEYS[1], cjson.encode({ reason = 'failures', ['until'] = tonumber(ends), site = site }), 'PX', ARGV[5] + ARGV[6])
return 2`

/** KEYS: the pause. ARGV: the new pause, its end, its TTL in ms. A later end of another pause for the quota stays. */
const QUOTA_SCRIPT = `#!lua flags=allow-key-locking
local pause = redis.call('GET', KEYS[1])
if pause and string.find(pause, '"quota"', 1, true) and cjson.decode(pause)['until'] > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1`

const storedPause = z.discriminatedUnion('reason', [
  z.object({ reason: z.literal('failures'), until: z.number(), site: z.string() }),
  z.object({
    reason: z.literal('quota'),
    until: z.number(),
    probeAt: z.number(),
    refusals: z.int().check(z.minimum(1), z.maximum(1_000)),
  }),
])

/** The keys of one store's circuit. */
export function circuitKeys(namespace: string): {
  pause: string
  sites: string
  failures: (site: string) => string
} {
  return {
    pause: `${namespace}:pause`,
    sites: `${namespace}:paused-sites`,
    failures: (site) => `${namespace}:failures:${site}`,
  }
}
/** The keys of one store's circuit. */
export type CircuitKeys = ReturnType<typeof circuitKeys>

/** Adds the reading of the circuit to the batch. Anything unreadable counts as no pause, so that queries continue. */
export async function readCircuit(batch: RedisBatch, keys: CircuitKeys): Promise<Circuit> {
  const [pause, sites] = await Promise.all([
    batch.add((pipeline) => pipeline.get(keys.pause)),
    batch.add((pipeline) => pipeline.zrange(keys.sites, 0, MAX_SITES - 1, { rev: true, withScores: true })),
  ])
  const pausedSites = new Map<string, number>()
  const pairs = Array.isArray(sites) ? sites : []
  for (let i = 0; i + 1 < pairs.length; i += 2) pausedSites.set(String(pairs[i]), Number(pairs[i + 1]))
  return { pause: parsePause(pause), pausedSites }
}

function parsePause(text: unknown): Pause | undefined {
  if (typeof text !== 'string') return CLOSED_CIRCUIT.pause
  try {
    return storedPause.parse(JSON.parse(text))
  } catch {
    return CLOSED_CIRCUIT.pause
  }
}

/** Adds the outcome of a query for a site to the batch. `now` is in epoch milliseconds. */
export function recordOutcome(
  batch: RedisBatch,
  keys: CircuitKeys,
  { site, outcome }: { site: string; outcome: Outcome },
  now: number,
): Promise<unknown> {
  const failures = keys.failures(site)
  if (outcome === 'succeeded') return batch.add((pipeline) => pipeline.del(failures))
  if (outcome === 'recovered') {
    return Promise.all([
      batch.add((pipeline) => pipeline.del(keys.pause, failures)),
      batch.add((pipeline) => pipeline.zrem(keys.sites, site)),
    ])
  }
  if (outcome === 'failed') {
    const times = [
      FAILURES_TO_PAUSE,
      FAILURE_MEMORY_MS,
      FAILURE_PAUSE_MS,
      PAUSE_MEMORY_MS,
      SITES_TO_PAUSE_ALL,
    ]
    return batch.add((pipeline) =>
      pipeline.eval(FAILED_SCRIPT, [keys.pause, keys.sites, failures], [site, now, ...times]),
    )
  }
  const ttl = Math.max(1, Math.ceil(outcome.until - now)) + PAUSE_MEMORY_MS * 10
  const args = [JSON.stringify(outcome), outcome.until, ttl]
  return batch.add((pipeline) => pipeline.eval(QUOTA_SCRIPT, [keys.pause], args))
}
