// Results that are large and stores that are slow: admission stays exact, requests in time.

import { describe, expect, it } from 'vitest'
import {
  type Api,
  type ApiResponse,
  createApi,
  createFaultyStore,
  jobsPath,
  organizations,
  withKey,
} from '../support/api.ts'
import { createOrganization, issueKey, storeVisits } from '../support/database.ts'

const [acme] = organizations
if (!acme) throw new Error('The demo has organizations')
const [first = ''] = acme.jobs.map(({ id }) => id)
const yesterday = new Date(Date.now() - 86_400_000).toISOString()

function expectAdmitted({ status, headers, text }: ApiResponse) {
  expect(status, text.slice(0, 300)).toBe(200)
  expect(headers.get('ratelimit')).toMatch(/^"rate";r=\d+;t=\d+, "concurrency";r=\d+$/)
}

/** An organization whose site has many pages with paths of this length. */
async function createLargeSite(pages: number, pathLength: number) {
  const { id, domain } = await createOrganization(0)
  await storeVisits(
    Array.from({ length: pages }, (_, n) => ({
      ...{ timestamp: yesterday, domain, name: 'pageview', visitor: 'a' },
      pathname: `/${n}/`.padEnd(pathLength, 'x'),
    })),
  )
  return { id, domain, key: await issueKey(id) }
}

describe('large results', () => {
  const path = '/analytics/site?group_by=page&limit=1000&period=7d'

  it('1,000 pages of 1,900 characters: admission and headers are intact, also ten at once', async () => {
    const { key } = await createLargeSite(1_000, 1_900)
    const api = createApi()
    for (let i = 0; i < 2; i++) {
      const response = await api.call(path, withKey(key))
      expectAdmitted(response)
      expect(response.headers.get('cache-status')).not.toContain('stored')
    }
    const responses = await Promise.all(Array.from({ length: 10 }, () => api.call(path, withKey(key))))
    for (const response of responses) {
      expectAdmitted(response)
      expect((response.json as { data: { groups: unknown[] } }).data.groups).toHaveLength(1_000)
      expect(response.log[0]).not.toHaveProperty('redis_fault')
      expect(response.log[0]).not.toHaveProperty('background_fault')
    }
    const left = Math.min(
      ...responses.map(({ headers }) => Number(/r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])),
    )
    expect(left).toBe(88)
  })

  it('a Redis that refuses messages over 1 MB: eleven requests in a row are admitted', async () => {
    const { key } = await createLargeSite(600, 1_900)
    const redis = createFaultyStore('redis')
    await redis.set({ mode: 'refuse_large' })
    const api = createApi(redis.vars)
    for (let i = 0; i < 11; i++) expectAdmitted(await api.call(path, withKey(key)))
    const sizes = (await redis.report()).bodies.map((body) => body.length)
    expect(Math.max(...sizes)).toBeLessThan(1_000_000)
  })

  it('results of many requests that each fit: no message to Redis holds more than 1 MB', async () => {
    const { key } = await createLargeSite(40, 1_900)
    const redis = createFaultyStore('redis')
    await redis.set({ mode: 'refuse_large' })
    const api = createApi(redis.vars)
    const search = 'group_by=page&interval=day&compare=previous&period=30d'
    for (let i = 0; i < 3; i++) expectAdmitted(await api.call(`/analytics/site?${search}`, withKey(key)))
    expect((await api.call(`/analytics/site?${search}`, withKey(key))).headers.get('cache-status')).toMatch(
      /hit/,
    )
  })

  it('a body of the analytics store that unpacks to 200 MB: refused before it is all read', async () => {
    const store = createFaultyStore('plausible')
    await store.set({ mode: 'gzip_bomb' })
    const api = createApi(store.vars)
    const response = await api.call(jobsPath([first]), withKey(await issueKey(acme.id)))
    expect(response.status).toBe(502)
    expect(response.log[0]).toMatchObject({ store_fault: 'too_large' })
    await store.set({ mode: 'ok' })
    expect((await api.call(jobsPath([first]), withKey(await issueKey(acme.id)))).status).toBe(200)
  })
})

describe('a release that was lost', () => {
  it('is repeated by the next request of the same Worker', async () => {
    const [redis, store] = [createFaultyStore('redis'), createFaultyStore('plausible')]
    const vars = { ...redis.vars, ...store.vars, CONCURRENCY_LIMIT: '1' }
    const api = createApi(vars)
    const key = await issueKey(acme.id)
    const loseRelease = async (period: string) => {
      await store.set({ mode: 'slow', delayMs: 1_500 })
      const before = (await redis.report()).requests
      const call = api.call(jobsPath([first], period), withKey(key))
      while ((await redis.report()).requests === before || (await redis.report()).inFlight > 0) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await redis.set({ mode: 'status_500', once: true })
      return call
    }
    for (const period of ['7d', '30d', '6mo']) {
      const response = await loseRelease(period)
      expectAdmitted(response)
      expect(response.log[0]).toMatchObject({ background_fault: 'redis_error' })
    }
    // Another Worker does not know of it, which shows that the release was lost.
    expect((await createApi(vars).call(jobsPath([first]), withKey(key))).status).toBe(429)
    expectAdmitted(await api.call(jobsPath([first], '12mo'), withKey(key)))
    expectAdmitted(await createApi(vars).call(jobsPath([first]), withKey(key)))
  })
})

describe.concurrent('slow hops', () => {
  const paths = [
    jobsPath([first]),
    '/jobs?include=visitors&per_page=5',
    '/jobs?sort=-visitors&include=visitors&per_page=5',
    '/analytics/site?compare=previous&group_by=source&interval=day',
    '/analytics/site?group_by=job',
  ]
  it.for(paths)('%s: takes at most 10 s', async (path) => {
    const stores = [
      { store: createFaultyStore('postgres'), delayMs: 2_700 },
      { store: createFaultyStore('redis'), delayMs: 700 },
      { store: createFaultyStore('plausible'), delayMs: 5_700 },
    ]
    for (const { store, delayMs } of stores) await store.set({ mode: 'slow', delayMs })
    const vars = Object.assign({}, ...stores.map(({ store }) => store.vars))
    const api: Api = createApi(vars)
    const key = await issueKey(acme.id)
    const start = Date.now()
    const { responded, settled } = api.start(path, withKey(key))
    const response = await responded
    await response.text()
    const elapsedMs = Date.now() - start
    // Without the one deadline it takes 14 s; the rest is room for a busy machine.
    expect(elapsedMs).toBeLessThan(11_500)
    expect([200, 503, 504]).toContain(response.status)
    if (response.status !== 200) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    await settled
  })
})
