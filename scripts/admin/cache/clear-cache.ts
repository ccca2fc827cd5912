// Removes an organization's cached figures from Redis: those of its jobs, of its keys and people, and its count of bytes.
import * as z from 'zod/mini'
import type { RedisBatch, RedisClient } from '../../../src/stores/redis-batch.ts'
import { runBatch } from '../../../src/stores/redis-batch.ts'

const KEYS_A_SCAN = 1_000

/** What is the organization's in the cache. */
export interface CacheOwner {
  organizationId: string
  /** The beginning of every key that depends on the analytics store. */
  namespace: string
  /** The first 16 digits of the hash of each of its API keys, revoked ones too. */
  keyPrefixes: ReadonlySet<string>
  /** Returns which of these jobs are the organization's. */
  ownJobs(ids: readonly string[]): Promise<ReadonlySet<string>>
}

/** How far a run is. `total` is how many keys Redis has, about. */
export interface ClearProgress {
  scanned: number
  total: number
  removed: number
}

/**
 * Scans all keys of the database and removes the organization's, in batches. Figures that the Worker writes meanwhile stay.
 * Throws `StoreError` when Redis fails; what was removed before stays removed, and a second run completes it.
 */
export async function clearCache(
  redis: RedisClient,
  owner: CacheOwner,
  onProgress: (progress: ClearProgress) => void,
  signal: AbortSignal,
): Promise<{ removed: number }> {
  const total = z.parse(z.number(), await send(redis, (batch) => batch.add((pipeline) => pipeline.dbsize())))
  const progress = { scanned: 0, total, removed: 0 }
  const countKey = `${owner.namespace}:cache-bytes:${owner.organizationId}`
  let cursor = '0'
  do {
    const [next, keys] = await scan(redis, cursor, owner.namespace)
    const own = await ownKeys(keys, owner)
    if (own.length > 0) progress.removed += await remove(redis, own)
    progress.scanned = Math.min(total, progress.scanned + KEYS_A_SCAN)
    onProgress({ ...progress })
    cursor = next
  } while (cursor !== '0' && !signal.aborted)
  // Last, so that the Worker does not count figures that are about to be removed.
  if (!signal.aborted) await remove(redis, [countKey])
  return { removed: progress.removed }
}

const scanReply = z.tuple([z.union([z.string(), z.number()]), z.array(z.string())])

async function scan(redis: RedisClient, cursor: string, namespace: string): Promise<[string, string[]]> {
  const options = { match: `${escapeGlob(namespace)}:*`, count: KEYS_A_SCAN }
  const reply = await send(redis, (batch) => batch.add((pipeline) => pipeline.scan(cursor, options)))
  const [next, keys] = z.parse(scanReply, reply)
  return [String(next), keys]
}

async function ownKeys(keys: readonly string[], owner: CacheOwner): Promise<string[]> {
  const names = keys.map((key) => ({ key, name: key.slice(owner.namespace.length + 1) }))
  const jobs = names.flatMap(({ key, name }) => {
    const id = /^jobs:.*:([0-9a-f-]{36})$/.exec(name)?.[1]
    return id === undefined ? [] : [{ key, id }]
  })
  const ownJobs = jobs.length === 0 ? new Set() : await owner.ownJobs([...new Set(jobs.map(({ id }) => id))])
  const ofPeople = `organization-${owner.organizationId}`
  const ofSite = names.filter(({ name }) => {
    const [, holder = ''] = /^(?:site|top):([^:]+):/.exec(name) ?? []
    return holder === ofPeople || owner.keyPrefixes.has(holder)
  })
  return [...jobs.filter(({ id }) => ownJobs.has(id)), ...ofSite].map(({ key }) => key)
}

async function remove(redis: RedisClient, keys: readonly string[]): Promise<number> {
  return z.parse(z.number(), await send(redis, (batch) => batch.add((pipeline) => pipeline.unlink(...keys))))
}

async function send(redis: RedisClient, add: (batch: RedisBatch) => Promise<unknown>): Promise<unknown> {
  const [reply] = await runBatch(redis, (batch) => [add(batch)])
  if (reply.status === 'rejected') throw reply.reason
  return reply.value
}

/** Characters that a pattern of Redis gives another meaning. */
function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, '\\$&')
}
