// `cache clear`: removes exactly what one organization has in the cache, on a real engine behind Upstash's protocol.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openEmbeddedRedis } from '../../local/redis/embedded-redis.ts'
import type { RedisBackend } from '../../local/redis/redis-backend.ts'
import { startUpstashFront, type UpstashFront } from '../../local/redis/upstash-front.ts'
import { toStoredEntries } from '../../src/cache/stored-entries.ts'
import { namespaceOf } from '../../src/connect.ts'
import { jobKeyPrefix } from '../../src/endpoints/job-figures.ts'
import { upstashSharedState } from '../../src/shared-state/upstash-shared-state.ts'
import { createRedis } from '../../src/stores/redis-batch.ts'
import { type DatabaseUnderTest, openEmbedded } from './admin/database-under-test.ts'
import { runCommand } from './admin/run-command.ts'

const TOKEN = 'a-token-of-redis'
const SECRET = 'a-secret-of-at-least-32-characters'
const PLAUSIBLE_URL = 'https://stats.example/a[b]*'
const limits = { requests: 100, windowSeconds: 60, concurrent: 10 }
const cache = { freshSeconds: 300, staleSeconds: 3_600, staleIfErrorSeconds: 86_400 }

const idOf = (n: number) => `bbbbbbbb-0000-4000-8000-${String(n).padStart(12, '0')}`

describe('cache clear', () => {
  let database: DatabaseUnderTest
  let backend: RedisBackend
  let front: UpstashFront
  let environment: NodeJS.ProcessEnv
  /** By organization, the hash of one of its keys in hex. */
  const hashes = new Map<string, string>()
  beforeAll(async () => {
    backend = await openEmbeddedRedis()
    front = await startUpstashFront({ redis: backend, token: TOKEN })
    database = await openEmbedded()
    environment = {
      ...database.environment,
      ...{
        UPSTASH_REDIS_REST_URL: front.url,
        UPSTASH_REDIS_REST_TOKEN: TOKEN,
        PLAUSIBLE_URL,
        API_KEY_SECRET: SECRET,
      },
    }
    await admin(['migrate'])
    for (const org of ['1', '2']) {
      await admin(['org', 'create', `Org ${org}`, '--domain', `org-${org}.example`])
      await admin(['key', 'create', '--org', org])
    }
    for (const { org, hash } of await database.query(
      `SELECT organization_id::text AS org, encode(hash, 'hex') AS hash FROM api_keys`,
    ))
      hashes.set(String(org), String(hash))
    const jobs = (from: number) =>
      Array.from({ length: 3 }, (_, n) => ({ id: idOf(from + n), title: 'T', slug: `s-${from + n}` }))
    await admin(['job', 'import', '-', '--format', 'json', '--org', '1'], {}, JSON.stringify(jobs(10)))
    await admin(['job', 'import', '-', '--format', 'json', '--org', '2'], {}, JSON.stringify(jobs(20)))
  })
  afterAll(async () => {
    await front?.close()
    await backend?.close()
    await database?.close()
  })
  beforeEach(async () => {
    await backend.send([['FLUSHALL']])
  })

  const admin = async (argv: string[], changes: NodeJS.ProcessEnv = {}, input?: string) => {
    const result = await runCommand(argv, {
      environment: { ...environment, ...changes },
      ...(input !== undefined && { input }),
    })
    return result
  }
  const storedKeys = async () => {
    const [found] = await backend.send([['KEYS', '*']])
    return (found as Buffer[]).map(String).sort()
  }
  /** Writes what requests of an organization write: figures of its jobs and its site, beside its admission. */
  const writeAs = async (org: string, jobIds: readonly string[], plausibleUrl = PLAUSIBLE_URL) => {
    const redis = createRedis({ url: front.url, token: TOKEN, timeoutMs: 5_000 })
    const namespace = namespaceOf({
      PLAUSIBLE_URL: plausibleUrl,
      ANALYTICS_JOB_DIMENSION: 'event:page',
      ANALYTICS_API: 'v2',
    })
    const shared = upstashSharedState(redis, { limits, cache, namespace, clock: 'redis' })
    const now = Date.now()
    const keyHash = hashes.get(org) ?? ''
    await shared.arrive({ limitId: keyHash, requestId: `request-of-${org}`, now, cacheKeys: [] })
    const entry = {
      value: 1,
      readAt: now,
      site: `org-${org}.example`,
      window: { from: '2026-01-01', to: '2026-01-30' },
    }
    const prefixes = [
      jobKeyPrefix('30d', ['visitors']),
      jobKeyPrefix('2026-01-01..2026-01-30', ['visitors', 'applications'], 'day'),
    ]
    const keys = [
      ...prefixes.flatMap((prefix) => jobIds.map((id) => prefix + id)),
      ...['totals', 'groups'].map((part) => `site:${keyHash.slice(0, 16)}:${part}`),
    ]
    const written = await shared.apply(
      { writes: { organizationId: org, entries: toStoredEntries(keys.map((key) => ({ key, entry }))) } },
      now,
    )
    expect(written).toEqual({ locked: false })
  }

  it('removes the figures of one organization, and nothing of another one or of admission', async () => {
    const jobsOf = { 1: [10, 11, 12].map(idOf), 2: [20, 21, 22].map(idOf) }
    await writeAs('2', jobsOf[2])
    await writeAs('2', jobsOf[2], 'https://other.example')
    const others = await storedKeys()
    await writeAs('1', jobsOf[1])
    const before = await storedKeys()
    const admission = before.filter(
      (key) => key.includes(hashes.get('1') ?? '-') && !key.startsWith('stats:'),
    )
    expect(admission.length).toBeGreaterThan(0)
    const result = await admin(['cache', 'clear', '--org', 'org-1.example', '--json'])
    expect(result).toMatchObject({ code: 0, messages: '' })
    expect(result.json()).toEqual({ organization: { id: '1', name: 'Org 1' }, removed: 8 })
    expect(await storedKeys()).toEqual([...others, ...admission].sort())
    expect((await admin(['cache', 'clear', '--org', '1'])).output).toBe('Nothing of Org 1 (1) is cached\n')
  })

  it('removes the figures that a revoked key has cached', async () => {
    await writeAs('2', [])
    await database.query(`UPDATE api_keys SET revoked_at = now() WHERE organization_id = 2`)
    expect((await admin(['cache', 'clear', '--org', '2', '--json'])).json()).toMatchObject({ removed: 2 })
  })

  it('finds its keys among 5,000 others, in several batches', async () => {
    const others = Array.from({ length: 5_000 }, (_, n) => [
      'SET',
      `stats:stats.example/a[b]*:event:page:other:${n}`,
      '1',
    ])
    await backend.send(others)
    await writeAs('1', [10, 11, 12].map(idOf))
    expect((await admin(['cache', 'clear', '--org', '1', '--json'])).json()).toMatchObject({ removed: 8 })
    expect((await storedKeys()).filter((key) => key.includes(':other:'))).toHaveLength(5_000)
  })

  it('works with --demo-file, which names the stores of a local stack', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'admin-cache-'))
    const file = join(directory, 'demo.json')
    const { ADMIN_DATABASE_URL: databaseUrl, NEON_ENDPOINT: neonEndpoint } = database.environment
    const stores = {
      databaseUrl,
      neonEndpoint,
      redisUrl: front.url,
      redisToken: TOKEN,
      plausibleUrl: PLAUSIBLE_URL,
    }
    const secrets = { apiKeySecret: SECRET, plausibleApiKey: 'key', consoleSecret: SECRET }
    writeFileSync(file, JSON.stringify({ url: 'http://127.0.0.1:8787', organizations: [], stores, secrets }))
    await writeAs('1', [idOf(10)])
    const result = await runCommand(['--demo-file', file, 'cache', 'clear', '--org', '1', '--json'], {
      environment: {},
    })
    rmSync(directory, { recursive: true })
    expect(result.messages).toBe('')
    expect(result.json()).toMatchObject({ removed: 4 })
  })

  it.each<[string, NodeJS.ProcessEnv, number, RegExp]>([
    [
      'the token is refused',
      { UPSTASH_REDIS_REST_TOKEN: 'hunter2' },
      4,
      /Redis refuses the token: correct UPSTASH/,
    ],
    [
      'Redis is unavailable',
      { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1' },
      4,
      /Redis cannot be used \(unreachable\): check/,
    ],
    [
      'a binding is missing',
      { PLAUSIBLE_URL: '' },
      2,
      /PLAUSIBLE_URL, .* or ANALYTICS_API is missing or wrong: set the Worker's own/,
    ],
  ])('says in one line what to do when %s', async (_, changes, code, message) => {
    const result = await admin(['cache', 'clear', '--org', '1'], changes)
    expect(result.code).toBe(code)
    expect(result.messages).toMatch(message)
    expect(result.messages).not.toContain('hunter2')
    expect(result.messages.trim().split('\n')).toHaveLength(1)
  })

  it('says how to complete it when it is interrupted', async () => {
    const interrupted = AbortSignal.abort()
    const result = await runCommand(['cache', 'clear', '--org', '1'], { environment, interrupted })
    expect(result.code).toBe(130)
    expect(result.messages).toMatch(/^Error: Interrupted after \d+ entries were removed: run this again\n$/)
  })
})
