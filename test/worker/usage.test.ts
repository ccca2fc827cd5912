// How requests are counted: by key, day and outcome, through HTTP.

import { describe, expect, it } from 'vitest'
import type { UsageResponse } from '../../src/endpoints/usage/response.ts'
import { createApiKey, hashApiKey } from '../../src/keys/api-key.ts'
import { UncountedUsage } from '../../src/usage/uncounted-usage.ts'
import type { UsageOutcome } from '../../src/usage/usage.ts'
import { type Api, type ApiResponse, createApi, jobsPath, withKey } from '../support/api.ts'
import { createClockedApi, midnight, noon } from '../support/clocked-api.ts'
import { apiKeySecret, asOwner, createOrganization, issueKey } from '../support/database.ts'

const NONE = { served: 0, cached: 0, rate_limited: 0, concurrency_limited: 0, failed: 0 }

/** An organization with two jobs, and a key of it. */
async function createCaller() {
  const organization = await createOrganization(2)
  const key = await issueKey(organization.id)
  return { ...organization, key, keyId: await idOf(key), path: jobsPath(organization.jobIds) }
}

async function idOf(key: string): Promise<string> {
  const [row] = await asOwner(`select id::text from api_keys where hash = decode($1, 'hex')`, [
    await hashApiKey(key),
  ])
  return String(row?.['id'])
}

/** The body of `GET /usage`, which counts for the next one. */
async function usageOf(api: Api, key: string, days = 1): Promise<UsageResponse> {
  const response = await api.call(`/usage?days=${days}`, withKey(key))
  expect(response.status).toBe(200)
  return response.json as UsageResponse
}

/** Today's requests of a key, as `GET /usage` returns them. */
async function today(api: Api, key: string): Promise<Record<UsageOutcome, number>> {
  const { data } = await usageOf(api, key)
  const [{ key_id, ...counts } = { key_id: null, ...NONE }, ...others] = data.days[0]?.keys ?? []
  expect(others).toEqual([])
  if (data.days[0]?.keys.length) expect(key_id).toBe(await idOf(key))
  expect(data.today.requests).toBe(Object.values(counts).reduce((sum, count) => sum + count, 0))
  return counts
}

function codeOf({ json }: ApiResponse): string {
  return (json as { error: { code: string } }).error.code
}

describe('GET /usage', () => {
  it('a key without requests: every day is there, without keys', async () => {
    const { key } = await createCaller()
    const { api } = createClockedApi(noon('UTC'))
    const { data, meta } = await usageOf(api, key, 90)
    expect(data.days).toHaveLength(90)
    expect(data.days.every(({ keys }) => keys.length === 0)).toBe(true)
    expect(data.today).toEqual({ requests: 0 })
    const day = (days: number) => new Date(midnight('UTC', days)).toISOString().slice(0, 10)
    expect(meta).toEqual({ from: day(-89), to: day(0), time_zone: 'UTC' })
    expect([data.days[0]?.date, data.days[89]?.date]).toEqual([day(-89), day(0)])
  })

  it('successes: those that needed the store are served, those from the cache are cached', async () => {
    const { key, path } = await createCaller()
    const { api } = createClockedApi(noon('UTC'))
    expect((await api.call('/jobs', withKey(key))).status).toBe(200)
    const first = await api.call(path, withKey(key))
    expect(await today(api, key)).toEqual({ ...NONE, served: 2 })
    for (let i = 0; i < 3; i++) await api.call(path, withKey(key))
    const etag = first.headers.get('etag') ?? ''
    expect((await api.call(path, withKey(key, { 'if-none-match': etag }))).status).toBe(304)
    expect((await api.call('/jobs?include=visitors', withKey(key))).status).toBe(200)
    expect(await today(api, key)).toEqual({ ...NONE, served: 3, cached: 5 })
  })

  it('figures of which some are cached: served, since the store was queried', async () => {
    const { key, jobIds } = await createCaller()
    const { api } = createClockedApi(noon('UTC'))
    await api.call(jobsPath(jobIds.slice(0, 1)), withKey(key))
    const partial = await api.call(jobsPath(jobIds), withKey(key))
    expect(partial.headers.get('cache-status')).toContain('fwd=partial')
    expect(await today(api, key)).toEqual({ ...NONE, served: 2 })
  })

  it('stale figures that are served while the store fails: cached', async () => {
    const { key, path } = await createCaller()
    const { api, clock, stores } = createClockedApi(noon('UTC'), {
      CACHE_FRESH_SECONDS: '1',
      CACHE_STALE_SECONDS: '1',
    })
    await api.call(path, withKey(key))
    await stores.plausible.set({ mode: 'status_500' })
    clock.forward(3_600_000)
    expect((await api.call(path, withKey(key))).status).toBe(200)
    expect(await today(api, key)).toEqual({ ...NONE, served: 1, cached: 1 })
  })

  it('refusals for the rate: those of Redis and those from memory are counted, without a request more', async () => {
    const { key } = await createCaller()
    const { api, clock, requests } = createClockedApi(noon('UTC'), { RATE_LIMIT_REQUESTS: '3' })
    for (let i = 0; i < 3; i++) expect((await api.call('/jobs', withKey(key))).status).toBe(200)
    const before = await requests()
    const refused: ApiResponse[] = []
    for (let i = 0; i < 5; i++) refused.push(await api.call('/jobs', withKey(key)))
    expect(new Set(refused.map(codeOf))).toEqual(new Set(['rate_limited']))
    expect(refused.map(({ log }) => log[0]?.['admission'])).toEqual(Array(5).fill('memory'))
    expect(await requests()).toEqual(before)
    clock.forward(60_000)
    expect(await today(api, key)).toEqual({ ...NONE, served: 3 })
    expect(await today(api, key)).toEqual({ ...NONE, served: 4, rate_limited: 5 })
  })

  it('refusals of an isolate that did not fill the window: counted with its next message', async () => {
    const { key } = await createCaller()
    const { api, clock, vars } = createClockedApi(noon('UTC'), { RATE_LIMIT_REQUESTS: '2' })
    const other = createApi(vars, { now: clock.now })
    for (let i = 0; i < 2; i++) await api.call('/jobs', withKey(key))
    const [first, second] = [await other.call('/jobs', withKey(key)), await other.call('/jobs', withKey(key))]
    expect([first, second].map(codeOf)).toEqual(['rate_limited', 'rate_limited'])
    expect([first, second].map(({ log }) => log[0]?.['admission'])).toEqual([undefined, 'memory'])
    // A message for another organization takes them along.
    await other.call('/jobs', withKey((await createCaller()).key))
    clock.forward(60_000)
    expect(await today(api, key)).toEqual({ ...NONE, served: 2, rate_limited: 2 })
  })

  it('refusals for requests in progress: counted apart from those for the rate', async () => {
    const { key } = await createCaller()
    const { api, clock } = createClockedApi(noon('UTC'), { CONCURRENCY_LIMIT: '1' })
    const { shared } = api.services
    const slot = { limitId: await hashApiKey(key), requestId: 'a-slow-request' }
    await shared.arrive({ ...slot, now: clock.now(), cacheKeys: [] })
    for (let i = 0; i < 2; i++) {
      expect(codeOf(await api.call('/jobs', withKey(key)))).toBe('too_many_concurrent_requests')
    }
    await shared.apply({ release: slot }, clock.now())
    await api.call('/jobs', withKey(key))
    expect(await today(api, key)).toEqual({ ...NONE, served: 1, concurrency_limited: 2 })
  })

  it('other errors: failed, whether they cost a request to a store or not', async () => {
    const { key, path } = await createCaller()
    const { api, stores } = createClockedApi(noon('UTC'))
    // Before its first valid request, the owner of the key is not known.
    expect(codeOf(await api.call('/jobs?page=x', withKey(key)))).toBe('invalid_request')
    expect(codeOf(await api.call(jobsPath([crypto.randomUUID()]), withKey(key)))).toBe('job_access_denied')
    expect(codeOf(await api.call('/jobs?page=x', withKey(key)))).toBe('invalid_request')
    await stores.plausible.set({ mode: 'status_500' })
    expect(codeOf(await api.call(path, withKey(key)))).toBe('analytics_unavailable')
    await stores.postgres.set({ mode: 'status_500' })
    expect(codeOf(await api.call(path, withKey(key)))).toBe('service_unavailable')
    await stores.postgres.set({ mode: 'ok' })
    expect(await today(api, key)).toEqual({ ...NONE, failed: 5 })
  })

  it('a day of UTC: each request counts for the day it arrived on, also when its message leaves on the next', async () => {
    const { key } = await createCaller()
    const lastSecond = midnight('UTC') - 1_000
    const { api, clock } = createClockedApi(lastSecond, { RATE_LIMIT_REQUESTS: '2' })
    await api.call('/jobs', withKey(key))
    await api.call('/jobs', withKey(key))
    clock.set(lastSecond)
    expect((await api.call('/jobs', withKey(key))).status).toBe(429)
    clock.forward(61_000)
    await api.call('/jobs', withKey(key))
    const { data } = await usageOf(api, key, 2)
    const counts = data.days.map(({ keys }) => keys.map(({ key_id: _, ...rest }) => rest))
    expect(counts).toEqual([[{ ...NONE, served: 2, rate_limited: 1 }], [{ ...NONE, served: 1 }]])
    expect(data.today.requests).toBe(1)
  })

  it('stores: a request costs them as much as before, and /usage one request to Redis more', async () => {
    const { key, path } = await createCaller()
    const { api, requests } = createClockedApi(noon('UTC'))
    const costOf = async (target: string) => {
      const before = await requests()
      const { status } = await api.call(target, withKey(key))
      const after = await requests()
      return [
        status,
        after.redis - before.redis,
        after.postgres - before.postgres,
        after.plausible - before.plausible,
      ]
    }
    expect(await costOf(path)).toEqual([200, 2, 1, 1])
    expect(await costOf(path)).toEqual([200, 2, 1, 0])
    expect(await costOf('/jobs')).toEqual([200, 2, 1, 0])
    expect(await costOf('/jobs?page=x')).toEqual([400, 0, 0, 0])
    expect(await costOf('/usage?days=90')).toEqual([200, 3, 1, 0])
  })

  it('is admitted like every request, and reports the limits', async () => {
    const { key } = await createCaller()
    const { api } = createClockedApi(noon('UTC'), { RATE_LIMIT_REQUESTS: '2' })
    const responses = [await api.call('/usage', withKey(key)), await api.call('/usage', withKey(key))]
    expect(responses.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['1', '0'])
    expect(responses[0]?.headers.get('cache-control')).toBe('private, no-cache')
    expect(codeOf(await api.call('/usage', withKey(key)))).toBe('rate_limited')
  })

  it('CSV: one row per day and key', async () => {
    const { key, keyId } = await createCaller()
    const { api } = createClockedApi(noon('UTC'))
    await api.call('/jobs', withKey(key))
    const { text, headers } = await api.call('/usage?days=7&format=csv', withKey(key))
    const day = new Date(noon('UTC')).toISOString().slice(0, 10)
    expect(text).toBe(
      `date,key_id,served,cached,rate_limited,concurrency_limited,failed\r\n${day},${keyId},1,0,0,0,0\r\n`,
    )
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="usage-\d{4}-\d\d-\d\d-.*\.csv"$/,
    )
  })

  it.each([
    ['days=0', 'days', '"0" must be a whole number from 1 to 90.'],
    ['days=91', 'days', '"91" must be a whole number from 1 to 90.'],
    ['days=7&days=8', 'days', 'Give this parameter only once.'],
    ['key=x', 'key', 'Unknown parameter.'],
  ])('%s: returns 400', async (search, parameter, message) => {
    const { key } = await createCaller()
    const response = await createApi().call(`/usage?${search}`, withKey(key))
    expect(response.status).toBe(400)
    expect(response.json).toMatchObject({ error: { details: [{ parameter, message }] } })
  })

  it('no key or one that does not exist: returns 401', async () => {
    const api = createApi()
    expect(codeOf(await api.call('/usage'))).toBe('missing_api_key')
    const stranger = await createApiKey(apiKeySecret)
    expect(codeOf(await api.call('/usage', withKey(stranger)))).toBe('invalid_api_key')
  })
})

describe('tenancy of the counts', () => {
  it('a key: sees its own requests, not those of another key or another organization', async () => {
    const [one, other] = [await createCaller(), await createCaller()]
    const sibling = await issueKey(one.id)
    const { api } = createClockedApi(noon('UTC'))
    for (const key of [one.key, one.key, one.key, sibling, other.key, other.key]) {
      await api.call('/jobs', withKey(key))
    }
    await api.call('/jobs?page=x', withKey(other.key))
    expect(await today(api, one.key)).toEqual({ ...NONE, served: 3 })
    expect(await today(api, sibling)).toEqual({ ...NONE, served: 1 })
    expect(await today(api, other.key)).toEqual({ ...NONE, served: 2, failed: 1 })
  })

  it('jobs and parameters of another organization: count for the caller only', async () => {
    const [one, other] = [await createCaller(), await createCaller()]
    const { api } = createClockedApi(noon('UTC'))
    expect(codeOf(await api.call(other.path, withKey(one.key)))).toBe('job_access_denied')
    expect(await today(api, one.key)).toEqual({ ...NONE, failed: 1 })
    expect(await today(api, other.key)).toEqual(NONE)
  })

  it('all keys of an organization: each with its own requests', async () => {
    const { id, key, keyId } = await createCaller()
    const sibling = await issueKey(id)
    const { api } = createClockedApi(noon('UTC'))
    for (const each of [key, key, sibling]) await api.call('/jobs', withKey(each))
    const days = [new Date(noon('UTC')).toISOString().slice(0, 10)]
    const { usage } = await api.services.shared.readUsage({ organizationId: id, keyId: undefined, days })
    expect(new Map(usage?.[0]?.keys.map((entry) => [entry.keyId, entry.served]))).toEqual(
      new Map([
        [keyId, 2],
        [await idOf(sibling), 1],
      ]),
    )
  })

  it('keys that do not exist or are revoked: are never counted', async () => {
    const { id, key } = await createCaller()
    const { api } = createClockedApi(noon('UTC'))
    const revoked = await issueKey(id, { revokedAt: '2026-01-01T00:00:00Z' })
    for (const refused of [revoked, await createApiKey(apiKeySecret), `${key.slice(0, -2)}xx`]) {
      for (const path of ['/jobs?page=x', '/jobs', '/jobs?page=x', '/usage']) {
        expect((await api.call(path, withKey(refused))).status).toBeGreaterThanOrEqual(400)
      }
    }
    await api.call('/jobs', withKey(key))
    const days = [new Date(noon('UTC')).toISOString().slice(0, 10)]
    const { usage } = await api.services.shared.readUsage({ organizationId: id, keyId: undefined, days })
    expect(usage?.[0]?.keys).toEqual([{ keyId: await idOf(key), ...NONE, served: 1 }])
  })
})

describe('Redis unavailable', () => {
  it('GET /usage: returns 503 with Retry-After', async () => {
    const { key } = await createCaller()
    const { api, stores } = createClockedApi(noon('UTC'))
    await stores.redis.set({ mode: 'status_500' })
    const response = await api.call('/usage', withKey(key))
    expect([response.status, codeOf(response)]).toEqual([503, 'service_unavailable'])
    expect(response.headers.get('retry-after')).toBe('2')
    expect(response.log[0]).toMatchObject({ redis_fault: expect.any(String) })
  })

  it('other requests: are served, their counts are lost, and never counted twice', async () => {
    const { key } = await createCaller()
    const { api, stores } = createClockedApi(noon('UTC'))
    await api.call('/jobs', withKey(key))
    await stores.redis.set({ mode: 'status_500' })
    for (let i = 0; i < 3; i++) expect((await api.call('/jobs', withKey(key))).status).toBe(200)
    await stores.redis.set({ mode: 'ok' })
    await api.call('/jobs', withKey(key))
    expect(await today(api, key)).toEqual({ ...NONE, served: 2 })
  })
})

describe('requests that are not yet counted', () => {
  const owner = (keyId: string) => ({ organizationId: '1', keyId })
  const NOW = Date.UTC(2026, 0, 30, 12)

  it('wait until the owner of the key is known', () => {
    const uncounted = new UncountedUsage()
    uncounted.add('a', 'failed', NOW)
    uncounted.add('a', 'failed', NOW)
    expect(uncounted.take()).toEqual([])
    uncounted.identify('a', owner('k'))
    expect(uncounted.take()).toEqual([{ ...owner('k'), day: '2026-01-30', outcome: 'failed', count: 2 }])
    expect(uncounted.take()).toEqual([])
  })

  it('are dropped with a key that does not exist', () => {
    const uncounted = new UncountedUsage()
    uncounted.add('a', 'failed', NOW)
    uncounted.forget('a')
    uncounted.identify('a', owner('k'))
    expect(uncounted.take()).toEqual([])
  })

  it('leave in several messages where there are many, each once', () => {
    const uncounted = new UncountedUsage()
    for (let i = 0; i < 250; i++) {
      uncounted.identify(`key-${i}`, owner(`k${i}`))
      uncounted.add(`key-${i}`, 'rate_limited', NOW)
    }
    const messages = [uncounted.take(), uncounted.take(), uncounted.take(), uncounted.take()]
    expect(messages.map(({ length }) => length)).toEqual([100, 100, 50, 0])
    expect(new Set(messages.flat().map(({ keyId }) => keyId)).size).toBe(250)
  })

  it('are kept for 10,000 keys, those used last', () => {
    const uncounted = new UncountedUsage()
    for (let i = 0; i < 10_000; i++) uncounted.add(`key-${i}`, 'failed', NOW)
    uncounted.add('key-0', 'failed', NOW)
    uncounted.add('key-10000', 'failed', NOW)
    uncounted.identify('key-0', owner('first'))
    uncounted.identify('key-1', owner('second'))
    expect(uncounted.take()).toMatchObject([{ keyId: 'first', count: 2 }])
  })
})
