// Admission as an algorithm for @upstash/ratelimit: a sliding log of requests and leased slots, decided in one script.

import { Ratelimit, type RatelimitConfig } from '@upstash/ratelimit'
import type { Redis } from '@upstash/redis/cloudflare'
import { type Admission, type Limits, SLOT_LEASE_MS } from '../domain/admission.ts'
import { FaultError } from '../domain/fault.ts'

const PREFIX = 'admission'

/**
 * KEYS: the log (ZSET of request ids by epoch ms) and the slots (ZSET of request ids by the end of their lease).
 * ARGV: now, limit, window ms, slots, lease ms, request id, then ids whose slots are given back first. Returns verdict (0 admitted, 1 rate, 2 slots), requests
 * counted, slots taken, and the time of the oldest counted request. A refusal writes nothing, and a request id that
 * is counted already is not counted again. Clocks of Workers differ by a little, so time never runs backwards here.
 * The first line lets Upstash lock these two keys only; stock Redis is given the script without it.
 */
const SCRIPT = `#!lua flags=allow-key-locking
local log, slots, id = KEYS[1], KEYS[2], ARGV[6]
local now, limit, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local cap, lease = tonumber(ARGV[4]), tonumber(ARGV[5])
local newest = redis.call('ZRANGE', log, -1, -1, 'WITHSCORES')
if newest[2] then now = math.max(now, tonumber(newest[2])) end
for i = 7, #ARGV do redis.call('ZREM', slots, ARGV[i]) end
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
return { verdict, used, taken, tonumber(oldest[2] or now - window) }`

const VERDICTS = ['admitted', 'rate', 'concurrency'] as const

/** A request that asks to be admitted, at `now` (epoch milliseconds). */
export interface AdmissionRequest {
  keyHash: string
  requestId: string
  now: number
  /** Requests of this key that have ended, whose slots may not have been given back yet. */
  ended?: readonly string[]
}

/** A decision that is being made. */
interface Asking {
  request: AdmissionRequest
  limits: Limits
  admission?: Admission
}

/** One for each database: making one costs as much as using it. */
const ratelimits = new WeakMap<Redis, Ratelimit>()

/** What is asked, while the library is being called: all it passes on to its algorithm is a name. */
let asking: Asking | undefined

/** Puts the decision about one request into the current batch. Rejects with `FaultError` if Redis talks nonsense. */
export async function decideAdmission(
  redis: Redis,
  request: AdmissionRequest,
  limits: Limits,
): Promise<Admission> {
  const asked: Asking = { request, limits }
  asking = asked
  // The algorithm is called, and takes up what is asked, before this returns.
  const decided = ratelimitOf(redis).limit(identifierOf(request.keyHash))
  asking = undefined
  await decided
  if (asked.admission === undefined) throw new FaultError('unusable')
  return asked.admission
}

/** Gives the request's slot back; the log keeps it until its window is over. */
export function releaseSlot(
  redis: Redis,
  request: Pick<AdmissionRequest, 'keyHash' | 'requestId'>,
): Promise<number> {
  return redis.zrem(slotsKey(`${PREFIX}:${identifierOf(request.keyHash)}`), request.requestId)
}

function ratelimitOf(redis: Redis): Ratelimit {
  const known = ratelimits.get(redis)
  if (known) return known
  const ratelimit = new Ratelimit({
    redis,
    prefix: PREFIX,
    limiter: () => slidingLog,
    // The batch has a deadline of its own, and the library's block would outlast the true wait.
    timeout: 0,
    ephemeralCache: false,
    enableTelemetry: false,
  })
  ratelimits.set(redis, ratelimit)
  return ratelimit
}

/** The library's `Algorithm`: at most `requests` in any window and `concurrent` leases, exact to the millisecond. */
const slidingLog: ReturnType<RatelimitConfig['limiter']> = {
  async limit({ redis }, identifier) {
    const asked = asking
    if (asked === undefined) throw new FaultError('unusable')
    const { request, limits } = asked
    const { now, requestId, ended = [] } = request
    const windowMs = limits.windowSeconds * 1_000
    const keys = [logKey(identifier), slotsKey(identifier)]
    const args = [now, limits.requests, windowMs, limits.concurrent, SLOT_LEASE_MS, requestId, ...ended]
    const [verdict, used, taken, oldest] = parseCounts(await redis.eval(SCRIPT, keys, args))
    const moreInMs = Math.max(0, oldest + windowMs - now)
    const requestsLeft = Math.max(0, limits.requests - used)
    const slotsLeft = Math.max(0, limits.concurrent - taken)
    asked.admission = { verdict, requestsLeft, slotsLeft, moreInMs }
    return {
      success: verdict === 'admitted',
      limit: limits.requests,
      remaining: requestsLeft,
      reset: requestsLeft > 0 ? now : now + moreInMs,
      pending: Promise.resolve(),
    }
  },
  getRemaining: () => Promise.reject(new Error('A decision says what remains; ask for one')),
  resetTokens: () => Promise.reject(new Error('Nothing but time gives requests back')),
}

/** The script's answer, or `FaultError` `unusable`. */
function parseCounts(answer: unknown): [Admission['verdict'], used: number, taken: number, oldest: number] {
  const [number, used, taken, oldest]: unknown[] = Array.isArray(answer) ? answer : []
  const verdict = isCount(number) ? VERDICTS[number] : undefined
  if (verdict && isCount(used) && isCount(taken) && isCount(oldest)) return [verdict, used, taken, oldest]
  throw new FaultError('unusable')
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** The braces keep a key's two sets in one hash slot of a cluster. */
function identifierOf(keyHash: string): string {
  return `{${keyHash}}`
}

function logKey(identifier: string): string {
  return `${identifier}:log`
}

function slotsKey(identifier: string): string {
  return `${identifier}:slots`
}
