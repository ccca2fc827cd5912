// One organization must not take what the others need: its share of the store's quota, and the circuit breaker of its site.

import { describe, expect, it } from 'vitest'
import { type ApiResponse, createApi, jobsPath, organizations, withKey } from '../support/api.ts'
import { cacheOf, createClockedApi, noon } from '../support/clocked-api.ts'
import { createOrganization, issueKey, storeVisits } from '../support/database.ts'
import type { FaultMode } from '../support/fault-control.ts'

const [acme, other] = organizations
if (!acme || !other) throw new Error('The demo has organizations')
const HOUR_MS = 3_600_000
const otherIds = other.jobs.map(({ id }) => id)

describe('the share of the quota', () => {
  it('one organization with several keys and a new filter each time: takes half, the others get what they need', async () => {
    const vars = { ANALYTICS_QUERIES_PER_HOUR: '60' }
    const { api, clock, requests } = createClockedApi(noon('UTC') + 10 * 60_000, vars)
    const keys = await Promise.all(Array.from({ length: 4 }, () => issueKey(acme.id)))
    const ask = (n: number) =>
      api.call(`/analytics/site?source=source${n}&period=7d`, withKey(keys[n % keys.length] ?? ''))
    const responses: ApiResponse[] = []
    // Four at once, as four programs would.
    for (let n = 0; n < 80; n += 4) {
      responses.push(...(await Promise.all([n, n + 1, n + 2, n + 3].map(ask))))
    }
    const served = responses.filter(({ status }) => status === 200)
    const refused = responses.filter(({ status }) => status === 503)
    expect(served.length + refused.length).toBe(80)
    expect(served.length).toBe(30)
    expect((await requests()).plausible).toBe(30)
    const untilTurn = (HOUR_MS - (clock.now() % HOUR_MS)) / 1_000
    for (const { json, headers } of refused) {
      expect(json).toMatchObject({ error: { code: 'analytics_quota_exhausted' } })
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(Math.floor(untilTurn))
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(untilTurn + 30)
    }

    // What it has asked for before is served from the cache.
    const again = await ask(0)
    expect([again.status, cacheOf(again).status]).toEqual([200, expect.stringMatching(/^hit/)])
    expect((await requests()).plausible).toBe(30)

    const otherKey = await issueKey(other.id)
    for (let n = 0; n < 12; n++) {
      const response = await api.call(jobsPath([otherIds[n] ?? ''], '7d'), withKey(otherKey))
      expect(response.status).toBe(200)
    }
    expect((await requests()).plausible).toBe(42)

    // The time that Retry-After named.
    clock.forward(Number(refused.at(-1)?.headers.get('retry-after')) * 1_000)
    expect((await ask(1_000)).status).toBe(200)
  })

  it('requests at once in one Worker: never exceed the share', async () => {
    const { api, requests } = createClockedApi(noon('UTC'), { ANALYTICS_QUERIES_PER_HOUR: '20' })
    const key = await issueKey(acme.id)
    const statuses: number[] = []
    for (let round = 0; round < 4; round++) {
      const responses = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          api.call(`/analytics/site?source=at-once${round}-${n}`, withKey(key)),
        ),
      )
      statuses.push(...responses.map(({ status }) => status))
    }
    const served = statuses.filter((status) => status === 200).length
    expect(served).toBe(10)
    expect(statuses.filter((status) => status === 503)).toHaveLength(40 - served)
    expect(statuses.slice(-10)).toEqual(Array<number>(10).fill(503))
    expect((await requests()).plausible).toBe(served)
  })

  it('requests at once in several Workers: exceed the share by no more than is in progress in the others', async () => {
    const { api, vars, clock, stores, requests } = createClockedApi(noon('UTC'), {
      ANALYTICS_QUERIES_PER_HOUR: '20',
    })
    const workers = [api, ...Array.from({ length: 2 }, () => createApi(vars, { now: clock.now }))]
    const keys = await Promise.all(workers.map(() => issueKey(acme.id)))
    await stores.plausible.set({ mode: 'slow', delayMs: 1_000 })
    const askAll = async (name: string) => {
      const responses = workers.flatMap((worker, w) =>
        Array.from({ length: 10 }, (_, n) =>
          worker.call(`/analytics/site?source=${name}${w}-${n}`, withKey(keys[w] ?? '')),
        ),
      )
      return (await Promise.all(responses)).filter(({ status }) => status === 200).length
    }
    // The share is 10. Each Worker lets 10 through, which are all that its key has slots for.
    expect(await askAll('first')).toBe(30)
    await stores.plausible.set({ mode: 'ok' })
    expect(await askAll('second')).toBe(0)
    expect((await requests()).plausible).toBe(30)
  })

  it('queries that are sent because the store has too many pages for one result: are counted', async () => {
    const { api, stores, requests } = createClockedApi(noon('UTC'), { ANALYTICS_QUERIES_PER_HOUR: '20' })
    const key = await issueKey(acme.id)
    // The first result is too large, so a second query is sent for fewer rows.
    const askForJobs = async (n: number) => {
      await stores.plausible.set({ mode: 'huge', matches: ['"limit":10000'] })
      return api.call(`/analytics/site?group_by=job&source=many${n}`, withKey(key))
    }
    const statuses: number[] = []
    for (let n = 0; n < 8; n++) statuses.push((await askForJobs(n)).status)
    // Each sends one query for the totals and two for the jobs. With two each, five would be served.
    expect(statuses).toEqual([200, 200, 200, 200, 503, 503, 503, 503])
    expect((await requests()).plausible).toBe(12)
  })
})

/** An organization whose site can fail by itself. */
async function createTenantSite() {
  const { id, domain, jobIds } = await createOrganization(20)
  const timestamp = new Date(Date.now() - 26 * HOUR_MS).toISOString()
  await storeVisits([{ timestamp, domain, name: 'pageview', pathname: '/jobs/1', visitor: 'a' }])
  return { domain, jobIds, key: await issueKey(id) }
}

describe('the circuit breaker', () => {
  // Two respond late: the breaker's limit is for failures within a minute, by the clock of the test.
  const failures: readonly FaultMode[] = ['huge', 'status_401', 'status_402', 'silent', 'status_500']
  it.concurrent.for(failures)(
    'one site fails with %s: another site’s requests are all right',
    async (mode) => {
      const { api, stores } = createClockedApi(noon('UTC'))
      const [failing, healthy] = await Promise.all([createTenantSite(), createTenantSite()])
      await stores.plausible.set({ mode, matches: [failing.domain] })
      let job = 0
      const askHealthy = () => api.call(jobsPath([healthy.jobIds[job++] ?? '']), withKey(healthy.key))
      expect((await askHealthy()).status).toBe(200)
      const failed = Array.from({ length: 8 }, (_, n) =>
        api.call(jobsPath([failing.jobIds[n] ?? '']), withKey(failing.key)),
      )
      expect((await askHealthy()).status).toBe(200)
      for (const { status } of await Promise.all(failed)) expect([502, 504]).toContain(status)
      for (let n = 0; n < 8; n++) expect((await askHealthy()).status).toBe(200)
      // The site that fails is paused only by failures that say something about the store.
      const before = (await stores.plausible.report()).requests
      const last = await api.call(jobsPath([failing.jobIds[9] ?? '']), withKey(failing.key))
      const isPaused = mode === 'silent' || mode === 'status_500'
      expect([last.status >= 500, (await stores.plausible.report()).requests - before]).toEqual([
        true,
        isPaused ? 0 : 1,
      ])
    },
  )

  it('three sites fail: all are paused, and another site probes', async () => {
    const { api, stores, clock, requests } = createClockedApi(noon('UTC'))
    const sites = await Promise.all(Array.from({ length: 4 }, createTenantSite))
    const failing = sites.slice(0, 3)
    const healthy = sites[3]
    if (!healthy) throw new Error('There are four sites')
    await stores.plausible.set({ mode: 'status_500', matches: failing.map(({ domain }) => domain) })
    const askHealthy = (n: number) => api.call(jobsPath([healthy.jobIds[n] ?? '']), withKey(healthy.key))
    for (const [i, { jobIds, key }] of failing.entries()) {
      expect((await askHealthy(i)).status).toBe(200)
      for (let n = 0; n < 5; n++) {
        expect((await api.call(jobsPath([jobIds[n] ?? '']), withKey(key))).status).toBe(502)
      }
    }
    const before = (await requests()).plausible
    const paused = await askHealthy(5)
    expect(paused.json).toMatchObject({ error: { code: 'analytics_unavailable' } })
    expect(Number(paused.headers.get('retry-after'))).toBeGreaterThan(5)
    expect((await requests()).plausible).toBe(before)
    clock.forward(Number(paused.headers.get('retry-after')) * 1_000)
    expect((await askHealthy(6)).status).toBe(200)
    expect((await askHealthy(7)).status).toBe(200)
    expect((await requests()).plausible).toBe(before + 2)
  })
})
