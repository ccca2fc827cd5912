// Cached figures of days that are over are final; those of a window that includes today are not.

import { describe, expect, it } from 'vitest'
import { addDays, dayAt } from '../../src/analytics/windows.ts'
import { type ApiResponse, jobsPath, organizations, withKey } from '../support/api.ts'
import { cacheOf, createClockedApi, midnight, noon } from '../support/clocked-api.ts'
import { issueKey } from '../support/database.ts'

const [paris, newYork] = organizations
if (!paris || !newYork) throw new Error('The demo has organizations')
const ZONE = 'Europe/Paris'
const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const NEXT_MIDNIGHT = midnight(ZONE, 1)
const [first = '', second = ''] = paris.jobs.map(({ id }) => id)

/** An API whose clock begins at `at`, asked with a new key of the demo's organization in Paris. */
async function createParisApi(at: number, vars: Record<string, string> = {}) {
  const clocked = createClockedApi(at, vars)
  const key = await issueKey(paris?.id ?? '')
  const get = (path: string) => clocked.api.call(path, withKey(key))
  return {
    ...clocked,
    get,
    ask: (period?: string, job = first) => get(jobsPath([job], period)),
    queryCount: async () => (await clocked.requests()).plausible,
  }
}

/** The paths whose figures end yesterday, on each endpoint. */
const CLOSED_PATHS = [
  jobsPath([first], '7d'),
  '/analytics/site?period=30d',
  '/jobs?include=visitors&per_page=2&period=6mo',
]

function expectHit(response: ApiResponse) {
  expect(response.status).toBe(200)
  expect(cacheOf(response).status).toMatch(/^hit; ttl=\d+$/)
}

describe('figures of a closed window', () => {
  it.each(CLOSED_PATHS)('%s: taken from the cache until midnight, then read again', async (path) => {
    const { get, clock, queryCount } = await createParisApi(midnight(ZONE) + 20 * MINUTE_MS)
    const read = await get(path)
    expect(cacheOf(read).status).toBe('fwd=miss; stored')
    expect(cacheOf(read).maxAge).toBeLessThanOrEqual((NEXT_MIDNIGHT - clock.now()) / SECOND_MS + 2)
    const count = await queryCount()

    clock.set(NEXT_MIDNIGHT - 10 * SECOND_MS)
    const late = await get(path)
    expectHit(late)
    expect(late.json).toEqual(read.json)
    expect(cacheOf(late).maxAge).toBeLessThanOrEqual(10)
    expect(cacheOf(late).age).toBeGreaterThanOrEqual(23 * 3_600)
    expect(await queryCount()).toBe(count)

    clock.set(NEXT_MIDNIGHT + SECOND_MS)
    const turned = await get(path)
    expect(cacheOf(turned)).toMatchObject({ status: 'fwd=miss; stored', age: 0 })
    expect(await queryCount()).toBe(2 * count)
  })

  it('the query after midnight names the next days', async () => {
    const { ask, clock, queries } = await createParisApi(noon(ZONE))
    await ask('7d')
    clock.set(NEXT_MIDNIGHT)
    await ask('7d')
    const today = dayAt(ZONE, noon(ZONE))
    expect((await queries()).map((query) => query['date_range'])).toEqual([
      [addDays(today, -7), addDays(today, -1)],
      [addDays(today, -6), today],
    ])
  })

  it('Cache-Control promises nothing beyond midnight, at any time of the day', async () => {
    const { ask, clock } = await createParisApi(midnight(ZONE))
    for (const left of [23 * HOUR_MS, HOUR_MS, MINUTE_MS, SECOND_MS]) {
      clock.set(NEXT_MIDNIGHT - left)
      for (const period of ['30d', 'today']) {
        const { maxAge } = cacheOf(await ask(period))
        expect(maxAge * SECOND_MS).toBeLessThanOrEqual(left)
      }
    }
  })

  it('read within 15 minutes after the window closed: read once more later, in the background', async () => {
    const { ask, clock, queryCount } = await createParisApi(midnight(ZONE) + 5 * MINUTE_MS)
    await ask('7d')
    clock.set(midnight(ZONE) + 15 * MINUTE_MS - 5 * SECOND_MS)
    expectHit(await ask('7d'))
    expect(await queryCount()).toBe(1)

    clock.set(midnight(ZONE) + 16 * MINUTE_MS)
    for (const response of await Promise.all(Array.from({ length: 5 }, () => ask('7d')))) expectHit(response)
    expect(await queryCount()).toBe(2)
    for (const hour of [1, 5, 12, 23]) {
      clock.set(midnight(ZONE) + hour * HOUR_MS)
      const response = await ask('7d')
      expectHit(response)
      expect(cacheOf(response).age).toBeGreaterThanOrEqual(hour * 3_600 - 16 * 60 - 10)
    }
    expect(await queryCount()).toBe(2)
  })

  it('is not read once more while half of the quota is used, but in the next hour', async () => {
    const vars = { ANALYTICS_QUERIES_PER_HOUR: '4' }
    const { ask, api, clock, queryCount } = await createParisApi(midnight(ZONE) + 5 * MINUTE_MS, vars)
    await ask('7d')
    await api.call(jobsPath([newYork.jobs[0]?.id ?? '']), withKey(newYork.apiKey))
    clock.set(midnight(ZONE) + 20 * MINUTE_MS)
    expectHit(await ask('7d'))
    expect(await queryCount()).toBe(2)
    clock.set(midnight(ZONE) + 61 * MINUTE_MS)
    expectHit(await ask('7d'))
    expect(await queryCount()).toBe(3)
  })
})

describe('figures of a window that includes today', () => {
  const today = dayAt(ZONE, noon(ZONE))
  const dates = (from: string) => `/analytics/jobs?jobIds=${first}&from=${from}&to=${today}`
  it.each([jobsPath([first], 'today'), dates('2026-01-01')])('%s: fresh for a minute', async (path) => {
    const { get, clock, queryCount } = await createParisApi(noon(ZONE))
    expect(cacheOf(await get(path))).toMatchObject({ status: 'fwd=miss; stored', maxAge: 60 })
    clock.forward(55 * SECOND_MS)
    expectHit(await get(path))
    expect(await queryCount()).toBe(1)
  })

  it('after a minute: served at once and read again; after 5 minutes: read first', async () => {
    const { ask, clock, queryCount } = await createParisApi(noon(ZONE))
    await ask('today')
    clock.forward(4 * MINUTE_MS)
    const stale = await ask('today')
    expect(cacheOf(stale)).toMatchObject({
      status: expect.stringMatching(/^hit; ttl=-18\d; detail=refreshing$/),
      maxAge: 0,
    })
    expect(await queryCount()).toBe(2)
    expectHit(await ask('today'))
    clock.forward(5 * MINUTE_MS + SECOND_MS)
    expect(cacheOf(await ask('today')).status).toBe('fwd=miss; stored')
    expect(await queryCount()).toBe(3)
  })

  it('from and to: what was read before the last day was over is not final when it is', async () => {
    const { get, clock, queryCount } = await createParisApi(noon(ZONE))
    const path = dates(addDays(today, -3))
    await get(path)
    clock.set(NEXT_MIDNIGHT + HOUR_MS)
    expect(cacheOf(await get(path)).status).toBe('fwd=miss; stored')
    expect(await queryCount()).toBe(2)
    clock.forward(20 * HOUR_MS)
    expectHit(await get(path))
    expect(await queryCount()).toBe(2)
  })
})

describe('figures of the day before', () => {
  it.each(CLOSED_PATHS)('%s: served when the store fails, and marked', async (path) => {
    const { get, clock, stores } = await createParisApi(noon(ZONE))
    const read = await get(path)
    await stores.plausible.set({ mode: 'status_500' })
    clock.set(NEXT_MIDNIGHT + HOUR_MS)
    const old = await get(path)
    expect(old.status).toBe(200)
    expect(cacheOf(old)).toMatchObject({
      status: expect.stringMatching(/^hit; ttl=-\d+; detail=store-unavailable$/),
      maxAge: 0,
    })
    expect(cacheOf(old).age).toBeGreaterThanOrEqual(13 * 3_600 - 10)
    // The days in `meta` are those of the figures.
    expect(old.json).toEqual(read.json)
    await stores.plausible.set({ mode: 'ok' })
    expect(cacheOf(await get(path)).status).toBe('fwd=miss; stored')
  })

  it('served when the share of the quota is spent, without a query', async () => {
    const { ask, clock, queryCount } = await createParisApi(noon(ZONE), { ANALYTICS_QUERIES_PER_HOUR: '4' })
    const read = await ask('7d')
    clock.set(NEXT_MIDNIGHT + HOUR_MS)
    for (const period of ['7d', '30d']) expect((await ask(period, second)).status).toBe(200)
    const count = await queryCount()
    const old = await ask('7d')
    expect([old.status, old.text]).toEqual([200, read.text])
    expect(cacheOf(old).status).toMatch(/^hit; ttl=-\d+; detail=store-unavailable$/)
    expect((await ask('6mo')).json).toMatchObject({ error: { code: 'analytics_quota_exhausted' } })
    expect(await queryCount()).toBe(count)
  })

  it('not served two days later', async () => {
    const { ask, clock, stores } = await createParisApi(noon(ZONE))
    await ask('7d')
    await stores.plausible.set({ mode: 'status_500' })
    clock.forward(48 * HOUR_MS + MINUTE_MS)
    expect((await ask('7d')).status).toBe(502)
  })
})
