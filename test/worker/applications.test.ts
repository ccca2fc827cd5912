// Applications: visitors of a job's page, or of the site, who sent the event that stands for an application there.

import { describe, expect, it } from 'vitest'
import type { JobVisitorsResponse } from '../../src/endpoints/job-visitors/response.ts'
import type { SiteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { createApi, createFaultyStore, organizations, withKey } from '../support/api.ts'
import {
  asOwner,
  countByHand,
  createOrganization,
  issueKey,
  pathsOfJobs,
  storeVisits,
} from '../support/database.ts'
import { bucketsOf, periodOf, type Span } from '../support/hand-count.ts'

const [paris] = organizations
if (!paris) throw new Error('The demo has organizations')
const vars = { RATE_LIMIT_REQUESTS: '100000', CONCURRENCY_LIMIT: '100', ANALYTICS_APPLY_EVENT: 'Apply' }
const api = createApi(vars)
const byProperty = createApi({ ...vars, ANALYTICS_JOB_DIMENSION: 'event:props:job_id' })

async function get<Body>(path: string, server = api, apiKey = paris?.apiKey ?? '') {
  const response = await server.call(path, withKey(apiKey))
  expect(response.status, response.text).toBe(200)
  return response.json as Body
}

/** One event of the demo's site in Paris. */
interface Event {
  timestamp: number
  visitor: string
  name: string
  pathname: string
  source: string
  job: string | null
}

async function eventsOf(period: string): Promise<Event[]> {
  const { from, until } = await periodOf(paris?.domain ?? '', period)
  const rows = await countByHand(
    `select timestamp, visitor, name, pathname, source, json_extract(props, '$.job_id') as job from visits
     where domain = '${paris?.domain}' and timestamp >= ${from} and timestamp < ${until}`,
  )
  return rows as unknown as Event[]
}

/** Distinct visitors of these events, those who applied, and their share in percent to one decimal. */
function figuresOf(events: readonly Event[]) {
  const visitors = new Set(events.map(({ visitor }) => visitor)).size
  const applied = events.filter(({ name }) => name === 'Apply')
  const applications = new Set(applied.map(({ visitor }) => visitor)).size
  return { visitors, applications }
}

function rateOf({ visitors, applications }: { visitors: number; applications: number }) {
  return visitors === 0 ? 0 : Number(((100 * applications) / visitors).toFixed(1))
}

const inside = (events: readonly Event[], { from, until }: Pick<Span, 'from' | 'until'>) =>
  events.filter(({ timestamp }) => timestamp >= from && timestamp < until)

describe.each([
  ['event:page', api],
  ['event:props:job_id', byProperty],
] as const)('applications of jobs by %s', (dimension, server) => {
  it('GET /analytics/jobs: counts them and their rate as SQL does', async () => {
    const jobs = paris.jobs.slice(0, 40)
    const events = await eventsOf('6mo')
    const paths = await pathsOfJobs(paris.id)
    const expected = jobs.map(({ id }) => {
      // Each page counts by itself.
      const parts =
        dimension === 'event:page'
          ? (paths.get(id) ?? []).map((path) => events.filter(({ pathname }) => pathname === path))
          : [events.filter(({ job }) => job === id)]
      const sums = { visitors: 0, applications: 0 }
      for (const part of parts.map(figuresOf)) {
        sums.visitors += part.visitors
        sums.applications += part.applications
      }
      return [id, sums] as const
    })
    const { data } = await get<JobVisitorsResponse>(
      `/analytics/jobs?period=6mo&metrics=applications,application_rate&jobIds=${jobs.map(({ id }) => id)}`,
      server,
    )
    const perJob = (select: (sums: { visitors: number; applications: number }) => number) =>
      Object.fromEntries(expected.map(([id, sums]) => [id, select(sums)]))
    expect(data).toEqual({
      visitors: perJob(({ visitors }) => visitors),
      applications: perJob(({ applications }) => applications),
      application_rate: perJob(rateOf),
    })
    expect(expected.filter(([, { applications }]) => applications > 0).length).toBeGreaterThan(10)
  })
})

describe('applications of a site', () => {
  it.each(['30d', '12mo'])('totals over %s: visitors who applied, and their rate', async (period) => {
    const events = await eventsOf(period)
    const figures = figuresOf(events)
    const { data } = await get<SiteAnalyticsResponse>(
      `/analytics/site?period=${period}&metrics=applications,application_rate,visitors`,
    )
    expect(data.totals).toEqual({ ...figures, application_rate: rateOf(figures) })
    expect(figures.applications).toBeGreaterThan(10)
  })

  it('groups by source, the most applications first', async () => {
    const bySource = Map.groupBy(await eventsOf('12mo'), ({ source }) => source || 'Direct / None')
    const expected = Array.from(bySource, ([value, events]) => {
      const figures = figuresOf(events)
      return { value, applications: figures.applications, application_rate: rateOf(figures) }
    }).filter(({ applications }) => applications > 0)
    const { data, meta } = await get<SiteAnalyticsResponse>(
      '/analytics/site?period=12mo&group_by=source&metrics=applications,application_rate',
    )
    const byName = (a: { value: string }, b: { value: string }) => (a.value < b.value ? -1 : 1)
    expect(data.groups?.toSorted(byName)).toEqual(expected.toSorted(byName))
    const counts = data.groups?.map(({ applications = 0 }) => applications) ?? []
    expect(counts).toEqual(counts.toSorted((a, b) => b - a))
    expect(meta.groups?.total).toBe(expected.length)
  })

  it('groups by source, the most visitors first, those without an application included', async () => {
    const bySource = Map.groupBy(await eventsOf('7d'), ({ source }) => source || 'Direct / None')
    const { data } = await get<SiteAnalyticsResponse>(
      '/analytics/site?period=7d&group_by=source&metrics=visitors,applications',
    )
    expect(Object.fromEntries((data.groups ?? []).map(({ value, ...figures }) => [value, figures]))).toEqual(
      Object.fromEntries(Array.from(bySource, ([value, events]) => [value, figuresOf(events)])),
    )
  })

  it('series by week: has a point for each, zeros included', async () => {
    const events = await eventsOf('6mo')
    const { data } = await get<SiteAnalyticsResponse>(
      '/analytics/site?period=6mo&interval=week&metrics=pageviews,visitors,applications,application_rate',
    )
    const buckets = await bucketsOf(paris.domain, '6mo', 'week')
    expect(data.series).toEqual(
      buckets.map((bucket) => {
        const own = inside(events, bucket)
        const figures = figuresOf(own)
        const pageviews = own.filter(({ name }) => name === 'pageview').length
        return { date: bucket.date, pageviews, ...figures, application_rate: rateOf(figures) }
      }),
    )
  })

  it('compare=previous: compares them', async () => {
    const { id, domain } = await createOrganization(0)
    const visit = (daysAgo: number, visitor: string, name = 'pageview') => ({
      timestamp: new Date(Date.now() - daysAgo * 86_400_000).toISOString(),
      ...{ domain, name, pathname: '/', visitor },
    })
    await storeVisits([
      ...[visit(2, 'a'), visit(2, 'a', 'Apply'), visit(2, 'b')],
      ...[visit(9, 'c'), visit(9, 'c', 'Apply'), visit(9, 'd'), visit(9, 'd', 'Apply'), visit(9, 'e')],
      ...[visit(9, 'f'), visit(9, 'f', 'apply'), visit(9, 'g', 'Apply now')],
    ])
    const path = '/analytics/site?period=7d&compare=previous&metrics=applications,application_rate'
    const { data } = await get<SiteAnalyticsResponse>(path, api, await issueKey(id))
    expect(data.totals).toEqual({ applications: 1, application_rate: 50 })
    expect(data.previous).toMatchObject({
      totals: { applications: 2, application_rate: 40 },
      change: { applications: -50, application_rate: 25 },
    })
  })
})

describe('a deployment that counts no applications', () => {
  const other = createApi({ RATE_LIMIT_REQUESTS: '100000', ANALYTICS_APPLY_EVENT: '' })
  it.each([
    [`/analytics/jobs?jobIds=${paris.jobs[0]?.id}&metrics=applications`, 'metrics'],
    ['/analytics/site?metrics=visitors,application_rate', 'metrics'],
    ['/jobs?include=applications', 'include'],
  ])('%s: returns 400 that says so', async (path, parameter) => {
    const response = await other.call(path, withKey(paris.apiKey))
    expect(response.status).toBe(400)
    expect(response.json).toMatchObject({
      error: { details: [{ parameter, message: expect.stringContaining('not counted here') }] },
    })
  })
})

describe('the hops of applications', () => {
  it('are those of visitors, with one more query in parallel', async () => {
    const [redis, plausible] = [createFaultyStore('redis'), createFaultyStore('plausible')]
    const counted = createApi({ ...vars, ...redis.vars, ...plausible.vars })
    await plausible.set({ mode: 'slow', delayMs: 200 })
    const path = `/analytics/jobs?jobIds=${paris.jobs[0]?.id}&metrics=applications`
    await get(path, counted)
    await get(path, counted)
    const report = await plausible.report()
    expect([report.requests, report.maxInFlight, (await redis.report()).requests]).toEqual([2, 2, 4])
  })
})

describe('a job with several pages', () => {
  it('shows the sum of its pages in figures, series and groups', async () => {
    const { id, domain, jobIds } = await createOrganization(2)
    const [job = '', other = ''] = jobIds
    await asOwner(`update jobs set paths = '{/jobs/1/,/fr/jobs/1}' where id = $1`, [job])
    const yesterday = new Date(Date.now() - 86_400_000).toISOString()
    const visit = (pathname: string, visitor: string, name = 'pageview') => ({
      ...{ timestamp: yesterday, domain, name, pathname, visitor },
    })
    await storeVisits([
      ...[visit('/jobs/1', 'a'), visit('/jobs/1', 'b'), visit('/jobs/1', 'a')],
      // The same visitor on another page of the job counts again.
      ...[visit('/jobs/1/', 'a'), visit('/jobs/1/', 'a', 'Apply'), visit('/fr/jobs/1', 'c')],
      ...[visit('/jobs/2', 'a'), visit('/jobs/1/x', 'd'), visit('/Jobs/1', 'e')],
    ])
    const key = await issueKey(id)
    const search = `jobIds=${jobIds}&period=7d&metrics=pageviews,applications,application_rate&interval=day`
    const { data } = await get<JobVisitorsResponse>(`/analytics/jobs?${search}`, api, key)
    expect(data.visitors).toEqual({ [job]: 4, [other]: 1 })
    expect(data.pageviews).toEqual({ [job]: 5, [other]: 1 })
    expect(data.applications).toEqual({ [job]: 1, [other]: 0 })
    expect(data.application_rate).toEqual({ [job]: 25, [other]: 0 })
    expect(data.series?.[job]?.at(-1)).toMatchObject({ visitors: 4, pageviews: 5, application_rate: 25 })
    const list = await get<{ data: object[] }>('/jobs?include=visitors&period=7d&sort=title', api, key)
    expect(list.data).toMatchObject([{ visitors: 4 }, { visitors: 1 }])
    const filtered = await get<SiteAnalyticsResponse>(
      `/analytics/site?job=${job}&period=7d&metrics=visitors,pageviews`,
      api,
      key,
    )
    // Of the site: everyone once.
    expect(filtered.data.totals).toEqual({ visitors: 3, pageviews: 5 })
  })

  it('by a property: IDs in upper or lower case are the job', async () => {
    const { id, domain, jobIds } = await createOrganization(1)
    const [job = ''] = jobIds
    const spellings = [job, job.toUpperCase(), job.slice(0, 18).toUpperCase() + job.slice(18)]
    const yesterday = new Date(Date.now() - 86_400_000).toISOString()
    await storeVisits(
      spellings.map((spelling, n) => ({
        ...{ timestamp: yesterday, domain, name: 'pageview', pathname: `/${n}`, visitor: `v${n}` },
        props: { job_id: spelling },
      })),
    )
    const key = await issueKey(id)
    const path = `/analytics/jobs?jobIds=${job.toUpperCase()}&period=7d&interval=day`
    const { data } = await get<JobVisitorsResponse>(path, byProperty, key)
    expect(data.visitors).toEqual({ [job.toUpperCase()]: 3 })
    expect(data.series?.[job.toUpperCase()]?.at(-1)?.visitors).toBe(3)
    const site = await get<SiteAnalyticsResponse>(`/analytics/site?job=${job}&period=7d`, byProperty, key)
    expect(site.data.totals.visitors).toBe(3)
  })
})
