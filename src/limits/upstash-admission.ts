// Admission as an algorithm for @upstash/ratelimit: a sliding log of requests and leased slots, decided in one script.

import { Ratelimit, type RatelimitConfig } from '@upstash/ratelimit'
import * as z from 'zod/mini'
import type { RedisBatch } from '../stores/redis-batch.ts'
import { StoreError } from '../stores/store-error.ts'
import { type Admission, type Limits, REQUEST_DEADLINE_MS, SLOT_LEASE_MS } from './admission.ts'

const PREFIX = 'admission'

/**
 * KEYS: the log (ZSET of request ids by epoch ms) and the slots (ZSET of request ids by the end of their lease).
 * ARGV: now, limit, window ms, slots, lease ms, request id, clock, deadline ms, then ids whose slots are released first.
 * The clock is `redis`, so that the clocks of Workers do not matter, or `given` for `now`. A Redis that refuses TIME in a
 * script falls back to `now`; time never runs backwards here. Returns verdict (0 admitted, 1 rate, 2 concurrency),
 * requests counted, slots taken, ms until the oldest request leaves the window, and an estimate of the ms until a slot is
 * free: a request that has run for some time may run as long again, and one past the deadline is a dead Worker's. A
 * refusal writes nothing. A request id is counted once. The first line makes Upstash lock these two keys only; stock Redis
 * gets the script without it.
 */
const SCRIPT = `#!lua flags=allow-key-locking
local log, slots, id = KEYS[1], KEYS[2], ARGV[6]
local now, limit, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local cap, lease, deadline = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[8])
if ARGV[7] == 'redis' then
  local time = redis.pcall('TIME')
  if not time.err then now = time[1] * 1000 + math.floor(time[2] / 1000) end
end
local newest = redis.call('ZRANGE', log, -1, -1, 'WITHSCORES')
if newest[2] then now = math.max(now, tonumber(newest[2])) end
for i = 9, #ARGV do redis.call('ZREM', slots, ARGV[i]) end
local live = '(' .. string.format('%.0f', now - window)
local used = redis.call('ZCOUNT', log, live, '+inf')
local taken = redis.call('ZCOUNT', slots, '(' .. string.format('%.0f', now), '+inf')
local verdict = 0
if not redis.call('ZSCORE', log, id) then
  if used >= limit then verdict = 1
  elseif taken >= cap then verdict = 2
  else
    redis.call('ZREMRANGEBYSCORE', log, '-inf', now - window)
    redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
    redis.call('ZADD', log, now, id)
    redis.call('ZADD', slots, now + lease, id)
    redis.call('PEXPIRE', log, window)
    redis.call('PEXPIRE', slots, lease)
    used, taken = used + 1, taken + 1
  end
end
local oldest = redis.call('ZRANGEBYSCORE', log, live, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local wait = 0
if verdict == 2 then
  wait = lease
  local ends = redis.call('ZRANGEBYSCORE', slots, '(' .. string.format('%.0f', now), '+inf', 'WITHSCORES')
  for i = 2, #ends, 2 do
    local left = tonumber(ends[i]) - now
    local age = lease - left
    if age < deadline then left = math.min(age, deadline - age) end
    wait = math.min(wait, left)
  end
end
return { verdict, used, taken, tonumber(oldest[2] or now - window) + window - now, wait }`

const VERDICTS = ['admitted', 'rate', 'concurrency'] as const

const count = z.int().check(z.nonnegative())
const scriptReply = z.tuple([z.int().check(z.minimum(0), z.maximum(2)), count, count, count, count])

/** A request to admit. */
export interface AdmissionRequest {
  limitId: string
  requestId: string
  /** Epoch milliseconds. Only used with the clock `given`, and if Redis does not return its time. */
  now: number
  /** The clock that decides. */
  clock: 'redis' | 'given'
  /** Requests of this key that have ended and whose slots may not be released yet. */
  ended?: readonly string[]
}

/**
 * Adds the decision about one request to the batch. @upstash/ratelimit calls the algorithm before this returns, so the
 * script is in the batch by then. Rejects with `StoreError`.
 */
export async function decideAdmission(
  batch: RedisBatch,
  request: AdmissionRequest,
  limits: Limits,
): Promise<Admission> {
  const decision: { admission?: Admission } = {}
  const evaluate = (script: string, keys: string[], args: unknown[]) =>
    batch.add((pipeline) => pipeline.eval(script, keys, args))
  const ratelimit = new Ratelimit({
    // The library calls nothing else of its client for this algorithm.
    redis: { eval: evaluate } as unknown as RatelimitConfig['redis'],
    limiter: () => slidingLog(request, limits, decision),
    prefix: PREFIX,
    // The batch has a deadline of its own, and the library's cache blocks a key for longer than the true wait.
    timeout: 0,
    ephemeralCache: false,
  })
  await ratelimit.limit(identifierOf(request.limitId))
  if (decision.admission === undefined) throw new StoreError('unusable')
  return decision.admission
}

/** Adds the release of a request's slot to the batch. The log keeps the request until its window is over. */
export function releaseSlot(
  batch: RedisBatch,
  { limitId, requestId }: Pick<AdmissionRequest, 'limitId' | 'requestId'>,
): Promise<unknown> {
  const slots = slotsKey(`${PREFIX}:${identifierOf(limitId)}`)
  return batch.add((pipeline) => pipeline.zrem(slots, requestId))
}

/** The library's `Algorithm` for one request. It stores what the library has no field for in `decision`. */
function slidingLog(
  { requestId, now, clock, ended = [] }: AdmissionRequest,
  limits: Limits,
  decision: { admission?: Admission },
): ReturnType<RatelimitConfig['limiter']> {
  return {
    async limit({ redis }, identifier) {
      const windowMs = limits.windowSeconds * 1_000
      const keys = [logKey(identifier), slotsKey(identifier)]
      const { requests, concurrent } = limits
      const times = [requestId, clock, REQUEST_DEADLINE_MS]
      const args = [now, requests, windowMs, concurrent, SLOT_LEASE_MS, ...times, ...ended]
      const reply = scriptReply.safeParse(await redis.eval(SCRIPT, keys, args))
      if (!reply.success) throw new StoreError('unusable')
      const [verdict, used, taken, resetMs, slotWaitMs] = reply.data
      const admission: Admission = {
        verdict: VERDICTS[verdict] ?? 'rate',
        requestsLeft: Math.max(0, limits.requests - used),
        slotsLeft: Math.max(0, limits.concurrent - taken),
        resetMs,
        ...(slotWaitMs > 0 && { slotWaitMs }),
      }
      decision.admission = admission
      return {
        success: admission.verdict === 'admitted',
        limit: limits.requests,
        remaining: admission.requestsLeft,
        reset: admission.requestsLeft > 0 ? now : now + admission.resetMs,
        pending: Promise.resolve(),
      }
    },
    getRemaining: () => Promise.reject(new Error('Not supported: a decision reports what remains')),
    resetTokens: () => Promise.reject(new Error('Not supported: requests leave the log with time only')),
  }
}

/** The braces keep a key's two sets in one hash slot of a cluster. */
function identifierOf(limitId: string): string {
  return `{${limitId}}`
}

function logKey(identifier: string): string {
  return `${identifier}:log`
}

function slotsKey(identifier: string): string {
  return `${identifier}:slots`
}
