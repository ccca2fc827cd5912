// Jobs ranked by what the analytics store counted: GET /jobs?sort=-visitors and GET /analytics/site?group_by=job.

import { beforeAll, describe, expect, it } from 'vitest'
import type { JobListResponse } from '../../src/endpoints/job-list/response.ts'
import type { SiteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { StoreError } from '../../src/stores/store-error.ts'
import { createApi, createFaultyStore, withKey } from '../support/api.ts'
import { asOwner, createOrganization, issueKey, storeVisits } from '../support/database.ts'

const settings = {
  RATE_LIMIT_REQUESTS: '100000',
  CONCURRENCY_LIMIT: '100',
  ANALYTICS_APPLY_EVENT: 'Apply',
  ANALYTICS_QUERIES_PER_HOUR: '0',
}
const api = createApi(settings)

/** Visits of yesterday, `visitors` of each page, of whom the first `applications` apply. */
async function visit(
  domain: string,
  pages: Record<string, readonly [visitors: number, applications?: number]>,
) {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  const events = Object.entries(pages).flatMap(([pathname, [visitors, applications = 0]]) =>
    Array.from({ length: visitors }, (_, n) => {
      const event = { domain, pathname, visitor: `${pathname} ${n}` }
      const view = { ...event, name: 'pageview', timestamp: `${yesterday}T10:00:00Z` }
      return n < applications
        ? [view, { ...event, name: 'Apply', timestamp: `${yesterday}T10:00:05Z` }]
        : [view]
    }).flat(),
  )
  await storeVisits(events)
}

async function createSite(jobs: number) {
  const site = await createOrganization(jobs)
  // The lower the number, the newer the job.
  await asOwner(
    `update jobs set created_at = timestamptz '2026-01-01Z' - substr(path, 7)::int * interval '1 day'
     where organization_id = $1`,
    [site.id],
  )
  return { ...site, key: await issueKey(site.id) }
}

async function get<Body>(path: string, key: string, from = api) {
  const response = await from.call(path, withKey(key))
  expect(response.status, response.text).toBe(200)
  return { ...(response.json as Body), headers: response.headers }
}

const site = await createSite(8)
beforeAll(async () => {
  // Job 5 has a page in another language, which is also the main page of nobody else.
  await asOwner(`update jobs set paths = array['/de/5', '/fr/5'] where id = $1`, [site.jobIds[4]])
  await asOwner(`update jobs set status = 'draft' where id = $1`, [site.jobIds[2]])
  await visit(site.domain, {
    '/': [40],
    '/jobs/3': [9, 1],
    '/jobs/5': [4],
    '/de/5': [3, 2],
    '/fr/5': [1],
    '/jobs/7': [8, 4],
    '/jobs/2': [2],
    '/jobs/99': [20, 5],
  })
})
const numbers = (body: JobListResponse) => body.data.map(({ title }) => Number(title.slice(4)))
const list = (search: string) => get<JobListResponse>(`/jobs?${search}`, site.key)

describe('top jobs', () => {
  it('are ordered by visitors, the jobs without visitors after them from the newest', async () => {
    const body = await list('sort=-visitors&include=visitors&period=7d')
    expect(body.data.map(({ title, visitors }) => [title, visitors])).toEqual([
      ['Job 3', 9],
      // 4 + 3 + 1 on its three pages; the larger ID first.
      ...[
        ['Job 5', 8, site.jobIds[4]],
        ['Job 7', 8, site.jobIds[6]],
      ]
        .toSorted((a, b) => (String(a[2]) < String(b[2]) ? 1 : -1))
        .map(([title, visitors]) => [title, visitors]),
      ['Job 2', 2],
      ['Job 1', 0],
      ['Job 4', 0],
      ['Job 6', 0],
      ['Job 8', 0],
    ])
    expect(body.meta.pagination).toMatchObject({ total_items: 8, total_pages: 1, has_more: false })
    expect(body.data[0]?.url).toBe(`https://${site.domain}/jobs/3`)
  })

  it('are ordered by applications', async () => {
    const body = await list('sort=-applications&include=visitors&period=7d')
    expect(body.data.map(({ title, visitors, applications }) => [title, visitors, applications])).toEqual([
      ['Job 7', 8, 4],
      ['Job 5', 8, 2],
      ['Job 3', 9, 1],
      ['Job 1', 0, 0],
      ['Job 2', 2, 0],
      ['Job 4', 0, 0],
      ['Job 6', 0, 0],
      ['Job 8', 0, 0],
    ])
  })

  it('show the figures that the list in any other order shows', async () => {
    const figures = (body: JobListResponse) =>
      body.data.map(({ id, visitors, applications }) => [id, visitors, applications]).toSorted()
    const include = 'include=applications,visitors&period=7d'
    expect(figures(await list(`sort=-visitors&${include}`))).toEqual(
      figures(await list(`sort=title&${include}`)),
    )
  })

  it.each(['-visitors', '-applications'])('are all met once by cursor and by number: %s', async (sort) => {
    const search = `sort=${sort}&include=visitors,applications&period=7d`
    const expected = numbers(await list(search))
    for (const perPage of [1, 3, 4, 5]) {
      const byNumber: number[] = []
      const byCursor: number[] = []
      let cursor: string | null = ''
      for (let page = 1; cursor !== null; page++) {
        byNumber.push(...numbers(await list(`${search}&per_page=${perPage}&page=${page}`)))
        const next: JobListResponse = await list(
          cursor === ''
            ? `${search}&per_page=${perPage}`
            : `include=visitors,applications&period=7d&per_page=${perPage}&cursor=${cursor}`,
        )
        byCursor.push(...numbers(next))
        expect(next.meta.pagination).toMatchObject({ total_items: 8, current_page: page })
        cursor = next.meta.pagination.next_cursor
      }
      expect(byNumber).toEqual(expected)
      expect(byCursor).toEqual(expected)
    }
  })

  it('can be filtered by status and words, with totals of what is listed', async () => {
    const search = 'sort=-visitors&include=visitors&period=7d'
    const drafts = await list(`${search}&status=draft`)
    expect([numbers(drafts), drafts.meta.pagination.total_items]).toEqual([[3], 1])
    const active = await list(`${search}&status=active`)
    expect(numbers(active)).toEqual(numbers(await list(search)).filter((number) => number !== 3))
    const found = await list(`${search}&q=job+2`)
    expect([numbers(found), found.meta.pagination.total_items]).toEqual([[2], 1])
    const words = await list(`${search}&q=JOB&per_page=5`)
    expect(numbers(words)).toEqual(numbers(await list(search)).slice(0, 5))
    expect(words.meta.pagination).toMatchObject({ total_items: 8, has_more: true })
    expect(numbers(await list(`${search}&q=job&per_page=5&page=2`))).toEqual([4, 6, 8])
  })

  it('take three hops the first time and one from then on, until a job is added, removed or changed', async () => {
    const { id, domain, key } = await createSite(4)
    await visit(domain, { '/jobs/2': [3], '/jobs/4': [1] })
    const stores = {
      redis: createFaultyStore('redis'),
      postgres: createFaultyStore('postgres'),
      plausible: createFaultyStore('plausible'),
    }
    const vars = Object.assign({}, ...Object.values(stores).map((store) => store.vars))
    const counted = createApi({ ...settings, ...vars })
    const hops = async (path: string) => {
      const report = async () =>
        (await Promise.all(Object.values(stores).map((store) => store.report()))).map(
          ({ requests }) => requests,
        )
      const before = await report()
      const body = await get<JobListResponse>(path, key, counted)
      return { body, requests: (await report()).map((requests, i) => requests - (before[i] ?? 0)) }
    }
    const path = '/jobs?sort=-visitors&include=visitors&period=7d'
    const groups = '/analytics/site?group_by=job&period=7d'
    // Admission and the end; the key and the jobs; one query, for groups one more for the totals.
    expect((await hops(path)).requests).toEqual([2, 2, 1])
    expect((await hops(groups)).requests).toEqual([2, 2, 2])
    for (let i = 0; i < 2; i++) {
      const warm = await hops(path)
      expect(warm.requests).toEqual([2, 1, 0])
      expect(numbers(warm.body)).toEqual([2, 4, 1, 3])
      expect((await hops(groups)).requests).toEqual([2, 1, 0])
    }
    await asOwner(`update jobs set status = 'expired' where organization_id = $1 and path = '/jobs/2'`, [id])
    expect((await hops(path)).body.data[0]).toMatchObject({ title: 'Job 2', status: 'expired' })
    await asOwner(`delete from jobs where organization_id = $1 and path = '/jobs/2'`, [id])
    const fewer = await hops(path)
    expect(numbers(fewer.body)).toEqual([4, 1, 3])
    expect(fewer.body.meta.pagination.total_items).toBe(3)
  })

  it.each([
    ['include=visitors,pageviews', 'include'],
    ['include=', 'include'],
    ['sort=visitors&include=visitors', 'sort'],
  ])('return 400 for %s', async (search, parameter) => {
    const response = await api.call(`/jobs?${search}`, withKey(site.key))
    expect(response.status).toBe(400)
    expect(response.json).toMatchObject({ error: { details: [{ parameter }] } })
  })

  it('return 400 for applications where none are counted', async () => {
    const other = createApi({ RATE_LIMIT_REQUESTS: '1000' }, { applyEvent: undefined })
    const response = await other.call('/jobs?include=applications', withKey(site.key))
    expect(response.json).toMatchObject({ error: { details: [{ parameter: 'include' }] } })
  })

  it('are a 503 that can be retried where the database fails after the first hop', async () => {
    const { domain, key } = await createSite(2)
    await visit(domain, { '/jobs/1': [1] })
    const postgres = createFaultyStore('postgres')
    const failing = createApi({ ...settings, ...postgres.vars })
    const store = failing.services.store
    const query = store.query.bind(store)
    store.query = async (...question) => {
      const result = await query(...question)
      await postgres.set({ mode: 'status_500' })
      return result
    }
    const response = await failing.call('/jobs?sort=-visitors&include=visitors', withKey(key))
    expect(response.status).toBe(503)
    expect(response.json).toMatchObject({ error: { code: 'service_unavailable' } })
    expect(response.headers.get('retry-after')).toBe('2')
  })
})

describe('figures grouped by job', () => {
  const groupsOf = async (search: string) =>
    get<SiteAnalyticsResponse>(`/analytics/site?group_by=job&period=7d&${search}`, site.key)

  it('have a row for each visited job, with its ID, title and address', async () => {
    const { data, meta } = await groupsOf('metrics=visitors,applications,application_rate&limit=2')
    expect(data.groups?.[0]).toEqual({
      ...{ value: site.jobIds[2], id: site.jobIds[2], title: 'Job 3' },
      url: `https://${site.domain}/jobs/3`,
      ...{ visitors: 9, applications: 1, application_rate: 11.1 },
    })
    expect(meta.groups).toEqual({ offset: 0, limit: 2, total: 4, has_more: true })
    expect(data.totals.visitors).toBe(87)
    const rest = await groupsOf('metrics=visitors,applications,application_rate&limit=2&offset=2')
    expect(rest.data.groups?.[1]).toMatchObject({ title: 'Job 2', visitors: 2, applications: 0 })
    expect(rest.meta.groups).toEqual({ offset: 2, limit: 2, total: 4, has_more: false })
  })

  it('are ordered by the first metric, applications included', async () => {
    const { data } = await groupsOf('metrics=application_rate,visitors')
    expect(data.groups?.map(({ title, application_rate }) => [title, application_rate])).toEqual([
      ['Job 7', 50],
      ['Job 5', 25],
      ['Job 3', 11.1],
      ['Job 2', 0],
    ])
  })

  it.each([
    ['applications,visitors', 'limit=2'],
    ['applications,visitors', 'limit=2&offset=2'],
    ['application_rate,applications', 'limit=10'],
    ['visitors,applications', 'limit=10'],
  ])(
    '%s, %s: are the same with a filter by all jobs as without, jobs without applications included',
    async (metrics, slice) => {
      const all = await groupsOf(`metrics=${metrics}&${slice}`)
      const filtered = await groupsOf(`metrics=${metrics}&${slice}&job=${site.jobIds}`)
      expect(filtered.data.groups).toEqual(all.data.groups)
      expect(filtered.meta.groups).toEqual(all.meta.groups)
      expect(all.meta.groups?.total).toBe(4)
    },
  )

  it('leave out the jobs that a filter drops', async () => {
    const { data } = await groupsOf(`job!=${site.jobIds[2]}`)
    expect(data.groups?.map(({ title }) => title).toSorted()).toEqual(['Job 2', 'Job 5', 'Job 7'])
  })
})

describe('jobs by the ID in a property', () => {
  const byProperty = createApi({ ...settings, ANALYTICS_JOB_DIMENSION: 'event:props:job' })

  it('are ranked by it, in upper or lower case, and only the own ones', async () => {
    const { domain, key, jobIds } = await createSite(3)
    const foreign = await createOrganization(1)
    const timestamp = new Date(Date.now() - 86_400_000).toISOString()
    const send = (job: string | undefined, count: number) =>
      Array.from({ length: count }, (_, n) => ({
        ...{ domain, timestamp, name: 'pageview', pathname: `/${n}`, visitor: `${job} ${n}` },
        ...(job !== undefined && { props: { job } }),
      }))
    const [first, second] = jobIds
    await storeVisits([
      ...send(first, 2),
      ...send(second?.toUpperCase(), 3),
      ...send(second, 1),
      ...send(foreign.jobIds[0], 5),
      ...send('not a job', 6),
      ...send(undefined, 7),
    ])
    const path = '/jobs?sort=-visitors&include=visitors&period=7d'
    const { data } = await get<JobListResponse>(path, key, byProperty)
    expect(data.map(({ title, visitors }) => [title, visitors])).toEqual([
      ['Job 2', 4],
      ['Job 1', 2],
      ['Job 3', 0],
    ])
    const grouped = await get<SiteAnalyticsResponse>(
      '/analytics/site?group_by=job&period=7d',
      key,
      byProperty,
    )
    expect(grouped.data.groups?.map(({ id }) => id)).toEqual([second, first])
  })
})

describe('organizations with the same pages', () => {
  it('see only their own jobs and figures', async () => {
    const [a, b] = [await createSite(3), await createSite(3)]
    await asOwner(`update jobs set paths = array['/de/' || right(path, 1)] where organization_id = any($1)`, [
      [a.id, b.id],
    ])
    await visit(a.domain, { '/jobs/1': [5], '/de/2': [7] })
    await visit(b.domain, { '/jobs/3': [2], '/de/3': [2], '/jobs/1': [1] })
    for (const [own, expected] of [
      [
        a,
        [
          [2, 7],
          [1, 5],
          [3, 0],
        ],
      ],
      [
        b,
        [
          [3, 4],
          [1, 1],
          [2, 0],
        ],
      ],
    ] as const) {
      const list = await get<JobListResponse>('/jobs?sort=-visitors&include=visitors&period=7d', own.key)
      expect(list.data.map(({ title, visitors }) => [Number(title.slice(4)), visitors])).toEqual(expected)
      expect(list.data.every(({ id }) => own.jobIds.includes(id))).toBe(true)
      const grouped = await get<SiteAnalyticsResponse>('/analytics/site?group_by=job&period=7d', own.key)
      expect(grouped.data.groups?.map(({ title, visitors }) => [Number(title?.slice(4)), visitors])).toEqual(
        expected.slice(0, 2),
      )
      expect(grouped.data.groups?.every(({ id }) => own.jobIds.includes(id ?? ''))).toBe(true)
    }
  })

  it('do not walk on into each other’s jobs with a cursor', async () => {
    const [a, b] = [await createSite(3), await createSite(3)]
    await visit(a.domain, { '/jobs/1': [5] })
    await visit(b.domain, { '/jobs/2': [1] })
    const path = '/jobs?sort=-visitors&include=visitors&period=7d&per_page=1'
    const { meta } = await get<JobListResponse>(path, a.key)
    const foreign = await get<JobListResponse>(
      `/jobs?include=visitors&period=7d&cursor=${meta.pagination.next_cursor}`,
      b.key,
    )
    expect(foreign.data.map(({ id }) => id)).toEqual([b.jobIds[1], b.jobIds[0], b.jobIds[2]])
  })
})

describe('a site with more pages than the store returns', () => {
  const { store } = api.services
  // A period of its own: figures of the others are in the cache.
  const list = '/jobs?sort=-visitors&include=visitors,applications&period=30d'

  it('has true figures for all jobs, also for those that are not ranked', async () => {
    // The pages with the most visitors are /, /jobs/99, /jobs/3 and /jobs/7.
    const short = createApi(settings, { store: { ...store, maxRows: 4 } })
    const { data, meta } = await get<JobListResponse>(list, site.key, short)
    expect(data.map(({ title, visitors, applications }) => [title, visitors, applications])).toEqual([
      ['Job 3', 9, 1],
      ['Job 7', 8, 4],
      ['Job 1', 0, 0],
      ['Job 2', 2, 0],
      ['Job 4', 0, 0],
      ['Job 5', 8, 2],
      ['Job 6', 0, 0],
      ['Job 8', 0, 0],
    ])
    expect(meta.pagination.total_items).toBe(8)
    const groups = '/analytics/site?group_by=job&period=30d'
    const grouped = await get<SiteAnalyticsResponse>(groups, site.key, short)
    expect(grouped.data.groups?.map(({ title }) => title)).toEqual(['Job 3', 'Job 7'])
    expect(grouped.meta.groups).toEqual({
      ...{ offset: 0, limit: 100, total: 2, total_capped: true, has_more: false },
    })
  })

  it('has the first pages where all of them are too large a result', async () => {
    const limits: (number | undefined)[] = []
    const narrow = createApi(settings, {
      store: {
        ...store,
        async query(site, query, signal) {
          limits.push(query.slice?.limit)
          if ((query.slice?.limit ?? 0) > 1_000) throw new StoreError('too_large')
          return store.query(site, query, signal)
        },
      },
    })
    const { domain, key } = await createSite(2)
    await visit(domain, { '/jobs/2': [2] })
    const { data } = await get<JobListResponse>(
      '/jobs?sort=-visitors&include=visitors&period=7d',
      key,
      narrow,
    )
    expect(data.map(({ visitors }) => visitors)).toEqual([2, 0])
    expect(limits).toEqual([10_000, 1_000])
  })
})
