// The parameters `period`, `from` and `to` on all endpoints, and the days that responses report.

import { describe, expect, it } from 'vitest'
import { addDays, dayAt } from '../../src/analytics/windows.ts'
import type { JobVisitorsResponse } from '../../src/endpoints/job-visitors/response.ts'
import type { SiteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { createApi, organizations, withKey } from '../support/api.ts'
import { asOwner, createOrganization, issueKey, storeVisits } from '../support/database.ts'

const [paris] = organizations
if (!paris) throw new Error('The demo has organizations')
const api = createApi({ RATE_LIMIT_REQUESTS: '100000' })
const job = paris.jobs[0]?.id ?? ''
const today = dayAt('Europe/Paris', Date.now())
const tomorrow = addDays(today, 1)
/** The beginning of a request on each endpoint. */
const ENDPOINTS = [`/analytics/jobs?jobIds=${job}&`, '/analytics/site?', '/jobs?include=visitors&per_page=1&']
const HOUR_MS = 3_600_000

/** An organization in a time zone, with one job and these visits, each so many hours ago. */
async function createVisited(timeZone: string, visits: readonly { hoursAgo: number; visitor: string }[]) {
  const { id, domain, jobIds } = await createOrganization(1, timeZone)
  const stored = visits.map(({ hoursAgo, visitor }) => ({
    timestamp: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString(),
    ...{ domain, name: 'pageview', pathname: '/jobs/1', visitor },
  }))
  await storeVisits(stored)
  const key = await issueKey(id)
  const ask = async (search: string) => {
    const response = await api.call(`/analytics/jobs?jobIds=${jobIds}&${search}`, withKey(key))
    const { data, meta } = response.json as JobVisitorsResponse
    return { status: response.status, text: response.text, visitors: data?.visitors[jobIds[0] ?? ''], meta }
  }
  /** The distinct visitors of these days, counted one by one. */
  const countByHand = (from: string, to: string) => {
    const inside = stored.filter(({ timestamp }) => {
      const day = new Intl.DateTimeFormat('sv', { timeZone }).format(new Date(timestamp))
      return day >= from && day <= to
    })
    return new Set(inside.map(({ visitor }) => visitor)).size
  }
  return { ask, key, domain, jobIds, countByHand, today: dayAt(timeZone, Date.now()) }
}

describe.each(ENDPOINTS)('%s', (start) => {
  it.each([
    ['from=2026-01-01', 'to'],
    ['to=2026-01-01', 'from'],
    ['from=2026-01-02&to=2026-01-01', 'from'],
    ['from=2019-12-31&to=2025-01-05', 'from'],
    ['from=2026-01-01&to=2026-01-31&period=30d', 'period'],
    ['from=2026-02-30&to=2026-03-01', 'from'],
    ['from=2026-01-01&to=tomorrow', 'to'],
    ['from=&to=2026-01-01', 'from'],
    ['from=2026-01-01&from=2026-01-01&to=2026-01-02', 'from'],
    [`from=2026-01-01&to=${tomorrow}`, 'to'],
    ['period=yesterday', 'period'],
    ['perid=7d', 'perid'],
  ])('%s: returns 400 that names the parameter', async (search, parameter) => {
    const response = await api.call(start + search, withKey(await issueKey(paris.id)))
    expect(response.status).toBe(400)
    expect(response.json).toMatchObject({
      error: { code: 'invalid_request', details: [{ parameter, message: expect.stringMatching(/[.?]$/) }] },
    })
  })

  it.each([
    `from=${today}&to=${today}`,
    `from=${addDays(today, -4)}&to=${today}`,
    'from=2020-01-01&to=2024-12-31',
  ])('%s: reports these days and no period', async (search) => {
    const response = await api.call(start + search, withKey(paris.apiKey))
    expect(response.status, response.text).toBe(200)
    const { meta } = response.json as { meta: object }
    const [from, to] = search.match(/\d{4}-\d\d-\d\d/g) ?? []
    expect(meta).toMatchObject({ from, to, time_zone: 'Europe/Paris' })
    expect(meta).not.toHaveProperty('period')
  })

  it('period=today: reports today', async () => {
    const { json } = await api.call(`${start}period=today`, withKey(paris.apiKey))
    expect(json).toMatchObject({
      meta: { period: 'today', from: today, to: today, time_zone: 'Europe/Paris' },
    })
  })
})

describe('GET /analytics/jobs', () => {
  it.each(['7d', '30d', '6mo', '12mo', ''])(
    'period=%s and nothing else: the bytes of the contract',
    async (period) => {
      const path = `/analytics/jobs?jobIds=${job}${period && `&period=${period}`}`
      const { text } = await api.call(path, withKey(paris.apiKey))
      const count = /:(\d+)\}/.exec(text)?.[1]
      expect(text).toBe(
        `{"data":{"visitors":{"${job}":${count}}},"meta":{"period":"${period || '30d'}","total_jobs":1}}`,
      )
    },
  )

  it('a job 11 days old: shows in 6mo and 12mo what it shows in 30d', async () => {
    const visits = Array.from({ length: 60 }, (_, i) => ({ hoursAgo: i * 4.4, visitor: `v${i % 41}` }))
    const site = await createVisited('America/Sao_Paulo', visits)
    const count = site.countByHand(addDays(site.today, -11), addDays(site.today, -1))
    for (const period of ['30d', '6mo', '12mo']) {
      expect((await site.ask(`period=${period}`)).visitors, period).toBe(count)
    }
    const week = (await site.ask('period=7d')).visitors ?? 0
    expect(week).toBe(site.countByHand(addDays(site.today, -7), addDays(site.today, -1)))
    expect(count).toBeGreaterThan(week)
  })

  it.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kolkata'])(
    'in %s: counts whole days of that zone, today included where it is named',
    async (zone) => {
      const visits = Array.from({ length: 80 }, (_, i) => ({ hoursAgo: i * 1.5, visitor: `v${i % 29}` }))
      const site = await createVisited(zone, visits)
      for (const [fromDays, toDays] of [
        [0, 0],
        [-1, 0],
        [-1, -1],
        [-3, -2],
        [-4, 0],
      ] as const) {
        const [from, to] = [addDays(site.today, fromDays), addDays(site.today, toDays)]
        const { visitors, meta } = await site.ask(`from=${from}&to=${to}`)
        expect(visitors, `${from} ${to}`).toBe(site.countByHand(from, to))
        expect(meta).toEqual({ total_jobs: 1, from, to, time_zone: zone })
      }
      expect((await site.ask('period=today')).visitors).toBe(site.countByHand(site.today, site.today))
      const tooLate = await site.ask(`from=${site.today}&to=${addDays(site.today, 1)}`)
      expect(tooLate.status).toBe(400)
      expect(tooLate.text).toContain(`which is ${site.today} in ${zone}`)
    },
  )

  it('a visit of this moment: counted today and in no period that ends yesterday', async () => {
    const site = await createVisited('Europe/Paris', [{ hoursAgo: 0, visitor: 'a' }])
    const counts = []
    for (const period of ['today', '7d', '30d', '6mo', '12mo']) {
      counts.push((await site.ask(`period=${period}`)).visitors)
    }
    expect(counts).toEqual([1, 0, 0, 0, 0])
  })

  it('interval and from, to: a point for each day', async () => {
    const site = await createVisited('Asia/Kathmandu', [
      { hoursAgo: 25, visitor: 'a' },
      { hoursAgo: 49, visitor: 'b' },
    ])
    const [from, to] = [addDays(site.today, -4), site.today]
    const response = await api.call(
      `/analytics/jobs?jobIds=${site.jobIds}&from=${from}&to=${to}&interval=day`,
      withKey(site.key),
    )
    const { data } = response.json as JobVisitorsResponse
    expect(data.series?.[site.jobIds[0] ?? '']).toEqual(
      [-4, -3, -2, -1, 0].map((days) => {
        const date = addDays(site.today, days)
        return { date, visitors: site.countByHand(date, date) }
      }),
    )
  })
})

describe('GET /analytics/site', () => {
  it('compare=previous with from and to: the days just before, as many', async () => {
    const visits = Array.from({ length: 40 }, (_, i) => ({ hoursAgo: i * 3, visitor: `v${i % 17}` }))
    const site = await createVisited('America/New_York', visits)
    const day = (days: number) => addDays(site.today, days)
    const response = await api.call(
      `/analytics/site?compare=previous&from=${day(-1)}&to=${day(0)}`,
      withKey(site.key),
    )
    const { data, meta } = response.json as SiteAnalyticsResponse
    expect([meta.from, meta.to]).toEqual([day(-1), day(0)])
    expect(data.totals.visitors).toBe(site.countByHand(day(-1), day(0)))
    expect(data.previous).toMatchObject({
      totals: { visitors: site.countByHand(day(-3), day(-2)) },
      from: day(-3),
      to: day(-2),
    })
  })

  it('a site whose days begin at another time in the store: logged', async () => {
    const site = await createVisited('America/New_York', [{ hoursAgo: 30, visitor: 'a' }])
    await asOwner(`update organizations set time_zone = 'Asia/Tokyo' where domain = $1`, [site.domain])
    const response = await api.call('/analytics/site?period=7d', withKey(site.key))
    expect(response.status).toBe(200)
    expect(response.log[0]).toMatchObject({ time_zone_mismatch: expect.stringContaining('expected +09:00') })
  })
})

describe('GET /jobs', () => {
  it.each(['period=7d', 'from=2026-01-01&to=2026-01-02'])(
    '%s without include=visitors: returns 400',
    async (search) => {
      const response = await api.call(`/jobs?${search}`, withKey(paris.apiKey))
      expect(response.status).toBe(400)
      expect(response.text).toContain('requires `include`')
    },
  )
})
