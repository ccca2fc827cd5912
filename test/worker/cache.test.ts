import { describe, expect, it } from 'vitest'
import { hashApiKey } from '../../src/domain/api-key.ts'
import { createApi, createFaultyStore, jobsPath, organizations, withKey } from '../support/api.ts'
import { asOwner, createOrganization, issueKey, storeVisits } from '../support/database.ts'
import { memoryDirectory } from '../support/fakes.ts'

const [acme] = organizations
if (!acme) throw new Error('The demo has organizations')
const ids = acme.jobs.map(({ id }) => id)
const [first = '', second = '', third = ''] = ids
const MINUTE_MS = 60_000
/** What no test here looks at. */
const unlisted = {
  slug: 's',
  status: 'active',
  createdAt: '2026-01-01T00:00:00.000000Z',
  expiresAt: null,
} as const

/** An API whose store is its own to fail, whose clock can be moved and whose every store's requests are counted. */
async function createClockedApi(vars: Record<string, string> = {}) {
  const stores = {
    redis: createFaultyStore('redis'),
    postgres: createFaultyStore('postgres'),
    plausible: createFaultyStore('plausible'),
  }
  const clock = { offsetMs: 0 }
  const bindings = Object.assign(
    { RATE_LIMIT_REQUESTS: '100000' },
    ...Object.values(stores).map((s) => s.vars),
    vars,
  )
  const now = () => Date.now() + clock.offsetMs
  const api = createApi(bindings, { now })
  const key = await issueKey(acme?.id ?? '')
  const ask = (jobIds: string[], period?: string) => api.call(jobsPath(jobIds, period), withKey(key))
  const requests = async () => {
    const [redis, postgres, plausible] = await Promise.all([
      stores.redis.report(),
      stores.postgres.report(),
      stores.plausible.report(),
    ])
    return { redis: redis.requests, postgres: postgres.requests, plausible: plausible.requests }
  }
  return { api, ask, clock, key, stores, bindings, now, requests }
}

describe('the cache of counts', () => {
  it('makes 4 subrequests cold and 3 warm', async () => {
    const { ask, requests } = await createClockedApi()
    const cold = await ask([first, second])
    expect(await requests()).toEqual({ redis: 2, postgres: 1, plausible: 1 })
    expect(cold.headers.get('cache-status')).toBe('job-analytics; fwd=miss; stored')
    expect(cold.headers.get('cache-control')).toBe('private, max-age=300')
    expect(cold.headers.get('age')).toBe('0')

    const warm = await ask([first, second])
    expect(await requests()).toEqual({ redis: 4, postgres: 2, plausible: 1 })
    expect(warm.headers.get('cache-status')).toMatch(/^job-analytics; hit; ttl=(300|299|298)$/)
    expect(warm.json).toEqual(cold.json)
  })

  it('asks the store only for what is missing', async () => {
    const { ask, stores } = await createClockedApi()
    await ask([first, second])
    const partial = await ask([first, second, third])
    expect(partial.headers.get('cache-status')).toBe('job-analytics; fwd=partial; stored')
    const bodies = (await stores.plausible.report()).bodies.map((body) => JSON.parse(body))
    const pathOf = (id: string) => acme.jobs.find((job) => job.id === id)?.path
    expect(bodies.map((body) => new Set(body.filters[0][2]))).toEqual([
      new Set([pathOf(first), pathOf(second)]),
      new Set([pathOf(third)]),
    ])
  })

  it('keeps the periods apart', async () => {
    const { ask, requests } = await createClockedApi()
    await ask([first], '7d')
    await ask([first], '12mo')
    expect((await requests()).plausible).toBe(2)
  })

  it('after 5 minutes answers at once and reads again afterwards, once for all that ask', async () => {
    const { ask, clock, requests } = await createClockedApi()
    await ask([first])
    clock.offsetMs = 6 * MINUTE_MS
    const stale = await Promise.all(Array.from({ length: 5 }, () => ask([first])))
    for (const { status, headers } of stale) {
      expect(status).toBe(200)
      expect(headers.get('cache-status')).toMatch(/^job-analytics; hit; ttl=-6\d; detail=refreshing$/)
      expect(headers.get('cache-control')).toBe('private, max-age=0')
      expect(Number(headers.get('age'))).toBeGreaterThanOrEqual(360)
    }
    expect((await requests()).plausible).toBe(2)
    expect((await ask([first])).headers.get('cache-status')).toMatch(/hit; ttl=(300|29\d)$/)
  })

  it('after an hour reads before it answers', async () => {
    const { ask, clock, requests } = await createClockedApi()
    await ask([first])
    clock.offsetMs = 61 * MINUTE_MS
    expect((await ask([first])).headers.get('cache-status')).toBe('job-analytics; fwd=miss; stored')
    expect((await requests()).plausible).toBe(2)
  })

  it('is off when all three of its settings are 0', async () => {
    const off = { CACHE_FRESH_SECONDS: '0', CACHE_STALE_SECONDS: '0', CACHE_KEEP_SECONDS: '0' }
    const { ask, requests } = await createClockedApi(off)
    for (let i = 0; i < 3; i++) {
      const { headers } = await ask([first])
      expect(headers.get('cache-status')).toBe('job-analytics; fwd=bypass')
      expect(headers.get('cache-control')).toBe('private, max-age=0')
    }
    expect((await requests()).plausible).toBe(3)
  })

  it('is bound to the domain: another domain of the organization has other counts at once', async () => {
    const { id, domain, jobIds } = await createOrganization(1)
    const next = `next-${domain}`
    const timestamp = new Date(Date.now() - 26 * 3_600_000).toISOString()
    const visit = { timestamp, name: 'pageview', pathname: '/jobs/1' }
    await storeVisits([
      { ...visit, domain, visitor: 'a' },
      { ...visit, domain: next, visitor: 'b' },
      { ...visit, domain: next, visitor: 'c' },
    ])
    const { api } = await createClockedApi()
    const key = await issueKey(id)
    const count = async () => {
      const { json } = await api.call(jobsPath(jobIds, '7d'), withKey(key))
      return Object.values((json as { data: { visitors: Record<string, number> } }).data.visitors)
    }
    expect(await count()).toEqual([1])
    await asOwner('update organizations set domain = $2 where id = $1', [id, next])
    expect(await count()).toEqual([2])
  })

  it('ignores what is not an entry', async () => {
    const { ask, api, requests } = await createClockedApi()
    await ask([first])
    const { shared } = api.services
    const entry = { value: 'many', readAt: Date.now(), site: acme.domain }
    await shared.settle({ writes: [{ key: `jobs:visitors:30d:${first}`, entry }] }, Date.now())
    expect((await ask([first])).status).toBe(200)
    expect((await requests()).plausible).toBe(2)
  })

  it('10 concurrent first requests make at most 10 queries', async () => {
    const { ask, requests } = await createClockedApi()
    await Promise.all(Array.from({ length: 10 }, () => ask(ids.slice(0, 100))))
    expect((await requests()).plausible).toBeLessThanOrEqual(10)
  })

  it('6,000 requests in an hour for 100 jobs and all periods make at most 60 queries', {
    timeout: 120_000,
  }, async () => {
    const { key, bindings, now, clock, requests } = await createClockedApi()
    // Whose jobs they are is not the question here, so it is answered from memory, in half the time.
    const jobs = acme.jobs.map((job) => ({ ...job, ...unlisted }))
    const organization = {
      id: acme.id,
      keyId: 'k',
      domain: acme.domain,
      keyHash: await hashApiKey(key),
      jobs,
    }
    const api = createApi(bindings, { now, directory: memoryDirectory([organization]) })
    const periods = ['7d', '30d', '6mo', '12mo']
    const HOUR_MS = 3_600_000
    for (let i = 0; i < 6_000; i++) {
      clock.offsetMs = (i * HOUR_MS) / 6_000
      const { status } = await api.call(jobsPath(ids.slice(0, 100), periods[i % 4]), withKey(key))
      if (status !== 200) expect(status).toBe(200)
    }
    const { plausible } = await requests()
    console.log(`Store queries in a simulated hour of 6,000 requests: ${plausible}`)
    expect(plausible).toBeLessThanOrEqual(60)
  })
})

describe('the circuit breaker', () => {
  it('asks no more after a 429 until the hour turns', async () => {
    const { ask, clock, stores, requests, now } = await createClockedApi()
    await stores.plausible.set({ mode: 'status_429' })
    const spent = await ask([first])
    expect(spent.json).toMatchObject({ error: { code: 'analytics_quota_exhausted' } })
    const untilTurn = Math.ceil((3_600_000 - (now() % 3_600_000)) / 1_000)
    expect(Number(spent.headers.get('retry-after'))).toBeGreaterThanOrEqual(untilTurn - 1)
    expect(Number(spent.headers.get('retry-after'))).toBeLessThanOrEqual(untilTurn + 2)

    await stores.plausible.set({ mode: 'ok' })
    expect((await ask([second])).status).toBe(503)
    expect((await requests()).plausible).toBe(1)
    clock.offsetMs = untilTurn * 1_000
    expect((await ask([second])).status).toBe(200)
    expect((await requests()).plausible).toBe(2)
  })

  it('pauses for 10 s after five failures in a row, then lets one request probe', async () => {
    const { ask, clock, stores, requests } = await createClockedApi()
    await stores.plausible.set({ mode: 'status_500' })
    for (let i = 0; i < 5; i++) expect((await ask([first])).status).toBe(502)
    const paused = await ask([first])
    expect(paused.json).toMatchObject({ error: { code: 'analytics_unavailable' } })
    expect(Number(paused.headers.get('retry-after'))).toBeGreaterThan(5)
    expect((await requests()).plausible).toBe(5)

    clock.offsetMs = 11_000
    await ask([first])
    expect((await requests()).plausible).toBe(6)
    await ask([first])
    expect((await requests()).plausible).toBe(6)

    await stores.plausible.set({ mode: 'slow', delayMs: 300 })
    clock.offsetMs = 22_000
    const probing = await Promise.all(Array.from({ length: 5 }, () => ask([first])))
    expect(probing.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await requests()).plausible).toBe(7)
    expect((await ask([second])).status).toBe(200)
  })

  it('four failures and a success are no five in a row', async () => {
    const { ask, stores } = await createClockedApi()
    const failures = async (count: number) => {
      await stores.plausible.set({ mode: 'status_500' })
      for (let i = 0; i < count; i++) expect((await ask([second])).status).toBe(502)
      await stores.plausible.set({ mode: 'ok' })
    }
    await failures(4)
    expect((await ask([first])).status).toBe(200)
    await failures(4)
    expect((await ask([third])).status).toBe(200)
  })

  it('is not moved by a refusal that one tenant may cause', async () => {
    const { ask, stores } = await createClockedApi()
    await stores.plausible.set({ mode: 'status_401' })
    for (let i = 0; i < 6; i++) expect((await ask([first])).status).toBe(502)
    await stores.plausible.set({ mode: 'ok' })
    expect((await ask([first])).status).toBe(200)
  })

  it('serves stale counts while it is open', async () => {
    const { ask, clock, stores, requests } = await createClockedApi()
    await ask([first])
    await stores.plausible.set({ mode: 'status_429' })
    await ask([second])
    clock.offsetMs = 6 * MINUTE_MS
    const stale = await ask([first])
    expect(stale.status).toBe(200)
    expect((await requests()).plausible).toBeLessThanOrEqual(3)
  })
})
