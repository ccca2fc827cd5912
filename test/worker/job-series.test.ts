import { describe, expect, it } from 'vitest'
import type { JobVisitorsResponse } from '../../src/endpoints/job-visitors/response.ts'
import { createApi, createFaultyStore, organizations, withKey } from '../support/api.ts'
import { countByHand, createOrganization, issueKey, pathsOfJobs, storeVisits } from '../support/database.ts'
import { bucketsOf, periodOf } from '../support/hand-count.ts'

const [paris, newYork] = organizations
if (!paris || !newYork) throw new Error('The demo has organizations')
const vars = { RATE_LIMIT_REQUESTS: '100000' }
const api = createApi(vars)
const byProperty = createApi({ ...vars, ANALYTICS_JOB_DIMENSION: 'event:props:job_id' })

async function ask(search: string, { apiKey }: { apiKey: string }, server = api) {
  return await server.call(`/analytics/jobs?${search}`, withKey(apiKey))
}

describe('GET /analytics/jobs with metrics and an interval', () => {
  it.each([
    ['7d', 'day', paris, 'event:page'],
    ['30d', 'day', paris, 'event:page'],
    ['30d', 'week', newYork, 'event:page'],
    ['30d', 'day', newYork, 'event:props:job_id'],
    ['6mo', 'week', paris, 'event:props:job_id'],
    ['12mo', 'month', newYork, 'event:page'],
  ] as const)('counts %s by %s as SQL does', async (period, interval, site, dimension) => {
    const jobs = site.jobs.slice(0, 20)
    const { from, until, date, lastDate, zone } = await periodOf(site.domain, period)
    const paths = await pathsOfJobs(site.id)
    const events = await countByHand(
      `select timestamp, visitor, name, pathname, json_extract(props, '$.job_id') as job from visits
       where domain = '${site.domain}' and timestamp >= ${from} and timestamp < ${until}`,
    )
    const buckets = await bucketsOf(site.domain, period, interval)
    const isPage = dimension === 'event:page'
    // Visitors count once for each page of a job.
    const visitorOf = (row: Record<string, unknown>) => `${isPage ? row['pathname'] : ''} ${row['visitor']}`
    const figures = (rows: Record<string, unknown>[]) => ({
      visitors: new Set(rows.map(visitorOf)).size,
      pageviews: rows.filter((row) => row['name'] === 'pageview').length,
    })
    const counted = jobs.map(({ id }) => {
      const own = events.filter((row) =>
        isPage ? paths.get(id)?.includes(String(row['pathname'])) : row['job'] === id,
      )
      const points = buckets.map((bucket) => ({
        date: bucket.date,
        ...figures(
          own.filter(
            (row) => Number(row['timestamp']) >= bucket.from && Number(row['timestamp']) < bucket.until,
          ),
        ),
      }))
      return [id, figures(own), points] as const
    })
    const search = `jobIds=${jobs.map(({ id }) => id)}&period=${period}&interval=${interval}&metrics=pageviews`
    const response = await ask(search, site, isPage ? api : byProperty)
    expect(response.json).toEqual({
      data: {
        visitors: Object.fromEntries(counted.map(([id, { visitors }]) => [id, visitors])),
        pageviews: Object.fromEntries(counted.map(([id, { pageviews }]) => [id, pageviews])),
        series: Object.fromEntries(counted.map(([id, , points]) => [id, points])),
      },
      meta: { period, total_jobs: 20, interval, from: date, to: lastDate, time_zone: zone },
    })
    expect(counted.filter(([, { visitors }]) => visitors > 0).length).toBeGreaterThan(5)
  })

  it('has series of zeros for a job nobody visited, and the caller’s spelling', async () => {
    const { id, jobIds, domain } = await createOrganization(1)
    const key = { apiKey: await issueKey(id) }
    await storeVisits([
      { timestamp: '2020-01-01T00:00:00Z', domain, name: 'pageview', pathname: '/', visitor: 'a' },
    ])
    const spelled = jobIds[0]?.toUpperCase() ?? ''
    const response = await ask(`jobIds=${spelled}&period=7d&interval=day`, key)
    const { data } = response.json as JobVisitorsResponse
    expect(data.visitors).toEqual({ [spelled]: 0 })
    expect(data.pageviews).toBeUndefined()
    expect(data.series?.[spelled]?.map(({ visitors }) => visitors)).toEqual([0, 0, 0, 0, 0, 0, 0])
  })

  it('is byte for byte the response without them where none is given', async () => {
    const search = `jobIds=${paris.jobs.slice(0, 3).map(({ id }) => id)}&period=7d`
    const plain = await ask(search, paris)
    expect(plain.text).toMatch(
      /^\{"data":\{"visitors":\{("[\da-f-]{36}":\d+,?){3}\}\},"meta":\{"period":"7d","total_jobs":3\}\}$/,
    )
    const named = await ask(`${search}&metrics=visitors`, paris)
    const { date, lastDate } = await periodOf(paris.domain, '7d')
    const days = `,"from":"${date}","to":"${lastDate}","time_zone":"Europe/Paris"}}`
    expect(named.text).toBe(plain.text.replace(/\}\}$/, days))
  })

  it('costs two hops cold, its two questions at once, and one warm', async () => {
    const stores = { redis: createFaultyStore('redis'), plausible: createFaultyStore('plausible') }
    const counted = createApi({ ...vars, ...stores.redis.vars, ...stores.plausible.vars })
    const site = { apiKey: await issueKey(paris.id) }
    const search = `jobIds=${paris.jobs[0]?.id},${paris.jobs[1]?.id}&interval=day&metrics=pageviews`
    await stores.plausible.set({ mode: 'slow', delayMs: 200 })
    const cold = await ask(search, site, counted)
    expect((await stores.plausible.report()).maxInFlight).toBe(2)
    const warm = await ask(search, site, counted)
    expect(warm.json).toEqual(cold.json)
    expect([(await stores.redis.report()).requests, (await stores.plausible.report()).requests]).toEqual([
      4, 2,
    ])
    await ask(search.replace('&interval=day', ''), site, counted)
    expect((await stores.plausible.report()).requests).toBe(3)
  })

  it.each([
    ['metrics=visits', 'metrics'],
    ['metrics=', 'metrics'],
    ['interval=hour', 'interval'],
    ['interval=day&interval=day', 'interval'],
  ])('refuses %s', async (search, parameter) => {
    const response = await ask(`jobIds=${paris.jobs[0]?.id}&${search}`, paris)
    expect(response.status).toBe(400)
    expect(response.json).toMatchObject({ error: { details: [{ parameter, message: expect.any(String) }] } })
  })

  it('refuses more points than the store gives in one response, and says how many jobs it takes', async () => {
    const search = (count: number) =>
      `period=12mo&interval=day&jobIds=${paris.jobs.slice(0, count).map(({ id }) => id)}`
    const response = await ask(search(28), paris)
    expect(response.json).toMatchObject({
      error: { details: [{ parameter: 'interval', message: expect.stringContaining('at most 27 jobs') }] },
    })
    expect((await ask(search(27), paris)).status).toBe(200)
  })
})
