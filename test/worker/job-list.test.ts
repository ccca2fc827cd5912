import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { encodeCursor } from '../../src/endpoints/job-list/cursor.ts'
import { type JobListResponse, jobListResponse } from '../../src/endpoints/job-list/response.ts'
import { createApi, createFaultyStore, jobsPath, organizations, withKey } from '../support/api.ts'
import { asOwner, createOrganization, issueKey } from '../support/database.ts'

const [site, other, unverified] = organizations
if (!site || !other || !unverified) throw new Error('The demo has three organizations')
const unlimited = { RATE_LIMIT_REQUESTS: '100000', CONCURRENCY_LIMIT: '100' }
const api = createApi(unlimited)

async function list(search = '', apiKey = site?.apiKey ?? '') {
  const response = await api.call(`/jobs?${search}`, withKey(apiKey))
  expect(response.status, response.text).toBe(200)
  return { ...z.strictObject(jobListResponse.shape).parse(response.json), headers: response.headers }
}

/** The organization's jobs as its owner reads them. */
function jobsBySql(organizationId: string, order: string, condition = 'true') {
  return asOwner(
    `select id::text, title, slug, status::text, path, organization_id::text,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
       to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as expires_at
     from jobs where organization_id = $1 and ${condition} order by ${order}`,
    [organizationId],
  )
}

describe('GET /jobs', () => {
  it.each([
    ['', 'created_at desc, id desc'],
    ['sort=-created_at', 'created_at desc, id desc'],
    ['sort=created_at', 'created_at, id'],
    ['sort=title', 'title, id'],
  ])('lists the organization’s jobs as SQL does: %s', async (search, order) => {
    const expected = await jobsBySql(site.id, order)
    const pages = await Promise.all([1, 2].map((page) => list(`${search}&per_page=100&page=${page}`)))
    expect(pages.flatMap(({ data }) => data)).toEqual(
      expected.map(({ id, title, slug, status, path, created_at, expires_at }) => ({
        ...{ id, title, slug, status, created_at, expires_at },
        url: `https://${site.domain}${path}`,
      })),
    )
    expect(pages.map(({ meta }) => meta.pagination)).toEqual([
      {
        ...{ current_page: 1, per_page: 100, total_items: expected.length, total_pages: 2, has_more: true },
        next_cursor: expect.stringMatching(/^[\w-]+$/),
      },
      {
        ...{ current_page: 2, per_page: 100, total_items: expected.length, total_pages: 2, has_more: false },
        next_cursor: null,
      },
    ])
  })

  it.each(['pending', 'active', 'expired', 'draft'])('lists those that are %s', async (status) => {
    for (const [sort, order] of [
      ['title', 'title, id'],
      ['created_at', 'created_at, id'],
    ] as const) {
      const expected = await jobsBySql(site.id, order, `status = '${status}'`)
      const { data, meta } = await list(`status=${status}&sort=${sort}&per_page=100`)
      expect(data.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
      expect(meta.pagination.total_items).toBe(expected.length)
      expect(expected.length).toBeGreaterThan(0)
    }
  })

  it('finds all words of a search in any order and case, and no parts of words', async () => {
    const { id, jobIds } = await createOrganization(7)
    const titles = [
      'Senior Data Engineer',
      'Data engineer, senior',
      'Senior Datascientist',
      'Ingénieur Données',
    ]
    titles.push(`O'Neil & Sons: "C++" 100% (m/f) <b>`, 'שלום Engineer', '   ')
    await asOwner(
      `update jobs set title = t from unnest($1::uuid[], $2::text[]) as u (job, t) where id = job`,
      [jobIds, titles],
    )
    const key = await issueKey(id)
    const found = async (q: string) =>
      (await list(`${new URLSearchParams({ q })}&sort=title`, key)).data.map(({ title }) =>
        titles.indexOf(title),
      )
    expect(await found('engineer SENIOR data')).toEqual([1, 0])
    expect(await found('data')).toEqual([1, 0])
    expect(await found('ingénieur')).toEqual([3])
    expect(await found('שלום')).toEqual([5])
    expect(await found(`o'neil`)).toEqual([4])
    for (const q of [
      'dat',
      'engineer & !nurse',
      '%',
      '_',
      '*',
      `' or 1=1 --`,
      ':*',
      '!!!',
      'a | b',
      '\\',
      '😀',
    ]) {
      expect(await found(q), q).toEqual([])
    }
    expect((await list('q=engineer', key)).meta.pagination).toMatchObject({ total_items: 3, has_more: false })
  })

  it('has no address while the domain is not verified', async () => {
    const { data } = await list('', unverified.apiKey)
    expect(data.map(({ url }) => url)).toEqual(data.map(() => null))
    expect(data).toHaveLength(unverified.jobs.length)
    const response = await api.call('/jobs?include=visitors', withKey(unverified.apiKey))
    expect(response.json).toMatchObject({ error: { code: 'domain_not_verified' } })
  })

  it('writes addresses of any path so that they can be followed', async () => {
    const { id, domain, jobIds } = await createOrganization(1)
    const path = '/jobs/développeur ?a#b%20"<>\\[x]/😀'
    await asOwner('update jobs set path = $2 where id = any($1)', [jobIds, path])
    const { data } = await list('', await issueKey(id))
    const url = new URL(data[0]?.url ?? '')
    expect([url.host, url.search, url.hash]).toEqual([domain, '', ''])
    expect(decodeURIComponent(url.pathname)).toBe(path)
  })

  it('a page without jobs: has no figures, and is not said to stay fresh', async () => {
    const response = await api.call('/jobs?include=visitors&q=nothing-is-called-so', withKey(site.apiKey))
    expect([response.status, response.json]).toMatchObject([200, { data: [], meta: { period: '30d' } }])
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
    expect([response.headers.get('age'), response.headers.get('cache-status')]).toEqual([null, null])
  })

  it('tells the visitors that GET /analytics/jobs tells', async () => {
    const { data, meta } = await list('include=visitors&period=12mo&per_page=100')
    const ids = data.map(({ id }) => id)
    const response = await api.call(jobsPath(ids, '12mo'), withKey(site.apiKey))
    expect(response.json).toMatchObject({
      data: { visitors: Object.fromEntries(data.map(({ id, visitors }) => [id, visitors])) },
    })
    expect(meta.period).toBe('12mo')
    expect(data.some(({ visitors = 0 }) => visitors > 0)).toBe(true)
  })
})

describe('the pages of a list', () => {
  const walk = async (start: string, apiKey?: string) => {
    const pages: JobListResponse[] = []
    for (let path: string | undefined = start; path !== undefined; ) {
      const page = await list(path, apiKey)
      pages.push(page)
      const next = /<https:\/\/api\.test\/jobs\?([^>]*)>; rel="next"/.exec(page.headers.get('link') ?? '')
      path = next?.[1]
    }
    return pages
  }

  it('lead from one to the next by their links, the filters kept', async () => {
    const expected = await jobsBySql(site.id, 'title, id', `status = 'active'`)
    const pages = await walk('status=active&sort=title&per_page=9')
    expect(pages.flatMap(({ data }) => data.map(({ id }) => id))).toEqual(expected.map(({ id }) => id))
    expect(pages.map(({ meta }) => meta.pagination.current_page)).toEqual(pages.map((_, i) => i + 1))
  })

  it('are the same by number and by cursor', async () => {
    const first = await list('per_page=10')
    const cursor = first.meta.pagination.next_cursor
    const byCursor = await list(`per_page=10&cursor=${cursor}`)
    const byNumber = await list('per_page=10&page=2')
    expect(byCursor.data).toEqual(byNumber.data)
    expect(byCursor.meta).toEqual(byNumber.meta)
    const relations = (page: { headers: Headers }) => (page.headers.get('link') ?? '').match(/rel="\w+"/g)
    expect(relations(first)).toEqual(['rel="first"', 'rel="next"'])
    expect(relations(byNumber)).toEqual(['rel="first"', 'rel="prev"', 'rel="next"'])
  })

  it('of another organization’s cursor are the caller’s own jobs', async () => {
    const foreign = await list('per_page=5', other.apiKey)
    const own = await list(`per_page=100&cursor=${foreign.meta.pagination.next_cursor}`)
    const ids = new Set(site.jobs.map(({ id }) => id))
    expect(own.data.every(({ id }) => ids.has(id))).toBe(true)
  })

  it('go on at a job that is gone', async () => {
    const { id, jobIds } = await createOrganization(6)
    const key = await issueKey(id)
    const first = await list('per_page=2&sort=title', key)
    await asOwner('delete from jobs where id = $1', [first.data[1]?.id])
    const next = await list(`per_page=100&cursor=${first.meta.pagination.next_cursor}`, key)
    expect(next.data.map(({ title }) => title)).toEqual(['Job 3', 'Job 4', 'Job 5', 'Job 6'])
    expect(next.meta.pagination.total_items).toBe(jobIds.length - 1)
  })

  it('walk titles of any length and with any character', async () => {
    const { id, jobIds } = await createOrganization(5)
    const titles = [
      'x'.repeat(9_000),
      `${'x'.repeat(9_000)}y`,
      'tab\there\nline',
      '😀'.repeat(3_000),
      '"\\'.repeat(900),
    ]
    await asOwner(
      `update jobs set title = t from unnest($1::uuid[], $2::text[]) as u (job, t) where id = job`,
      [jobIds, titles],
    )
    const pages = await walk('per_page=1&sort=title', await issueKey(id))
    expect(pages.flatMap(({ data }) => data.map(({ title }) => title)).toSorted()).toEqual(titles.toSorted())
  })

  it('cost one hop and the release afterwards, wherever they are', async () => {
    const stores = { redis: createFaultyStore('redis'), postgres: createFaultyStore('postgres') }
    const plausible = createFaultyStore('plausible')
    const counted = createApi({
      ...unlimited,
      ...stores.redis.vars,
      ...stores.postgres.vars,
      ...plausible.vars,
    })
    const cursor = (await list('per_page=10')).meta.pagination.next_cursor
    for (const [i, search] of ['', 'q=engineer', `cursor=${cursor}`, 'page=5', 'status=draft'].entries()) {
      expect((await counted.call(`/jobs?${search}`, withKey(site.apiKey))).status).toBe(200)
      const reports = await Promise.all(
        [stores.redis, stores.postgres, plausible].map((store) => store.report()),
      )
      expect(reports.map(({ requests }) => requests)).toEqual([2 * (i + 1), i + 1, 0])
    }
  })
})

describe('a wrong parameter of a list is a 400 that names it', () => {
  const id = crypto.randomUUID()
  const forged = (value: string) => encodeCursor({ sort: 'title', value, id, page: 2 })
  it.each([
    ['status=open', 'status'],
    ['status=', 'status'],
    ['status=active&status=draft', 'status'],
    ['q=', 'q'],
    [`q=${'x'.repeat(201)}`, 'q'],
    ['q=a%00b', 'q'],
    ['q=a%0Ab', 'q'],
    ['sort=-title', 'sort'],
    ['sort=id', 'sort'],
    ['page=0', 'page'],
    ['page=x', 'page'],
    ['page=1.5', 'page'],
    ['page=10001', 'page'],
    ['page=501', 'page'],
    ['page=-1', 'page'],
    ['per_page=0', 'per_page'],
    ['per_page=101', 'per_page'],
    ['per_page=', 'per_page'],
    ['cursor=', 'cursor'],
    ['cursor=x', 'cursor'],
    ['cursor=%F0%9F%98%80', 'cursor'],
    [`cursor=${'A'.repeat(2_001)}`, 'cursor'],
    [`cursor=${forged('a\0b')}`, 'cursor'],
    [`cursor=${forged('a').slice(1)}`, 'cursor'],
    [`cursor=${forged('a')}&page=2`, 'page'],
    ['include=pageviews', 'include'],
    ['period=7d', 'period'],
    ['include=visitors&period=1d', 'period'],
    ['jobIds=x', 'jobIds'],
    ['Page=1', 'Page'],
    ['toString=1', 'toString'],
  ])('%s', async (search, parameter) => {
    const response = await api.call(`/jobs?${search}`, withKey(site.apiKey))
    expect(response.status).toBe(400)
    expect(response.json).toMatchObject({
      error: { details: [{ parameter, message: expect.stringMatching(/[.?]$/) }] },
    })
  })

  it('but a forged cursor that could be one is a place in the list', async () => {
    for (const value of ['', 'zzzz', `'; drop table jobs --`, '\\', '\u{10ffff}', '$1', 'x'.repeat(1_300)]) {
      const { data } = await list(`cursor=${forged(value)}&per_page=100`)
      expect(data.every(({ id: job }) => site.jobs.some((own) => own.id === job))).toBe(true)
    }
  })
})
