// The count of queries in Redis: one ZSET per clock hour, with the total and the queries of each organization.

import type { RedisBatch } from '../stores/redis-batch.ts'
import { NO_SPENDING, type Queries, type Spending } from './fair-share.ts'

const HOUR_MS = 3_600_000
const TTL_SECONDS = 7_200
const TOTAL = '*'
/** Only the largest spenders are read. Any other organization has spent little and counts as having spent nothing. */
const LARGEST = 50

/** Adds the reading of this hour's queries to the batch. `now` is in epoch milliseconds. */
export async function readSpending(batch: RedisBatch, namespace: string, now: number): Promise<Spending> {
  const key = spendingKey(namespace, now)
  const pairs = await batch.add((pipeline) =>
    pipeline.zrange(key, 0, LARGEST, { rev: true, withScores: true }),
  )
  if (!Array.isArray(pairs)) return NO_SPENDING
  const byOrganization = new Map<string, number>()
  for (let i = 0; i + 1 < pairs.length; i += 2) byOrganization.set(String(pairs[i]), Number(pairs[i + 1]))
  const total = byOrganization.get(TOTAL) ?? 0
  byOrganization.delete(TOTAL)
  return { total, byOrganization }
}

/** Adds the counting of an organization's queries to the batch. */
export function countQueries(
  batch: RedisBatch,
  namespace: string,
  { organizationId, count }: Queries,
  now: number,
): Promise<unknown> {
  const key = spendingKey(namespace, now)
  return Promise.all([
    batch.add((pipeline) => pipeline.zincrby(key, count, organizationId)),
    batch.add((pipeline) => pipeline.zincrby(key, count, TOTAL)),
    batch.add((pipeline) => pipeline.expire(key, TTL_SECONDS)),
  ])
}

function spendingKey(namespace: string, now: number): string {
  return `${namespace}:queries:${Math.floor(now / HOUR_MS)}`
}
