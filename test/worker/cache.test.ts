import { describe, expect, it } from 'vitest'
import { resolveWindow } from '../../src/analytics/windows.ts'
import { toStoredEntries } from '../../src/cache/stored-entries.ts'
import { hashApiKey } from '../../src/keys/api-key.ts'
import { createApi, jobsPath, organizations, withKey } from '../support/api.ts'
import { cacheOf, createClockedApi, noon } from '../support/clocked-api.ts'
import { asOwner, createOrganization, issueKey, pathsOfJobs, storeVisits } from '../support/database.ts'
import { memoryDirectory } from '../support/fakes.ts'

const [acme, other] = organizations
if (!acme || !other) throw new Error('The demo has organizations')
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

/** Figures that are fresh for five minutes, as some operators set it. */
const FIVE_MINUTES = { CACHE_FRESH_SECONDS: '300' }

/** An API at noon whose clock can be moved, with a key of its own. */
async function createCachedApi(vars: Record<string, string> = {}) {
  const clocked = createClockedApi(noon('Europe/Paris'), vars)
  const key = await issueKey(acme?.id ?? '')
  const ask = (jobIds: string[], period?: string, apiKey = key) =>
    clocked.api.call(jobsPath(jobIds, period), withKey(apiKey))
  return { ...clocked, key, ask }
}

describe('the cache of counts', () => {
  it('makes 4 subrequests cold and 3 warm', async () => {
    const { ask, requests } = await createCachedApi()
    const cold = await ask([first, second])
    expect(await requests()).toEqual({ redis: 2, postgres: 1, plausible: 1 })
    expect(cold.headers.get('cache-status')).toBe('job-analytics; fwd=miss; stored')
    // At noon, until midnight.
    expect(cacheOf(cold).maxAge).toBeLessThanOrEqual(12 * 3_600)
    expect(cacheOf(cold).maxAge).toBeGreaterThan(12 * 3_600 - 10)
    expect(cold.headers.get('age')).toBe('0')

    const warm = await ask([first, second])
    expect(await requests()).toEqual({ redis: 4, postgres: 2, plausible: 1 })
    expect(warm.headers.get('cache-status')).toMatch(/^job-analytics; hit; ttl=431\d\d|43200$/)
    expect(warm.json).toEqual(cold.json)
  })

  it('asks the store only for what is missing', async () => {
    const { ask, stores } = await createCachedApi()
    await ask([first, second])
    const partial = await ask([first, second, third])
    expect(partial.headers.get('cache-status')).toBe('job-analytics; fwd=partial; stored')
    const bodies = (await stores.plausible.report()).bodies.map((body) => JSON.parse(body))
    const paths = await pathsOfJobs(acme.id)
    const pathsOf = (jobIds: string[]) => new Set(jobIds.flatMap((id) => paths.get(id) ?? []))
    expect(bodies.map((body) => new Set(body.filters[0][2]))).toEqual([
      pathsOf([first, second]),
      pathsOf([third]),
    ])
  })

  it('keeps the periods apart', async () => {
    const { ask, requests } = await createCachedApi()
    await ask([first], '7d')
    await ask([first], '12mo')
    expect((await requests()).plausible).toBe(2)
  })

  it('after 5 minutes responds at once and reads again afterwards, once for all requests', async () => {
    const { ask, clock, requests } = await createCachedApi(FIVE_MINUTES)
    await ask([first])
    clock.forward(6 * MINUTE_MS)
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

  it('after an hour reads before it responds', async () => {
    const { ask, clock, requests } = await createCachedApi(FIVE_MINUTES)
    await ask([first])
    clock.forward(61 * MINUTE_MS)
    expect((await ask([first])).headers.get('cache-status')).toBe('job-analytics; fwd=miss; stored')
    expect((await requests()).plausible).toBe(2)
  })

  it('is off when all three of its settings are 0', async () => {
    const off = { CACHE_FRESH_SECONDS: '0', CACHE_STALE_SECONDS: '0', CACHE_KEEP_SECONDS: '0' }
    const { ask, requests } = await createCachedApi(off)
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
    const { api } = await createCachedApi()
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
    const { ask, api, clock, requests } = await createCachedApi()
    await ask([first])
    const { shared } = api.services
    const window = resolveWindow({ period: '30d' }, 'Europe/Paris', clock.now())
    const entry = { value: 'many', readAt: clock.now(), site: acme.domain, window }
    const entries = toStoredEntries([{ key: `jobs:visitors:30d:${first}`, entry }])
    await shared.apply({ writes: { organizationId: acme.id, entries } }, Date.now())
    expect((await ask([first])).status).toBe(200)
    expect((await requests()).plausible).toBe(2)
  })

  it('10 concurrent first requests make at most 10 queries', async () => {
    const { ask, requests } = await createCachedApi()
    await Promise.all(Array.from({ length: 10 }, () => ask(ids.slice(0, 100))))
    expect((await requests()).plausible).toBeLessThanOrEqual(10)
  })

  it('1,500 requests in an hour for 100 jobs and all periods make at most 4 queries, and 12 in a day with a midnight', {
    timeout: 120_000,
  }, async () => {
    const { key, vars, clock, requests } = await createCachedApi()
    // The subject is the cache, so the directory is in memory: half the time.
    const paths = await pathsOfJobs(acme.id)
    const jobs = acme.jobs.map(({ id, title, path }) => {
      const [, ...more] = paths.get(id) ?? []
      return { id, title, paths: [path, ...more] as const, ...unlisted }
    })
    const { id, domain } = acme
    const organization = {
      ...{ id, domain, siteName: undefined, keyId: 'k', timeZone: 'Europe/Paris', jobs },
      keyHash: await hashApiKey(key),
    }
    const api = createApi(vars, { now: clock.now, directory: memoryDirectory([organization]) })
    const periods = ['7d', '30d', '6mo', '12mo']
    const HOUR_MS = 3_600_000
    const start = clock.now()
    const call = async (at: number, period: string | undefined) => {
      clock.set(at)
      const { status } = await api.call(jobsPath(ids.slice(0, 100), period), withKey(key))
      if (status !== 200) expect(status).toBe(200)
    }
    for (let i = 0; i < 1_500; i++) await call(start + (i * HOUR_MS) / 1_500, periods[i % 4])
    const inAnHour = (await requests()).plausible
    expect(inAnHour).toBeLessThanOrEqual(4)
    // From noon to noon, so that a midnight and the read of late events after it are among them.
    for (let i = 4; i < 96; i++) for (const period of periods) await call(start + (i * HOUR_MS) / 4, period)
    const inADay = (await requests()).plausible
    console.log(`Store queries in a simulated hour of 1,500 requests: ${inAnHour}; in a day: ${inADay}`)
    expect(inADay).toBeLessThanOrEqual(12)
    expect(inADay).toBeGreaterThanOrEqual(8)
  })
})

describe('the circuit breaker', () => {
  it('pauses for 5 s after a lone 429, and for twice as long after each further one', async () => {
    const { ask, clock, stores, requests } = await createCachedApi()
    await stores.plausible.set({ mode: 'status_429' })
    let queries = 0
    for (const wait of [5, 10, 20]) {
      const refused = await ask([first])
      expect(refused.json).toMatchObject({ error: { code: 'analytics_quota_exhausted' } })
      expect(refused.headers.get('retry-after')).toBe(String(wait))
      expect((await requests()).plausible).toBe(++queries)
      const paused = await ask([second])
      expect(paused.status).toBe(503)
      expect(Number(paused.headers.get('retry-after'))).toBeLessThanOrEqual(wait)
      expect((await requests()).plausible).toBe(queries)
      clock.forward(wait * 1_000)
    }
    await stores.plausible.set({ mode: 'ok' })
    expect((await ask([second])).status).toBe(200)
    expect((await ask([third])).status).toBe(200)
  })

  it('pauses until the hour turns after a 429 when our own count says that the quota is spent', async () => {
    const { ask, clock, stores, requests } = await createCachedApi({ ANALYTICS_QUERIES_PER_HOUR: '2' })
    expect((await ask([first])).status).toBe(200)
    await stores.plausible.set({ mode: 'status_429' })
    const askOther = (job = 0) => ask([other.jobs[job]?.id ?? ''], '30d', other.apiKey)
    const spent = await askOther()
    expect(spent.json).toMatchObject({ error: { code: 'analytics_quota_exhausted' } })
    const untilTurn = Math.ceil((3_600_000 - (clock.now() % 3_600_000)) / 1_000)
    expect(Number(spent.headers.get('retry-after'))).toBeGreaterThanOrEqual(untilTurn - 1)
    expect(Number(spent.headers.get('retry-after'))).toBeLessThanOrEqual(untilTurn + 2)

    await stores.plausible.set({ mode: 'ok' })
    expect((await askOther(1)).status).toBe(503)
    expect((await requests()).plausible).toBe(2)
    clock.forward(untilTurn * 1_000)
    expect((await askOther(1)).status).toBe(200)
    expect((await requests()).plausible).toBe(3)
  })

  it('pauses for 10 s after five failures in a row, then lets one request probe', async () => {
    const { ask, clock, stores, requests } = await createCachedApi()
    await stores.plausible.set({ mode: 'status_500' })
    for (let i = 0; i < 5; i++) expect((await ask([first])).status).toBe(502)
    const paused = await ask([first])
    expect(paused.json).toMatchObject({ error: { code: 'analytics_unavailable' } })
    expect(Number(paused.headers.get('retry-after'))).toBeGreaterThan(5)
    expect((await requests()).plausible).toBe(5)

    clock.forward(11_000)
    await ask([first])
    expect((await requests()).plausible).toBe(6)
    await ask([first])
    expect((await requests()).plausible).toBe(6)

    await stores.plausible.set({ mode: 'slow', delayMs: 300 })
    clock.forward(11_000)
    const probing = await Promise.all(Array.from({ length: 5 }, () => ask([first])))
    expect(probing.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await requests()).plausible).toBe(7)
    expect((await ask([second])).status).toBe(200)
  })

  it('four failures and a success are no five in a row', async () => {
    const { ask, stores } = await createCachedApi()
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
    const { ask, stores } = await createCachedApi()
    await stores.plausible.set({ mode: 'status_401' })
    for (let i = 0; i < 6; i++) expect((await ask([first])).status).toBe(502)
    await stores.plausible.set({ mode: 'ok' })
    expect((await ask([first])).status).toBe(200)
  })

  it('serves stale counts while it is open', async () => {
    const { ask, clock, stores, requests } = await createCachedApi(FIVE_MINUTES)
    await ask([first])
    await stores.plausible.set({ mode: 'status_429' })
    await ask([second])
    clock.forward(6 * MINUTE_MS)
    const stale = await ask([first])
    expect(stale.status).toBe(200)
    expect((await requests()).plausible).toBeLessThanOrEqual(3)
  })
})
