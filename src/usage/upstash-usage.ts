// The counts of requests in Redis: one hash per organization and day, with a field for each key and outcome.

import * as z from 'zod/mini'
import type { RedisBatch } from '../stores/redis-batch.ts'
import { StoreError } from '../stores/store-error.ts'
import {
  type DayUsage,
  MAX_USAGE_DAYS,
  USAGE_OUTCOMES,
  type UsageCount,
  type UsageOutcome,
  type UsageQuery,
} from './usage.ts'

const TTL_SECONDS = MAX_USAGE_DAYS * 86_400

/** HMGET returns a value or null for each field, HGETALL alternating fields and values. */
const reply = z.array(z.nullable(z.string()))

/** Adds the counting of requests to the batch. */
export function countUsage(batch: RedisBatch, counts: readonly UsageCount[]): Promise<unknown> {
  const increments = counts.map(({ organizationId, day, keyId, outcome, count }) =>
    batch.add((pipeline) => pipeline.hincrby(usageKey(organizationId, day), fieldOf(keyId, outcome), count)),
  )
  const keys = new Set(counts.map(({ organizationId, day }) => usageKey(organizationId, day)))
  const lives = [...keys].map((key) => batch.add((pipeline) => pipeline.expire(key, TTL_SECONDS)))
  return Promise.all([...increments, ...lives])
}

/** Adds the reading of requests to the batch; one entry for each day, in order. Rejects with `StoreError`. */
export function readUsage(
  batch: RedisBatch,
  { organizationId, keyId, days }: UsageQuery,
): Promise<DayUsage[]> {
  const fields = keyId === undefined ? undefined : USAGE_OUTCOMES.map((outcome) => fieldOf(keyId, outcome))
  const read = async (date: string): Promise<DayUsage> => {
    const key = usageKey(organizationId, date)
    const { data } = reply.safeParse(
      await batch.add((pipeline) => (fields ? pipeline.hmget(key, ...fields) : pipeline.hgetall(key))),
    )
    if (data === undefined) throw new StoreError('unusable')
    return { date, keys: usageByKey(fields ? fields.flatMap((field, i) => [field, data[i] ?? null]) : data) }
  }
  return Promise.all(days.map(read))
}

/** Alternating fields and values -> the requests of each key that has any, in the order of the IDs. */
function usageByKey(pairs: readonly (string | null)[]): DayUsage['keys'] {
  const byKey = new Map<string, Record<UsageOutcome, number>>()
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const [keyId = '', name] = (pairs[i] ?? '').split(' ')
    const outcome = USAGE_OUTCOMES.find((known) => known === name)
    const count = Number(pairs[i + 1])
    if (outcome === undefined || !(count > 0)) continue
    const none = { served: 0, cached: 0, rate_limited: 0, concurrency_limited: 0, failed: 0 }
    byKey.set(keyId, { ...(byKey.get(keyId) ?? none), [outcome]: count })
  }
  const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([keyId, counts]) => ({ keyId: keyId || undefined, ...counts }))
}

function usageKey(organizationId: string, day: string): string {
  return `usage:${organizationId}:${day}`
}

/** People send no key, so their fields begin with the space. */
function fieldOf(keyId: string | undefined, outcome: UsageOutcome): string {
  return `${keyId ?? ''} ${outcome}`
}
