// The stand-in's statistics API v1 against figures counted by plain loops over the same raw visits.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Visit } from '../../local/plausible/visit-line.ts'
import {
  activeSessions,
  askSpring,
  countEvents,
  countSessions,
  dateOf,
  endDate,
  first,
  type HandSession,
  inRange,
  pages,
  round,
  startSpring,
  visits,
} from './plausible/spring-visits.ts'
import { type V1Questions, type V1Row, v1QuestionsTo } from './plausible/v1-spring.ts'
import { toNdjson, type World } from './plausible/world.ts'

let world: World
let questions: V1Questions

beforeAll(async () => {
  world = await startSpring()
  questions = v1QuestionsTo(world)
})

afterAll(() => world.plausible.close())

beforeEach(() => questions.serve('v1', 'v2'))

describe('v1 breakdown', () => {
  const ofEvents: [string, string, (visit: Visit) => string][] = [
    ['event:page', 'page', (visit) => visit.pathname],
    ['event:name', 'name', (visit) => visit.name],
    ['event:props:job_id', 'job_id', (visit) => String(visit.props?.['job_id'] ?? '(none)')],
  ]

  test.each(ofEvents)(
    '%s: counts visitors, page views and events of each value',
    async (property, key, keyOf) => {
      const rows = await questions.breakdown({ property, metrics: 'visitors,pageviews,events' })
      const expected = [...countEvents(inRange, (visit) => [keyOf(visit)])].map(
        ([value, [visitors = 0, , pageviews = 0, events = 0]]): V1Row => ({
          ...{ [key]: JSON.parse(value)[0], visitors, pageviews, events },
        }),
      )
      expect(rows).toEqual(inOrder(expected, key))
    },
  )

  const ofVisits: [string, string, (session: HandSession) => string | number][] = [
    ['visit:source', 'source', (session) => first(session).source ?? 'Direct / None'],
    ['visit:referrer', 'referrer', (session) => first(session).referrer ?? 'Direct / None'],
    ['visit:channel', 'channel', (session) => first(session).channel ?? 'Direct'],
    ['visit:device', 'device', (session) => first(session).device ?? '(not set)'],
    ['visit:browser', 'browser', (session) => first(session).browser ?? '(not set)'],
    ['visit:os', 'os', (session) => first(session).os ?? '(not set)'],
    ['visit:country', 'country', (session) => first(session).country ?? ''],
    ['visit:region', 'region', (session) => first(session).region ?? ''],
    ['visit:city', 'city', (session) => first(session).city ?? 0],
    ['visit:utm_source', 'utm_source', (session) => first(session).utm_source ?? ''],
    ['visit:utm_medium', 'utm_medium', (session) => first(session).utm_medium ?? ''],
    ['visit:utm_campaign', 'utm_campaign', (session) => first(session).utm_campaign ?? ''],
    ['visit:utm_term', 'utm_term', () => ''],
    ['visit:entry_page', 'entry_page', (session) => pages(session).at(0) ?? ''],
    ['visit:exit_page', 'exit_page', (session) => pages(session).at(-1) ?? ''],
  ]

  test.each(ofVisits)(
    '%s: counts whole visits, and skips those without a place or campaign',
    async (property, key, keyOf) => {
      const metrics = 'visitors,visits,bounce_rate,visit_duration,pageviews,events'
      const rows = await questions.breakdown({ property, metrics })
      const known = activeSessions.filter((session) => keyOf(session) !== '' && keyOf(session) !== 0)
      const counted = countSessions(known, (session) => [String(keyOf(session))])
      const expected = [...counted].map(
        ([json, [visitors = 0, sessions = 0, bounceRate = 0, duration = 0]]): V1Row => {
          const [text] = JSON.parse(json)
          const own = known.filter((session) => String(keyOf(session)) === text)
          return {
            ...{ [key]: key === 'city' ? Number(text) : text, visitors, visits: sessions },
            ...{ bounce_rate: bounceRate, visit_duration: duration },
            ...{ pageviews: own.flatMap(pages).length, events: own.flat().length },
          }
        },
      )
      expect(rows).toEqual(inOrder(expected, key))
    },
  )

  test.each(['event:page', 'event:props:job_id', 'visit:source', 'visit:device'])(
    '%s: has the visitors that v2 has',
    async (property) => {
      const rows = await questions.breakdown({ property })
      const { body } = await askSpring(world, { dimensions: [property] })
      const key = property.split(':').at(-1) ?? ''
      expect(new Map(rows.map((row) => [row[key], row['visitors']]))).toEqual(
        new Map(body.results.map((row) => [row.dimensions[0], row.metrics[0]])),
      )
    },
  )

  test('pages: joined in order they are the whole, and the page after the last is empty', async () => {
    const all = await questions.breakdown({ property: 'event:page' })
    expect(all.length).toBe(7)
    const paged = await Promise.all(
      ['1', '2', '3', '4'].map((page) => questions.breakdown({ property: 'event:page', limit: '3', page })),
    )
    expect(paged.map((rows) => rows.length)).toEqual([3, 3, 1, 0])
    expect(paged.flat()).toEqual(all)
  })

  test('a page has 100 rows by default and 1,000 at most', async () => {
    const line = { timestamp: 1_780_000_000, domain: 'many.example', name: 'pageview' }
    const lines = Array.from({ length: 1_200 }, (_, index) => ({
      ...line,
      pathname: `/${index}`,
      visitor: `${index}`,
    }))
    await world.send('POST', '/local/visits', toNdjson(lines))
    const many = { site_id: 'many.example', date: '2026-05-01,2026-06-30', property: 'event:page' }
    expect(await questions.breakdown(many)).toHaveLength(100)
    expect(await questions.breakdown({ ...many, limit: '1000' })).toHaveLength(1_000)
    expect(await questions.breakdown({ ...many, limit: '1000', page: '2' })).toHaveLength(200)
    expect(await questions.error('breakdown', { ...many, limit: '1001' })).toMatch(
      /limit as a number between 1 and 1000/,
    )
  })

  test('applications: the visitors of each page who sent the event there', async () => {
    const rows = await questions.breakdown({
      property: 'event:page',
      filters: 'event:name==Apply;event:page==/jobs/one|/jobs/two',
    })
    const wanted = inRange.filter(
      ({ name, pathname }) => name === 'Apply' && /^\/jobs\/(one|two)$/.test(pathname),
    )
    const expected = [...countEvents(wanted, (visit) => [visit.pathname])].map(
      ([key, [visitors = 0]]): V1Row => ({ page: JSON.parse(key)[0], visitors }),
    )
    expect(expected).toHaveLength(2)
    expect(rows).toEqual(inOrder(expected, 'page'))
  })
})

describe('v1 aggregate', () => {
  test('counts all metrics, visitors by default', async () => {
    const metrics = 'visitors,visits,pageviews,events,bounce_rate,visit_duration,views_per_visit'
    const counted = await questions.results('aggregate', { metrics })
    const { body } = await askSpring(world, { metrics: metrics.split(',') })
    const [, , , views] = [...countEvents(inRange, () => []).values()][0] ?? []
    expect(counted).toMatchObject({ events: { value: views } })
    expect(counted).toEqual(
      Object.fromEntries(
        metrics.split(',').map((name, index) => [name, { value: body.results[0]?.metrics[index] }]),
      ),
    )
    expect(Object.keys(Object(await questions.results('aggregate', {})))).toEqual(['visitors'])
  })

  test('compares with the days just before, in percent', async () => {
    const counted = await questions.results('aggregate', {
      ...{ date: '2026-03-21,2026-03-31', compare: 'previous_period', metrics: 'pageviews,events' },
    })
    const countDays = (from: string, to: string) => {
      const within = visits.filter((visit) => dateOf(visit) >= from && dateOf(visit) <= to)
      return [within.filter(({ name }) => name === 'pageview').length, within.length] as const
    }
    const [now, before] = [countDays('2026-03-21', '2026-03-31'), countDays('2026-03-10', '2026-03-20')]
    const expected = ([value, previous]: [number, number]) => ({
      ...{ value, comparison_value: previous, change: Math.round(((value - previous) / previous) * 100) },
    })
    expect(before[0]).toBeGreaterThan(0)
    expect(counted).toEqual({
      pageviews: expected([now[0], before[0]]),
      events: expected([now[1], before[1]]),
    })
  })

  test('a change from nothing is 100 percent, one from nothing to nothing is 0', async () => {
    const compared = { compare: 'previous_period', metrics: 'events' }
    const from = (date: string) => questions.results('aggregate', { ...compared, date })
    expect(await from('2026-02-01,2026-03-31')).toMatchObject({
      events: { change: 100, comparison_value: 0 },
    })
    expect(await from('2020-01-01,2020-01-31')).toEqual({
      events: { value: 0, change: 0, comparison_value: 0 },
    })
  })

  test('the previous period of one that holds days to come has as many days as have begun', async () => {
    // It is the evening of 15 July in Paris: eleven days of the period have begun.
    const line = { domain: 'running.example', name: 'pageview', pathname: '/' }
    const days = ['2026-06-23', '2026-06-24', '2026-07-04', '2026-07-05', '2026-07-15']
    const lines = days.map((day) => ({
      ...line,
      visitor: day,
      timestamp: Date.parse(`${day}T12:00:00Z`) / 1000,
    }))
    await world.send('POST', '/local/visits', toNdjson(lines))
    const counted = await questions.results('aggregate', {
      ...{ site_id: 'running.example', date: '2026-07-05,2026-07-31', compare: 'previous_period' },
    })
    expect(counted).toEqual({ visitors: { value: 2, comparison_value: 2, change: 0 } })
  })

  test('a running period where it is already tomorrow: returns 400', async () => {
    await world.send('PUT', '/local/sites', { domain: 'ahead.example', timezone: 'Asia/Tokyo' })
    const ahead = { site_id: 'ahead.example', compare: 'previous_period' }
    expect(await questions.error('aggregate', { ...ahead, date: '2026-07-10,2026-07-16' })).toMatch(
      /days differ/,
    )
    expect(await questions.results('aggregate', { ...ahead, date: '2026-07-09,2026-07-15' })).toMatchObject({
      visitors: { change: 0 },
    })
  })
})

describe('v1 timeseries', () => {
  test('has a row for every day, also where nothing happened', async () => {
    const rows = (await questions.results('timeseries', {
      ...{ date: '2026-02-20,2026-03-31', metrics: 'visitors,pageviews', filters: 'event:page==/jobs/one' },
    })) as V1Row[]
    const days = countEvents(
      visits.filter(({ pathname }) => pathname === '/jobs/one'),
      (visit) => [dateOf(visit)],
    )
    expect(rows).toHaveLength(40)
    expect(rows[0]).toEqual({ date: '2026-02-20', visitors: 0, pageviews: 0 })
    expect(rows).toEqual(
      rows.map(({ date }) => {
        const [visitors = 0, , pageviews = 0] = days.get(JSON.stringify([date])) ?? []
        return { date, visitors, pageviews }
      }),
    )
    expect(rows.filter((row) => row['visitors'] !== 0).length).toBeGreaterThan(20)
  })

  test('has a row for every month, the first one of a month that began before the period', async () => {
    const rows = await questions.results('timeseries', {
      ...{ date: '2026-03-10,2026-05-31', interval: 'month', metrics: 'pageviews', filters: 'event:page==/' },
    })
    const count = (from: string, to: string) =>
      visits.filter(
        (visit) =>
          visit.pathname === '/' && visit.name === 'pageview' && dateOf(visit) >= from && dateOf(visit) <= to,
      ).length
    expect(rows).toEqual([
      { date: '2026-03-01', pageviews: count('2026-03-10', '2026-03-31') },
      { date: '2026-04-01', pageviews: count('2026-04-01', '2026-04-30') },
      { date: '2026-05-01', pageviews: count('2026-05-01', '2026-05-31') },
    ])
  })

  test('metrics of visits are counted on the day a visit ended', async () => {
    const rows = await questions.results('timeseries', {
      metrics: 'visits,views_per_visit,bounce_rate,visit_duration',
    })
    const byDay = countSessions(activeSessions, (session) => [endDate(session)])
    const views = Map.groupBy(activeSessions, endDate)
    expect(rows).toEqual(
      [...byDay]
        .map(([key, [, sessions = 0, bounceRate = 0, duration = 0]]) => {
          const date: string = JSON.parse(key)[0]
          const perVisit = (views.get(date) ?? []).flatMap(pages).length / sessions
          return {
            ...{ date, visits: sessions, views_per_visit: round(perVisit * 100) / 100 },
            ...{ bounce_rate: bounceRate, visit_duration: duration },
          }
        })
        .toSorted((a, b) => (a.date < b.date ? -1 : 1)),
    )
  })

  test('metrics of visits have no mean on an empty day', async () => {
    const metrics = 'visits,views_per_visit,bounce_rate,visit_duration'
    const empty = { date: '2020-01-01,2020-01-01', metrics }
    const row = { date: '2020-01-01', visits: 0, views_per_visit: 0, visit_duration: null }
    expect(await questions.results('timeseries', empty)).toEqual([{ ...row, bounce_rate: 0 }])
    await questions.serve('v1')
    expect(await questions.results('timeseries', empty)).toEqual([{ ...row, bounce_rate: null }])
  })

  test('an interval other than a day or a month: returns 400', async () => {
    expect(await questions.error('timeseries', { interval: 'week' })).toMatch(
      /invalid interval `week`.*`day`, `month`/,
    )
    expect(await questions.results('timeseries', { interval: 'date' })).toEqual(
      await questions.results('timeseries', { interval: 'day' }),
    )
  })
})

function inOrder(rows: readonly V1Row[], key: string): V1Row[] {
  const compareValues = (a: V1Row, b: V1Row) =>
    key === 'city'
      ? Number(a[key]) - Number(b[key])
      : Buffer.compare(Buffer.from(String(a[key])), Buffer.from(String(b[key])))
  return rows.toSorted((a, b) => Number(b['visitors']) - Number(a['visitors']) || compareValues(a, b))
}
