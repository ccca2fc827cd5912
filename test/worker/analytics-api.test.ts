// Both of Plausible's statistics APIs behind the API of the product: the same figures, what v1 refuses, and what it costs.

import { describe, expect, it } from 'vitest'
import { MAX_QUERIES } from '../../src/analytics/fair-share.ts'
import {
  type Api,
  createApi,
  createFaultyStore,
  demo,
  jobsPath,
  organizations,
  withKey,
} from '../support/api.ts'
import { createClockedApi, noon } from '../support/clocked-api.ts'
import { asOwner, createOrganization, issueKey, storeVisits } from '../support/database.ts'

const [paris, newYork] = organizations
if (!paris || !newYork) throw new Error('The demo has organizations')
const unlimited = { RATE_LIMIT_REQUESTS: '100000', CONCURRENCY_LIMIT: '100' }
const property = { ANALYTICS_JOB_DIMENSION: 'event:props:job_id' }
const apis = (vars: Record<string, string> = {}): [Api, Api] => [
  createApi({ ...unlimited, ...vars }),
  createApi({ ...unlimited, ...vars, ANALYTICS_API: 'v1' }),
]
const ways = [
  ['event:page', apis()],
  ['event:props:job_id', apis(property)],
] as const
const sites = [paris, newYork]
const PERIODS = ['7d', '30d', '6mo', '12mo']

async function bodyOf(api: Api, path: string, key: string): Promise<unknown> {
  const response = await api.call(path, withKey(key))
  expect(response.status, `${path}: ${response.text}`).toBe(200)
  return response.json
}

/** The bodies of one path over v2 and v1. */
function bothBodies(both: readonly [Api, Api], path: string, key: string): Promise<unknown[]> {
  return Promise.all(both.map((api) => bodyOf(api, path, key)))
}

function chunksOf(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / 100) }, (_, n) => ids.slice(n * 100, (n + 1) * 100))
}

describe.each(ways)('v1 and v2 by %s', (dimension, both) => {
  it.each(PERIODS)('count the same for every job of the demo over %s', async (period) => {
    for (const { apiKey, jobs } of sites) {
      for (const ids of chunksOf(jobs.map(({ id }) => id))) {
        const metrics = 'visitors,pageviews,applications,application_rate'
        const [v2, v1] = await bothBodies(both, `${jobsPath(ids, period)}&metrics=${metrics}`, apiKey)
        expect(v1).toEqual(v2)
        const counted = Object.values((v2 as { data: { visitors: Record<string, number> } }).data.visitors)
        expect(counted.some((visitors) => visitors > 0)).toBe(true)
      }
    }
  })

  it.each([
    ['7d', 'day'],
    ['30d', 'week'],
    ['12mo', 'month'],
  ])('have the same series over %s by %s', async (period, interval) => {
    const ids = paris.jobs.slice(0, 100).map(({ id }) => id)
    const [v2, v1] = await bothBodies(both, `${jobsPath(ids, period)}&interval=${interval}`, paris.apiKey)
    expect(v1).toEqual(v2)
  })

  it('list the same jobs with the same figures', async () => {
    const include = dimension === 'event:page' ? 'visitors,applications' : 'visitors'
    for (const search of [`include=${include}`, 'sort=-visitors', 'sort=-visitors&period=7d&per_page=50']) {
      const [v2, v1] = await bothBodies(both, `/jobs?${search}`, paris.apiKey)
      expect(v1).toEqual(v2)
    }
  })

  it.each([
    'metrics=visitors,visits,bounce_rate,visit_duration,views_per_visit&compare=previous&period=7d',
    'metrics=pageviews,visitors&interval=day',
    'metrics=visits,bounce_rate&interval=month&period=12mo',
    'interval=month&period=6mo',
    'group_by=job&metrics=visitors,pageviews,applications&limit=1000',
    'group_by=page&metrics=visitors,pageviews&limit=7&offset=14',
    'group_by=source&metrics=visitors,visits,bounce_rate',
    'group_by=device&metrics=visitors&source=Google',
    'group_by=country&country!=FR',
    'page=/jobs/*&metrics=visitors,pageviews',
    'page=/jobs,/&group_by=page',
    'entry_page=/jobs&source=Google,LinkedIn&metrics=visitors,visits',
    'source=direct%20/%20none',
  ])('respond the same to %s', async (search) => {
    const [v2, v1] = await bothBodies(both, `/analytics/site?${search}`, paris.apiKey)
    expect(v1).toEqual(v2)
  })

  it('count the same for some jobs', async () => {
    const ids = paris.jobs.slice(0, 5).map(({ id }) => id)
    for (const search of [`job=${ids}&group_by=job`, `job=${ids}`, `job=${ids}&group_by=source`]) {
      const [v2, v1] = await bothBodies(both, `/analytics/site?${search}`, paris.apiKey)
      expect(v1).toEqual(v2)
    }
  })
})

describe('v1', () => {
  const v1 = createApi({ ...unlimited, ANALYTICS_API: 'v1' })
  const ids = paris.jobs.slice(0, 100).map(({ id }) => id)
  const ONE_VALUE =
    /^Give one value to leave out, one with a wildcard, or several without on this analytics server\./
  const ONE_FILTER = /^Give one filter on this analytics server, by page, by job or by each of the others\.$/
  const METRICS = /^`\w+` cannot be counted like this on this analytics server: use `visitors`/
  const QUERIES = /^This takes \d+ queries, and one request may send 40: ask for fewer jobs/
  it.each([
    ['/analytics/site?group_by=channel', 'group_by', /^Channels do not exist .*: use `source`\.$/],
    ['/analytics/site?channel=Direct', 'channel', /^Channels do not exist .*: use `source`\.$/],
    ['/analytics/site?source!=Google,Bing', 'source!', ONE_VALUE],
    ['/analytics/site?source=G*,B*', 'source', ONE_VALUE],
    ['/analytics/site?country=F*', 'country', ONE_VALUE],
    ['/analytics/site?page=/a;b', 'page', ONE_VALUE],
    ['/analytics/site?page=/a&page!=/b', 'page!', ONE_FILTER],
    [
      `/analytics/site?job!=${ids.slice(0, 2)}`,
      'job!',
      /^Give jobs to keep or one with one page to leave out/,
    ],
    [`/analytics/site?job=${ids[0]}&page=/a`, 'job', ONE_FILTER],
    ['/analytics/site?group_by=page&metrics=visits', 'metrics', METRICS],
    ['/analytics/site?page=/&interval=day&metrics=visits', 'metrics', METRICS],
    ['/analytics/site?page=/&group_by=source&metrics=pageviews', 'metrics', METRICS],
    ['/analytics/site?interval=week', 'interval', /^Weeks do not exist .*: use `day` or `month`\.$/],
    ['/analytics/site?group_by=source&offset=950&limit=100', 'offset', /reach the first 1000 groups/],
    [`${jobsPath(ids, '6mo')}&interval=day`, 'jobIds', QUERIES],
    [`${jobsPath(ids, '30d')}&interval=day&metrics=applications`, 'jobIds', QUERIES],
  ])('refuses %s with a sentence about `%s`', async (path, parameter, message) => {
    const response = await v1.call(path, withKey(paris.apiKey))
    expect(response.status, response.text).toBe(400)
    const { error } = response.json as { error: { details: { parameter: string; message: string }[] } }
    expect(error.details).toEqual([{ parameter, message: expect.stringMatching(message) }])
  })

  it('sends what it counts for the share of the quota, and never more than a request may', async () => {
    const { api, clock, requests } = createClockedApi(noon('UTC'), {
      ANALYTICS_API: 'v1',
      ANALYTICS_QUERIES_PER_HOUR: '0',
    })
    const key = await issueKey(paris.id)
    const spent = async () => {
      const arrival = { limitId: 'none', requestId: crypto.randomUUID(), now: clock.now(), cacheKeys: [] }
      return (await api.services.shared.arrive(arrival)).spending.byOrganization.get(paris.id) ?? 0
    }
    const paths = [
      jobsPath(ids, '7d'),
      `${jobsPath(ids, '30d')}&interval=day`,
      `${jobsPath(ids.slice(0, 3), '12mo')}&interval=day&metrics=applications`,
      '/jobs?include=visitors,applications&period=6mo',
      '/jobs?sort=-applications',
      '/analytics/site?group_by=job&metrics=visitors,applications&interval=day&compare=previous',
      `/analytics/site?job=${ids.slice(0, 50)}&group_by=job`,
    ]
    for (const path of paths) {
      const [before, counted] = [(await requests()).plausible, await spent()]
      await bodyOf(api, path, key)
      const sent = (await requests()).plausible - before
      expect(sent, path).toBe((await spent()) - counted)
      expect(sent, path).toBeGreaterThan(0)
      expect(sent, path).toBeLessThanOrEqual(MAX_QUERIES)
    }
  })

  it('takes as many requests as the pages of the jobs need, and refuses more than a request may send', async () => {
    const { api, requests } = createClockedApi(noon('UTC'), { ANALYTICS_API: 'v1' })
    const { id, domain, jobIds } = await createOrganization(100)
    const key = await issueKey(id)
    const timestamp = new Date(Date.now() - 26 * 3_600_000).toISOString()
    await storeVisits([
      { timestamp, domain, name: 'pageview', pathname: '/jobs/100', visitor: 'a' },
      { timestamp, domain, name: 'pageview', pathname: `/long/1/${'x'.repeat(400)}`, visitor: 'a' },
    ])
    const setPages = (count: number) =>
      asOwner(
        `update jobs set paths = array(select '/long/' || split_part(path, '/', 3) || '/' || repeat('x', 400) || case n when 1 then '' else n::text end
           from generate_series(1, $2) n) where organization_id = $1`,
        [id, count],
      )
    await setPages(1)
    const body = await bodyOf(api, jobsPath(jobIds, '7d'), key)
    const { visitors } = (body as { data: { visitors: Record<string, number> } }).data
    expect(Object.values(visitors).reduce((sum, count) => sum + count, 0)).toBe(2)
    const sent = (await requests()).plausible
    expect(sent).toBeGreaterThan(5)
    expect(sent).toBeLessThan(12)
    await setPages(20)
    const response = await api.call(jobsPath(jobIds, '30d'), withKey(key))
    expect(response.json).toMatchObject({
      error: {
        details: [{ parameter: 'jobIds', message: expect.stringMatching(/^This takes 1\d\d queries/) }],
      },
    })
    expect((await requests()).plausible).toBe(sent)
  })

  it('ranks jobs beyond the first 1,000 pages by the queries that their other pages need', async () => {
    const { api, requests } = createClockedApi(noon('UTC'), { ANALYTICS_API: 'v1' })
    const { id, domain, jobIds } = await createOrganization(3)
    const key = await issueKey(id)
    const timestamp = new Date(Date.now() - 26 * 3_600_000).toISOString()
    const visit = (pathname: string, visitor: string) => ({
      timestamp,
      domain,
      name: 'pageview',
      pathname,
      visitor,
    })
    await asOwner(`update jobs set paths = '{/zz/other}' where id = $1`, [jobIds[0]])
    await storeVisits([
      ...Array.from({ length: 1_000 }, (_, n) => [
        visit(`/page/${n}`, `a${n}`),
        visit(`/page/${n}`, `b${n}`),
      ]).flat(),
      ...[1, 2, 3].map((n) => visit('/jobs/1', `c${n}`)),
      visit('/zz/other', 'd'),
      visit('/jobs/2', 'e'),
    ])
    const body = await bodyOf(api, '/analytics/site?group_by=job&period=7d', key)
    expect(body).toMatchObject({
      data: { groups: [{ value: jobIds[0], visitors: 4 }] },
      meta: { groups: { total: 1, total_capped: true } },
    })
    expect((await requests()).plausible).toBe(3)
    const pages = await bodyOf(api, '/analytics/site?group_by=page&period=7d&limit=1', key)
    expect(pages).toMatchObject({ meta: { groups: { total: 1_000, total_capped: true, has_more: true } } })
  })
})

describe.each(['v2', 'v1'])('GET /ready over %s', (api) => {
  it('says that queries are refused with a wrong key, a locked site or a spent quota', async () => {
    const { status, json } = await createApi({ ANALYTICS_API: api, PLAUSIBLE_API_KEY: 'wrong' }).call(
      '/ready',
    )
    expect([status, json]).toEqual([
      503,
      { status: 'not_ready', stores: { database: 'ok', redis: 'ok', analytics: 'refused' } },
    ])
    for (const mode of ['status_402', 'status_429'] as const) {
      const store = createFaultyStore('plausible')
      await store.set({ mode })
      const response = await createApi({ ...store.vars, ANALYTICS_API: api }).call('/ready')
      expect(response.json).toMatchObject({ stores: { analytics: 'refused' } })
    }
  })

  it('notices with a query that its site is locked now', async () => {
    let now = Date.now()
    const { domain, id } = await createOrganization(1)
    const key = await issueKey(id)
    const server = createApi({ ANALYTICS_API: api }, { now: () => now })
    const readiness = async () => {
      now += 6_000
      return (await server.call('/ready')).json
    }
    expect(await readiness()).toMatchObject({ status: 'ready' })
    const lock = (locked: boolean) =>
      fetch(`${demo.stores.plausibleUrl}/local/sites`, {
        method: 'PUT',
        body: JSON.stringify({ domain, timezone: 'UTC', locked }),
      })
    await lock(true)
    expect((await server.call('/analytics/site?period=7d', withKey(key))).status).toBe(502)
    expect(await readiness()).toMatchObject({ status: 'not_ready', stores: { analytics: 'refused' } })
    await lock(false)
    expect((await server.call('/analytics/site?period=7d', withKey(key))).status).toBe(200)
    expect(await readiness()).toMatchObject({ status: 'ready' })
  })
})
