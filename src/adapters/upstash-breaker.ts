// The circuit breaker's state in Redis: the pause, the failures in a row, and claims to be the only one at a task.

import type { Redis } from '@upstash/redis/cloudflare'
import {
  type Breaker,
  FAILURE_MEMORY_MS,
  FAILURE_PAUSE_MS,
  FAILURES_TO_PAUSE,
  type Pause,
} from '../domain/breaker.ts'

/** The keys of one store's breaker: the pause and the failures; `parseBreaker` takes their values in this order. */
export function breakerKeys(namespace: string): [string, string] {
  return [`${namespace}:pause`, `${namespace}:failures`]
}

/** A claim outlives the longest query of the store, 6 s, so that two never do the same task at once. */
const CLAIM_MS = 8_000
/** A pause for failures stays known after its end, so that one request probes and not all of them at once. */
const HALF_OPEN_MS = 60_000

/** KEYS: pause, failures. ARGV: now, failures to pause, memory ms, pause ms, half-open ms. A failed probe pauses at once. */
const FAILED_SCRIPT = `#!lua flags=allow-key-locking
local failures = redis.call('INCR', KEYS[2])
if failures == 1 then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
if failures >= tonumber(ARGV[2]) or redis.call('EXISTS', KEYS[1]) == 1 then
  local ends = string.format('%.0f', ARGV[1] + ARGV[4])
  redis.call('SET', KEYS[1], ends .. ' failures', 'PX', ARGV[4] + ARGV[5])
  redis.call('DEL', KEYS[2])
end
return failures`

/** The breaker's state in what Redis holds; anything unreadable counts as nothing, and then queries go on. */
export function parseBreaker([pause, failures]: readonly unknown[]): Breaker {
  return { pause: parsePause(pause), failures: Math.max(0, Number(failures) || 0) }
}

function parsePause(text: unknown): Pause | undefined {
  const match = typeof text === 'string' ? /^(\d{1,16}) (quota|failures)$/.exec(text) : null
  if (match === null) return undefined
  return { until: Number(match[1]), reason: match[2] === 'quota' ? 'quota' : 'failures' }
}

/** Puts into the current batch what was learned of the store. `now` is in epoch milliseconds. */
export function teachBreaker(
  redis: Redis,
  keys: readonly [string, string],
  lesson: 'recovered' | 'failed' | Pause,
  now: number,
): Promise<unknown> {
  if (lesson === 'recovered') return redis.del(...keys)
  if (lesson === 'failed') {
    return redis.eval(
      FAILED_SCRIPT,
      [...keys],
      [now, FAILURES_TO_PAUSE, FAILURE_MEMORY_MS, FAILURE_PAUSE_MS, HALF_OPEN_MS],
    )
  }
  return redis.set(keys[0], `${lesson.until} ${lesson.reason}`, { px: Math.max(1, lesson.until - now) })
}

/** Asks, in the current batch, to be the only one at the task that this key stands for; true when won. */
export async function claimTask(redis: Redis, key: string): Promise<boolean> {
  return (await redis.set(key, '1', { nx: true, px: CLAIM_MS })) === 'OK'
}
