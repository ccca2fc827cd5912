import { describe, expect, it } from 'vitest'
import { DIMENSIONS, STATS_METRICS } from '../../src/analytics/analytics-store.ts'
import type { SiteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { createApi, createFaultyStore, organizations, withKey } from '../support/api.ts'
import { createOrganization, issueKey, queriesOf, storeVisits } from '../support/database.ts'

const [site, other, unverified] = organizations
if (!site || !other || !unverified) throw new Error('The demo has three organizations')
const HOUR_MS = 3_600_000
const unlimited = { RATE_LIMIT_REQUESTS: '100000', CONCURRENCY_LIMIT: '1000' }

/** An API whose requests to each store are counted, with a clock that can be moved. */
async function createCountedApi() {
  const stores = {
    redis: createFaultyStore('redis'),
    postgres: createFaultyStore('postgres'),
    plausible: createFaultyStore('plausible'),
  }
  const vars = Object.assign(
    { RATE_LIMIT_REQUESTS: '100000' },
    ...Object.values(stores).map((store) => store.vars),
  )
  const clock = { offsetMs: 0 }
  const api = createApi(vars, { now: () => Date.now() + clock.offsetMs })
  const key = await issueKey(site?.id ?? '')
  const ask = (search: string, apiKey = key) => api.call(`/analytics/site?${search}`, withKey(apiKey))
  const requests = async () => {
    const reports = await Promise.all(Object.values(stores).map((store) => store.report()))
    return reports.map(({ requests: count }) => count)
  }
  return { ask, clock, stores, requests }
}

describe('the requests that a site’s figures cost', () => {
  const whole = 'group_by=source&interval=day&metrics=visitors,visits&country=FR'

  it('are two hops cold and one warm, however many parts there are', async () => {
    const { ask, requests } = await createCountedApi()
    const cold = await ask(whole)
    expect(cold.headers.get('cache-status')).toBe('job-analytics; fwd=miss; stored')
    expect(await requests()).toEqual([2, 1, 3])
    const warm = await ask(whole)
    expect(warm.headers.get('cache-status')).toMatch(/^job-analytics; hit/)
    expect(await requests()).toEqual([4, 2, 3])
    expect(warm.json).toEqual(cold.json)
  })

  it('are made at once: the whole waits for one of them', async () => {
    const { ask, stores } = await createCountedApi()
    await stores.plausible.set({ mode: 'slow', delayMs: 1_000 })
    const start = Date.now()
    expect((await ask(whole)).status).toBe(200)
    expect(Date.now() - start).toBeGreaterThanOrEqual(990)
    expect(Date.now() - start).toBeLessThan(1_950)
    expect((await stores.plausible.report()).maxInFlight).toBe(3)
  })

  it('are only those for parts that nobody has asked for', async () => {
    const { ask, requests } = await createCountedApi()
    await ask('metrics=visitors')
    const grouped = await ask('metrics=visitors&group_by=os')
    expect(grouped.headers.get('cache-status')).toBe('job-analytics; fwd=partial; stored')
    expect((await requests())[2]).toBe(2)
    await ask('metrics=visitors&group_by=os&offset=100')
    expect((await requests())[2]).toBe(3)
  })

  it('are two for a comparison, at any time', async () => {
    const { ask, clock, requests, stores } = await createCountedApi()
    await stores.plausible.set({ mode: 'slow', delayMs: 200 })
    expect((await ask('compare=previous&period=6mo')).status).toBe(200)
    expect((await requests())[2]).toBe(2)
    clock.offsetMs = 190 * 24 * HOUR_MS
    expect((await ask('compare=previous&period=6mo')).status).toBe(200)
    expect((await requests())[2]).toBe(4)
    expect((await stores.plausible.report()).maxInFlight).toBe(2)
  })

  it('compare the right days in zones far from UTC', async () => {
    const { ask } = await createCountedApi()
    for (const timezone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kolkata']) {
      const { id, domain } = await createOrganization(0, timezone)
      const today = new Intl.DateTimeFormat('sv', { timeZone: timezone }).format(Date.now())
      const daysBefore = (days: number) =>
        new Date(Date.parse(today) - days * 24 * HOUR_MS).toISOString().slice(0, 10)
      const response = await ask('compare=previous&period=7d', await issueKey(id))
      const { data, meta } = response.json as SiteAnalyticsResponse
      expect([meta.from, meta.to]).toEqual([daysBefore(7), daysBefore(1)])
      expect([data.previous?.from, data.previous?.to]).toEqual([daysBefore(14), daysBefore(8)])
      const ranges = (await queriesOf(domain)).map((query) => query['date_range'])
      expect(ranges.toSorted()).toEqual([
        [daysBefore(14), daysBefore(8)],
        [daysBefore(7), daysBefore(1)],
      ])
      expect(response.log[0]).not.toHaveProperty('time_zone_mismatch')
    }
  })

  it('are served from the cache while the store fails', async () => {
    const { ask, clock, stores } = await createCountedApi()
    const fresh = await ask(whole)
    await stores.plausible.set({ mode: 'status_500' })
    clock.offsetMs = 2 * HOUR_MS
    const kept = await ask(whole)
    expect(kept.status).toBe(200)
    expect(kept.json).toEqual(fresh.json)
    expect((await ask(`${whole}&os=Mac`)).status).toBe(502)
  })

  it('are none where the parameters are wrong', async () => {
    const { ask, requests } = await createCountedApi()
    expect((await ask('group_by=nothing')).status).toBe(400)
    expect(await requests()).toEqual([0, 0, 0])
  })
})

describe('a wrong parameter of a site’s figures is a 400 that names it', () => {
  const api = createApi(unlimited)
  const id = site.jobs[0]?.id
  it.each([
    ['period=1d', 'period'],
    ['period=7d&period=7d', 'period'],
    ['metrics=', 'metrics'],
    ['metrics=views', 'metrics'],
    ['metrics=visitors,', 'metrics'],
    ['group_by=title', 'group_by'],
    ['group_by=', 'group_by'],
    ['group_by=page&group_by=os', 'group_by'],
    ['interval=hour', 'interval'],
    ['group_by=os&limit=0', 'limit'],
    ['group_by=os&limit=1001', 'limit'],
    ['group_by=os&limit=1e2', 'limit'],
    ['limit=10', 'limit'],
    ['page=1', 'page'],
    ['group_by=os&page=2', 'page'],
    ['offset=10', 'offset'],
    ['group_by=os&offset=1000001', 'offset'],
    ['group_by=os&offset=1&offset=2', 'offset'],
    ['group_by=os&offset=-1', 'offset'],
    ['compare=year', 'compare'],
    ['job=1', 'job'],
    [`job=${id}*`, 'job'],
    ['job!=', 'job!'],
    ['city=Paris', 'city'],
    ['country=France', 'country'],
    ['source=', 'source'],
    ['source!=a,', 'source!'],
    [`os=${'x'.repeat(2_001)}`, 'os'],
    [Array.from({ length: 21 }, () => 'os=a').join('&'), 'os'],
    ['title=x', 'title'],
    ['Country=FR', 'Country'],
    ['jobIds=x', 'jobIds'],
    ['constructor=x', 'constructor'],
    ['metrics=views_per_visit&group_by=os', 'metrics'],
    ['metrics=views_per_visit&interval=day', 'metrics'],
    ['metrics=views_per_visit&page=/a', 'metrics'],
    [`metrics=views_per_visit&job=${id}`, 'metrics'],
    ['metrics=pageviews&group_by=entry_page', 'metrics'],
    ['metrics=visitors,pageviews&group_by=exit_page', 'metrics'],
  ])('%s', async (search, parameter) => {
    const response = await api.call(`/analytics/site?${search}`, withKey(site.apiKey))
    expect(response.status).toBe(400)
    expect(response.json).toMatchObject({
      error: {
        code: 'invalid_request',
        details: [{ parameter, message: expect.stringMatching(/\S.*[.?\\,]$/) }],
      },
    })
  })

  it('or of a combination that the store cannot count: whatever is not refused has figures', {
    timeout: 180_000,
  }, async () => {
    const { domain, id: organizationId, jobIds } = await createOrganization(1)
    const timestamp = new Date(Date.now() - 26 * HOUR_MS).toISOString()
    await storeVisits([{ timestamp, domain, name: 'pageview', pathname: '/jobs/1', visitor: 'a' }])
    const key = await issueKey(organizationId)
    const filters = ['', 'page=/jobs/*', 'entry_page!=/x', `job=${jobIds}`, 'country!=FR&page!=/x']
    const counts = { returned: 0, refused: 0 }
    for (const dimension of ['event:page', 'event:props:job_id']) {
      const vars = { ...unlimited, ANALYTICS_JOB_DIMENSION: dimension }
      const server = createApi(vars, { fallbackLimiter: { allow: async () => true, periodSeconds: 60 } })
      for (const metric of STATS_METRICS) {
        const searches = filters.flatMap((filter) =>
          ['', 'interval=week', ...DIMENSIONS.map((name) => `group_by=${name}`)].map(
            (part) => `period=7d&metrics=${metric}&${part}&${filter}`,
          ),
        )
        // A few at a time: this machine has not that many sockets to give.
        for (let i = 0; i < searches.length; i += 6) {
          const asked = searches.slice(i, i + 6)
          const responses = await Promise.all(
            asked.map((search) => server.call(`/analytics/site?${search}`, withKey(key))),
          )
          for (const [n, { status }] of responses.entries()) {
            expect([200, 400], asked[n]).toContain(status)
            counts[status === 200 ? 'returned' : 'refused']++
          }
        }
      }
    }
    expect(counts.returned).toBeGreaterThan(700)
    expect(counts.refused).toBeGreaterThan(100)
  })
})

describe('who may not see a site', () => {
  const api = createApi(unlimited)
  it('has no verified domain', async () => {
    const response = await api.call('/analytics/site', withKey(unverified.apiKey))
    expect(response.status).toBe(403)
    expect(response.json).toMatchObject({ error: { code: 'domain_not_verified' } })
  })

  it('asks for a job that is another’s or nobody’s, and learns no difference', async () => {
    for (const parameter of ['job', 'job!']) {
      const responses = await Promise.all(
        [other.jobs[0]?.id ?? '', crypto.randomUUID()].map(async (id) => {
          const search = new URLSearchParams([[parameter, `${site.jobs[0]?.id},${id}`]])
          const response = await api.call(`/analytics/site?${search}`, withKey(site.apiKey))
          expect(response.json).toMatchObject({ error: { code: 'job_access_denied', job_ids: [id] } })
          return response.text
            .replaceAll(id, 'JOB')
            .replaceAll(response.headers.get('x-request-id') ?? '', 'ID')
        }),
      )
      expect(responses[0]).toBe(responses[1])
    }
  })
})
