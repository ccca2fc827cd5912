import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { siteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { createApi, organizations, withKey } from '../support/api.ts'
import {
  asOwner,
  countByHand,
  createOrganization,
  issueKey,
  pathsOfJobs,
  storeVisits,
} from '../support/database.ts'
import { bucketsOf, countEvents, countVisits, periodOf, type Span } from '../support/hand-count.ts'

const [paris, newYork] = organizations
if (!paris || !newYork) throw new Error('The demo has organizations')
const unlimited = { RATE_LIMIT_REQUESTS: '100000', CONCURRENCY_LIMIT: '100' }
const api = createApi(unlimited)
const byProperty = createApi({ ...unlimited, ANALYTICS_JOB_DIMENSION: 'event:props:job_id' })
const PERIODS = ['7d', '30d', '6mo', '12mo']
const pathsByJob = await pathsOfJobs(paris.id)
const sites = [
  ['Europe/Paris', paris],
  ['America/New_York', newYork],
] as const
const named = new Map(sites)
const siteOf = (zone: 'Europe/Paris' | 'America/New_York') => named.get(zone) ?? paris

async function ask(search: string, site: { apiKey: string } = siteOf('Europe/Paris'), server = api) {
  const response = await server.call(`/analytics/site?${search}`, withKey(site.apiKey))
  expect(response.status, response.text).toBe(200)
  return z.strictObject(siteAnalyticsResponse.shape).parse(response.json)
}

/** Rows of a count, by group, with these metrics only and without those that nobody visited. */
function byGroup(rows: Record<string, unknown>[], metrics: readonly string[]) {
  const figures = rows.map((row) => [
    String(row['grp']),
    Object.fromEntries(metrics.map((name) => [name, Number(row[name])])),
  ])
  return Object.fromEntries(figures)
}

function groupsOf(response: z.infer<typeof siteAnalyticsResponse>) {
  return Object.fromEntries((response.data.groups ?? []).map(({ value, ...figures }) => [value, figures]))
}

describe.each(sites)('the totals of a site in %s', (zone, site) => {
  it.each(PERIODS)('over %s are those of SQL over its visits', async (period) => {
    const span = await periodOf(site.domain, period)
    const [visits] = await countVisits(site.domain, span)
    const [events] = await countEvents(site.domain, span)
    const metrics = ['visitors', 'visits', 'bounce_rate', 'visit_duration', 'views_per_visit']
    const response = await ask(`period=${period}&metrics=${metrics}`, site)
    expect(response).toEqual({
      data: { totals: Object.fromEntries(metrics.map((name) => [name, Number(visits?.[name])])) },
      meta: {
        period,
        from: span.date,
        to: span.lastDate,
        time_zone: zone,
        time_zone_offset: span.offset,
        metrics,
        filters: [],
      },
    })
    const all = await ask(`period=${period}&metrics=pageviews,visitors,visits`, site)
    expect(all.data.totals).toEqual({
      pageviews: events?.['pageviews'],
      visitors: events?.['visitors'],
      visits: events?.['visits'],
    })
    expect(Number(visits?.['visits'])).toBeGreaterThan(200)
  })

  it.each(PERIODS)('over %s are compared with those of the period before', async (period) => {
    const before = await periodOf(site.domain, period, true)
    const [then] = await countVisits(site.domain, before)
    const [now] = await countVisits(site.domain, await periodOf(site.domain, period))
    const response = await ask(`period=${period}&metrics=visitors,visit_duration&compare=previous`, site)
    const change = (name: string) => {
      const [a, b] = [Number(then?.[name]), Number(now?.[name])]
      return a === 0 ? null : Number((((b - a) / a) * 100).toFixed(1)) + 0
    }
    expect(response.data.previous).toEqual({
      totals: { visitors: then?.['visitors'], visit_duration: then?.['visit_duration'] },
      change: { visitors: change('visitors'), visit_duration: change('visit_duration') },
      from: before.date,
      to: before.lastDate,
    })
  })
})

const VISIT_GROUPS: readonly (readonly [string, string])[] = [
  ['entry_page', 's.entry_page'],
  ['exit_page', 's.exit_page'],
  ['source', `coalesce(nullif(a.source, ''), 'Direct / None')`],
  ['referrer', `coalesce(nullif(a.referrer, ''), 'Direct / None')`],
  ['channel', 'a.channel'],
  ['utm_source', `coalesce(nullif(a.utm_source, ''), '(not set)')`],
  ['utm_medium', `coalesce(nullif(a.utm_medium, ''), '(not set)')`],
  ['utm_campaign', `coalesce(nullif(a.utm_campaign, ''), '(not set)')`],
  ['country', 'a.country'],
  ['region', 'a.region'],
  ['city', 'cast(a.city as text)'],
  ['device', 'a.device'],
  ['browser', 'a.browser'],
  ['os', 'a.os'],
]

describe('the groups of a site', () => {
  it.each(VISIT_GROUPS)('by %s are those of SQL', async (dimension, column) => {
    for (const [, site] of sites) {
      const span = await periodOf(site.domain, '30d')
      const metrics = ['visitors', 'visits', 'bounce_rate', 'visit_duration']
      const expected = byGroup(await countVisits(site.domain, span, '1', column), metrics)
      const response = await ask(`group_by=${dimension}&metrics=${metrics}&limit=1000`, site)
      expect(groupsOf(response)).toEqual(expected)
      expect(response.meta.groups).toEqual({
        offset: 0,
        limit: 1_000,
        total: Object.keys(expected).length,
        has_more: false,
      })
    }
  })

  it.each(VISIT_GROUPS.slice(2))('by %s count pageviews too', async (dimension, column) => {
    const span = await periodOf(paris.domain, '6mo')
    const metrics = ['pageviews', 'visitors', 'visits']
    const expected = await countEvents(paris.domain, span, '1', column.replaceAll('a.', ''))
    const response = await ask(`group_by=${dimension}&metrics=${metrics}&period=6mo&limit=1000`)
    expect(groupsOf(response)).toEqual(byGroup(expected, metrics))
  })

  it('by page are those of SQL, and a page’s bounces are those of the visits that began on it', async () => {
    const span = await periodOf(paris.domain, '30d')
    const response = await ask('group_by=page&metrics=visitors,pageviews,visits,bounce_rate&limit=1000')
    const events = byGroup(await countEvents(paris.domain, span, '1', 'pathname'), [
      'visitors',
      'pageviews',
      'visits',
    ])
    const entries = byGroup(await countVisits(paris.domain, span, '1', 's.entry_page'), ['bounce_rate'])
    const expected = Object.entries(events).map(([page, row]) => [
      page,
      Object.assign({ bounce_rate: 0 }, row, entries[page]),
    ])
    expect(groupsOf(response)).toEqual(Object.fromEntries(expected))
    expect(Object.keys(events).length).toBeGreaterThan(50)
  })

  it('come the most visited first, page by page, each once', async () => {
    const whole = await ask('group_by=page&limit=1000&period=12mo')
    const total = whole.data.groups?.length ?? 0
    const counts = whole.data.groups?.map(({ visitors = 0 }) => visitors) ?? []
    expect(counts).toEqual(counts.toSorted((a, b) => b - a))
    const pages = await Promise.all(
      Array.from({ length: Math.ceil(total / 7) }, (_, i) =>
        ask(`group_by=page&limit=7&period=12mo&offset=${i * 7}`),
      ),
    )
    expect(pages.flatMap(({ data }) => data.groups)).toEqual(whole.data.groups)
    for (const [i, { meta }] of pages.entries()) {
      expect(meta.groups).toEqual({ offset: i * 7, limit: 7, total, has_more: i + 1 < pages.length })
    }
  })

  it('may be turned by offset and filtered by path at once', async () => {
    const span = await periodOf(paris.domain, '30d')
    const expected = await countEvents(paris.domain, span, `pathname like '/jobs/%'`, 'pathname')
    const response = await ask('group_by=page&limit=5&offset=5&page=/jobs/*')
    expect(response.meta.groups).toEqual({ offset: 5, limit: 5, total: expected.length, has_more: true })
    expect(response.meta.filters).toEqual([{ dimension: 'page', operator: 'is', values: ['/jobs/*'] }])
  })
})

describe('the jobs of a site', () => {
  const someJobs = paris.jobs.slice(0, 9)
  const ids = someJobs.map(({ id }) => id)
  const list = (values: readonly string[]) => values.map((value) => `'${value}'`).join(',')
  const titles = new Map(paris.jobs.map(({ id, title, path }) => [id, { title, path }]))
  const ways = [
    [
      'event:page',
      api,
      'pathname',
      new Map([...pathsByJob].flatMap(([id, paths]) => paths.map((path) => [path, id]))),
    ],
    [
      'event:props:job_id',
      byProperty,
      `json_extract(props, '$.job_id')`,
      new Map(paris.jobs.map(({ id }) => [id, id])),
    ],
  ] as const

  it.each(ways)('by %s are its groups', async (_name, server, column, idOf) => {
    const metrics = ['visitors', 'pageviews', 'visits']
    const condition = `${column} in (${list([...idOf.keys()])})`
    for (const period of ['30d', '6mo']) {
      const rows = await countEvents(paris.domain, await periodOf(paris.domain, period), condition, column)
      const rowsByJob = Map.groupBy(rows, (row) => idOf.get(String(row['grp'])) ?? '')
      const expected = Array.from(rowsByJob, ([id, own]) => {
        const sums = metrics.map((name) => [name, own.reduce((sum, row) => sum + Number(row[name]), 0)])
        const { title = '', path = '' } = titles.get(id) ?? {}
        return [id, { id, title, url: `https://${paris.domain}${path}`, ...Object.fromEntries(sums) }]
      })
      const response = await ask(`group_by=job&metrics=${metrics}&period=${period}&limit=1000`, paris, server)
      expect(groupsOf(response)).toEqual(Object.fromEntries(expected))
      expect(response.meta.groups?.total).toBe(rowsByJob.size)
    }
  })

  it.each(ways)('by %s can be filtered by', async (_name, server, column, idOf) => {
    const names = [...idOf].filter(([, id]) => ids.includes(id)).map(([name]) => name)
    const span = await periodOf(paris.domain, '30d')
    const count = async (condition: string) =>
      (await countEvents(paris.domain, span, condition))[0]?.['pageviews']
    const total = async (filter: string) =>
      (await ask(`metrics=pageviews&${filter}`, paris, server)).data.totals.pageviews
    expect(await total(`job=${ids}`)).toBe(await count(`${column} in (${list(names)})`))
    expect(await total(`job!=${ids}`)).toBe(await count(`coalesce(${column}, '') not in (${list(names)})`))
    const both = await ask(`job=${ids}&job!=${ids.slice(0, 4)}&group_by=job`, paris, server)
    expect(new Set(Object.keys(groupsOf(both)))).toEqual(
      new Set(ids.slice(4).filter((id) => id in groupsOf(both))),
    )
  })

  it('that share a path are groups of their own, and pages of them have the size asked for', async () => {
    const { id, domain, jobIds } = await createOrganization(5)
    await asOwner(`update jobs set path = '/shared' where id = any($1)`, [jobIds.slice(0, 3)])
    const timestamp = new Date(Date.now() - 30 * 3_600_000).toISOString()
    const visit = { timestamp, domain, name: 'pageview' }
    await storeVisits([
      { ...visit, visitor: 'a', pathname: '/shared' },
      { ...visit, visitor: 'b', pathname: '/shared' },
      { ...visit, visitor: 'c', pathname: '/jobs/4' },
    ])
    const key = { apiKey: await issueKey(id) }
    const seen: string[] = []
    for (const offset of [0, 2, 4]) {
      const response = await ask(`group_by=job&limit=2&offset=${offset}&period=7d`, key)
      expect(response.meta.groups).toEqual({ offset, limit: 2, total: 4, has_more: offset === 0 })
      seen.push(...(response.data.groups ?? []).map(({ value }) => value))
    }
    expect(seen.toSorted()).toEqual(jobIds.slice(0, 4).toSorted())
  })
})

describe('the series of a site', () => {
  const spans = (rows: readonly Record<string, unknown>[], { from, until }: Span) =>
    rows.filter((row) => Number(row['timestamp']) >= from && Number(row['timestamp']) < until)

  it.each([
    ['Europe/Paris', '7d', 'day'],
    ['Europe/Paris', '30d', 'day'],
    ['Europe/Paris', '30d', 'week'],
    ['Europe/Paris', '6mo', 'week'],
    ['Europe/Paris', '12mo', 'month'],
    ['America/New_York', '30d', 'day'],
    ['America/New_York', '30d', 'month'],
    ['America/New_York', '6mo', 'day'],
    ['America/New_York', '12mo', 'week'],
  ] as const)('in %s over %s by %s has the figures of SQL in each', async (zone, period, interval) => {
    const site = siteOf(zone)
    const { from, until } = await periodOf(site.domain, period)
    const rows = await countByHand(
      `select timestamp, visitor, name from visits
       where domain = '${site.domain}' and timestamp >= ${from} and timestamp < ${until}`,
    )
    const buckets = await bucketsOf(site.domain, period, interval)
    const response = await ask(`period=${period}&interval=${interval}&metrics=pageviews,visitors`, site)
    expect(response.data.series).toEqual(
      buckets.map((bucket) => {
        const own = spans(rows, bucket)
        return {
          date: bucket.date,
          pageviews: own.filter((row) => row['name'] === 'pageview').length,
          visitors: new Set(own.map((row) => row['visitor'])).size,
        }
      }),
    )
  })

  it('has zeros where nobody came, and an hour that happens twice in one day', async () => {
    const { id, domain } = await createOrganization(0, 'Europe/Paris')
    const days = await bucketsOf(domain, '12mo', 'day')
    // The days on which the clocks change, and the ends of all others, to the second.
    const edges = days.filter(({ from, until }) => until - from !== 86_400)
    expect(edges.map(({ from, until }) => until - from).toSorted()).toEqual([82_800, 90_000])
    const moments = edges.flatMap(({ from, until }) => [from - 1, from, until - 1, until])
    await storeVisits(
      moments.map((moment, i) => ({
        timestamp: new Date(moment * 1_000).toISOString(),
        domain,
        name: 'pageview',
        pathname: '/',
        visitor: `v${i}`,
      })),
    )
    const response = await ask('period=12mo&interval=day&metrics=visitors', { apiKey: await issueKey(id) })
    expect(response.data.series).toEqual(
      days.map(({ date, from, until }) => ({
        date,
        visitors: moments.filter((moment) => moment >= from && moment < until).length,
      })),
    )
    expect(response.data.series?.filter(({ visitors }) => visitors === 2)).toHaveLength(2)
  })
})
