// `usage`: what the operator sees of the counts, on a real engine behind Upstash's protocol.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openEmbeddedRedis } from '../../local/redis/embedded-redis.ts'
import type { RedisBackend } from '../../local/redis/redis-backend.ts'
import { startUpstashFront, type UpstashFront } from '../../local/redis/upstash-front.ts'
import { upstashSharedState } from '../../src/shared-state/upstash-shared-state.ts'
import { createRedis } from '../../src/stores/redis-batch.ts'
import { lastUsageDays, type UsageOutcome } from '../../src/usage/usage.ts'
import { type DatabaseUnderTest, openEmbedded } from './admin/database-under-test.ts'
import { runCommand } from './admin/run-command.ts'

const TOKEN = 'a-token-of-redis'
const limits = { requests: 100, windowSeconds: 60, concurrent: 10 }
const cache = { freshSeconds: 300, staleSeconds: 3_600, staleIfErrorSeconds: 86_400 }
const NONE = { served: 0, cached: 0, rate_limited: 0, concurrency_limited: 0, failed: 0 }

describe('usage', () => {
  let database: DatabaseUnderTest
  let backend: RedisBackend
  let front: UpstashFront
  let environment: NodeJS.ProcessEnv
  /** The keys of organization 1, then that of organization 2. */
  const keys: { id: string; hint: string }[] = []
  beforeAll(async () => {
    backend = await openEmbeddedRedis()
    front = await startUpstashFront({ redis: backend, token: TOKEN })
    database = await openEmbedded()
    environment = {
      ...database.environment,
      UPSTASH_REDIS_REST_URL: front.url,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
      API_KEY_SECRET: 'a-secret-of-at-least-32-characters',
    }
    await admin(['migrate'])
    for (const org of ['1', '2', '3'])
      await admin(['org', 'create', `Org ${org}`, '--domain', `org-${org}.example`])
    for (const [org, name] of [
      ['1', 'backend'],
      ['1', 'reports'],
      ['2', 'default'],
    ] as const) {
      const { key } = (await admin(['key', 'create', '--org', org, '--name', name, '--json'])).json() as {
        key: { id: string; hint: string }
      }
      keys.push(key)
    }
  })
  afterAll(async () => {
    await front?.close()
    await backend?.close()
    await database?.close()
  })
  beforeEach(async () => {
    await backend.send([['FLUSHALL']])
  })

  const admin = (argv: string[], changes: NodeJS.ProcessEnv = {}) =>
    runCommand(argv, { environment: { ...environment, ...changes } })
  /** The day that many days ago. */
  const day = (daysAgo: number) => lastUsageDays(daysAgo + 1, Date.now())[0] ?? ''
  const count = async (
    organizationId: string,
    keyId: string | undefined,
    daysAgo: number,
    outcome: UsageOutcome,
    times: number,
  ) => {
    const redis = createRedis({ url: front.url, token: TOKEN, timeoutMs: 5_000 })
    const shared = upstashSharedState(redis, { limits, cache, namespace: 'stats', clock: 'redis' })
    const usage = [{ organizationId, keyId, day: day(daysAgo), outcome, count: times }]
    expect(await shared.apply({ usage }, Date.now())).toEqual({ locked: false })
  }
  const countSome = async () => {
    const [backendKey, reports, other] = keys.map(({ id }) => id)
    await count('1', backendKey, 0, 'served', 5)
    await count('1', backendKey, 3, 'cached', 20)
    await count('1', reports, 0, 'failed', 1)
    await count('1', undefined, 1, 'served', 2)
    await count('2', other, 0, 'rate_limited', 300)
    await count('2', other, 40, 'served', 1_000)
  }

  it('organizations: those with the most requests first, without those that made none', async () => {
    await countSome()
    expect((await admin(['usage', '--json'])).json()).toEqual({
      from: day(29),
      to: day(0),
      timeZone: 'UTC',
      organizations: [
        { id: '2', name: 'Org 2', requests: 300, ...NONE, rate_limited: 300 },
        { id: '1', name: 'Org 1', requests: 28, ...NONE, served: 7, cached: 20, failed: 1 },
      ],
    })
    const { output } = await admin(['usage', '--days', '90', '--top', '1'])
    expect(output.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['id', 'requests', 'served', 'cached', 'rate limited', 'concurrency limited', 'failed', 'name'],
      ['2', '1300', '1000', '0', '300', '0', '0', 'Org 2'],
      [''],
    ])
  })

  it('one organization: by key and by day, people included', async () => {
    await countSome()
    const document = (await admin(['usage', '--org', 'org-1.example', '--days', '4', '--json'])).json()
    expect(document).toEqual({
      from: day(3),
      to: day(0),
      timeZone: 'UTC',
      organization: { id: '1', name: 'Org 1' },
      keys: [
        {
          id: keys[0]?.id,
          name: 'backend',
          hint: keys[0]?.hint,
          requests: 25,
          ...NONE,
          served: 5,
          cached: 20,
        },
        { id: null, name: 'people', hint: null, requests: 2, ...NONE, served: 2 },
        { id: keys[1]?.id, name: 'reports', hint: keys[1]?.hint, requests: 1, ...NONE, failed: 1 },
      ],
      days: [
        { date: day(3), requests: 20, ...NONE, cached: 20 },
        { date: day(2), requests: 0, ...NONE },
        { date: day(1), requests: 2, ...NONE, served: 2 },
        { date: day(0), requests: 6, ...NONE, served: 5, failed: 1 },
      ],
    })
    const { output } = await admin(['usage', '--org', '1', '--top', '1'])
    expect(output).toContain(keys[0]?.hint)
    expect(output).not.toContain('people')
    expect(output).toContain(day(3))
    expect(output).not.toContain(day(2))
  })

  it('no requests: says so', async () => {
    const nothing = `No requests were counted from ${day(6)} to ${day(0)} (UTC)\n`
    expect((await admin(['usage', '--days', '7'])).output).toBe(nothing)
    expect((await admin(['usage', '--days', '7', '--org', '3'])).output).toBe(nothing)
  })

  it('many organizations: reads them in several messages', async () => {
    await countSome()
    await database.query(`insert into organizations (name) select 'Many ' || n from generate_series(1, 30) n`)
    const { organizations } = (await admin(['usage', '--days', '90', '--json'])).json() as {
      organizations: { id: string; requests: number }[]
    }
    expect(organizations.map(({ id, requests }) => [id, requests])).toEqual([
      ['2', 1_300],
      ['1', 28],
    ])
    await database.query(`delete from organizations where name like 'Many %'`)
  })

  it.each<[string, string[], NodeJS.ProcessEnv, number, RegExp]>([
    [
      'the token is refused',
      [],
      { UPSTASH_REDIS_REST_TOKEN: 'hunter2' },
      4,
      /Redis refuses the token: correct/,
    ],
    ['Redis is unavailable', [], { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1' }, 4, /Redis cannot be used/],
    [
      'a binding is missing',
      [],
      { UPSTASH_REDIS_REST_TOKEN: '' },
      2,
      /is missing or wrong: set the Worker's own/,
    ],
    ['there are too many days', ['--days', '91'], {}, 2, /--days must be a whole number from 1 to 90/],
    ['nothing is to be shown', ['--top', '0'], {}, 2, /--top must be a whole number from 1 to/],
    ['the organization does not exist', ['--org', '99'], {}, 3, /There is no organization 99/],
  ])('says in one line what to do when %s', async (_, argv, changes, code, message) => {
    const result = await admin(['usage', ...argv], changes)
    expect(result.code).toBe(code)
    expect(result.messages).toMatch(message)
    expect(result.messages).not.toContain('hunter2')
    expect(result.messages.trim().split('\n')).toHaveLength(1)
  })
})
