// The table of Redis keys in docs/architecture.md, compared with what the Worker's code writes to a real engine.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbeddedRedis } from '../../local/redis/embedded-redis.ts'
import type { RedisBackend } from '../../local/redis/redis-backend.ts'
import { startUpstashFront, type UpstashFront } from '../../local/redis/upstash-front.ts'
import { quotaPause } from '../../src/analytics/circuit-breaker.ts'
import { toStoredEntries } from '../../src/cache/stored-entries.ts'
import { jobKeyPrefix } from '../../src/endpoints/job-figures.ts'
import { upstashSharedState } from '../../src/shared-state/upstash-shared-state.ts'
import { createRedis } from '../../src/stores/redis-batch.ts'

const NAMESPACE = 'stats:plausible.io:event:page'
const LIFE_SECONDS = 86_400 + 3_600
const limits = { requests: 100, windowSeconds: 60, concurrent: 10 }
const cache = { freshSeconds: 300, staleSeconds: 3_600, staleIfErrorSeconds: 86_400 }

/** What the TTL column stands for, in seconds. */
const TTL_SECONDS: Record<string, number> = {
  '`RATE_LIMIT_WINDOW_SECONDS`': limits.windowSeconds,
  '`<life>`': LIFE_SECONDS,
  '`<life>` from the first write': LIFE_SECONDS,
  '8 s': 8,
  '10 min': 600,
  '15 s': 15,
  '60 s': 60,
  '70 s': 70,
  '2 h': 7_200,
  '90 days': 90 * 86_400,
  'end of the pause and 1 min; 10 min for the quota': 70,
}

interface Row {
  pattern: string
  type: string
  ttl: string
}

const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'architecture.md'), 'utf8')
const rows: Row[] = Array.from(
  document.matchAll(/^\| `((?:admission|sign-in|usage|<ns>):[^`]+)` \| (\w+) \| ([^|]+) \|/gm),
  ([, pattern = '', type = '', ttl = '']) => ({ pattern, type, ttl }),
)

/** The row of a key: `<ns>` stands for the namespace, any other `<…>` for one or more characters. */
function rowOf(key: string): Row | undefined {
  const matches = rows.filter(({ pattern }) => {
    const parts = pattern.replace('<ns>', NAMESPACE).split(/<[^>]+>/)
    return new RegExp(`^${parts.map((part) => part.replace(/[{}.]/g, '\\$&')).join('.+')}$`).test(key)
  })
  expect(matches.length, `rows of the table for ${key}`).toBeLessThan(2)
  return matches[0]
}

describe('table of Redis keys', () => {
  let backend: RedisBackend
  let front: UpstashFront
  beforeAll(async () => {
    backend = await openEmbeddedRedis()
    front = await startUpstashFront({ redis: backend, token: 'a-token' })
  })
  afterAll(async () => {
    await front.close()
    await backend.close()
  })

  /** Every key in Redis with its type and its TTL in seconds, rounded up. */
  async function storedKeys(): Promise<{ key: string; type: string; ttl: number }[]> {
    const [found] = await backend.send([['KEYS', '*']])
    const keys = (found as Buffer[]).map(String).sort()
    return Promise.all(
      keys.map(async (key) => {
        const [type, ttl] = await backend.send([
          ['TYPE', key],
          ['PTTL', key],
        ])
        return { key, type: (type as { text: string }).text, ttl: Math.ceil(Number(ttl) / 1_000) }
      }),
    )
  }

  /** Everything that requests change, from several sites that all fail. */
  async function writeEveryKey(): Promise<void> {
    const redis = createRedis({ url: front.url, token: 'a-token', timeoutMs: 5_000 })
    const shared = upstashSharedState(redis, { limits, cache, namespace: NAMESPACE, clock: 'redis' })
    const now = Date.now()
    const keyHash = 'ab'.repeat(32)
    const arrival = await shared.arrive({ limitId: keyHash, requestId: 'a-request', now, cacheKeys: ['a'] })
    expect(arrival).toMatchObject({ admission: { verdict: 'admitted' } })
    const window = { from: '2026-01-01', to: '2026-01-30' }
    const entry = { value: { totals: [1] }, readAt: now, site: 'jobs.example.com', window }
    const job = '3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42'
    const entries = [
      { key: jobKeyPrefix('30d', ['visitors', 'pageviews'], 'day') + job, entry },
      { key: `site:${keyHash.slice(0, 16)}:a-digest`, entry },
      { key: 'top:organization-1:a-digest', entry },
    ]
    const applied = await shared.apply(
      {
        writes: { organizationId: '1', entries: toStoredEntries(entries) },
        queries: { organizationId: '1', count: 2 },
        usage: [{ organizationId: '1', keyId: job, day: '2026-01-30', outcome: 'served', count: 1 }],
        lock: 'probe:jobs.example.com',
      },
      now,
    )
    expect(applied).toEqual({ locked: true })
    expect(await shared.takeToken('a-digest')).toBe(true)
    // One site fails once. Three others are paused, and with the third of them all sites are.
    await shared.apply({ outcome: { site: 'd.example', outcome: 'failed' } }, now)
    for (const site of ['a.example', 'b.example', 'c.example']) {
      for (let i = 0; i < 5; i++) await shared.apply({ outcome: { site, outcome: 'failed' } }, now)
    }
  }

  it('has a row for every key that the Worker writes, with its type and its TTL', async () => {
    await writeEveryKey()
    const stored = await storedKeys()
    expect(stored.length).toBeGreaterThan(9)
    for (const { key, type, ttl } of stored) {
      const row = rowOf(key)
      expect({ key, type }).toEqual({ key, type: row?.type })
      const expected = TTL_SECONDS[row?.ttl.trim() ?? ''] ?? 0
      expect(expected - ttl, `seconds that ${key} lives shorter than the table says`).toBeLessThan(5)
      expect(ttl, `TTL of ${key}`).toBeGreaterThan(0)
      expect(ttl, `TTL of ${key}`).toBeLessThanOrEqual(expected)
    }
  })

  it('has no row for a key that nothing writes', async () => {
    const stored = await storedKeys()
    const written = new Set(stored.map(({ key }) => rowOf(key)?.pattern))
    expect(rows.map(({ pattern }) => pattern).filter((pattern) => !written.has(pattern))).toEqual([])
  })

  it('says how long a pause for the quota is remembered', async () => {
    const redis = createRedis({ url: front.url, token: 'a-token', timeoutMs: 5_000 })
    const namespace = 'stats:quota:event:page'
    const shared = upstashSharedState(redis, { limits, cache, namespace, clock: 'redis' })
    const now = Date.now()
    const outcome = quotaPause(undefined, { pause: undefined, pausedSites: new Map() }, false, now)
    await shared.apply({ outcome: { site: 'a.example', outcome } }, now)
    const { ttl } = (await storedKeys()).find(({ key }) => key === `${namespace}:pause`) ?? { ttl: 0 }
    const expected = Math.ceil((outcome.until - now) / 1_000) + 600
    expect(ttl).toBeGreaterThan(expected - 5)
    expect(ttl).toBeLessThanOrEqual(expected)
  })
})
