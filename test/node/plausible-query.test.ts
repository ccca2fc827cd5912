// Compares the stand-in's figures with figures that plain loops count over the same raw visits.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Visit } from '../../local/plausible/visit-line.ts'
import {
  activeSessions,
  askSpring,
  countEvents,
  countSessions,
  dateOf,
  endDate,
  expectSameRows,
  first,
  type HandSession,
  inRange,
  isWithin,
  origin,
  pages,
  round,
  SITE,
  sessionOf,
  startSpring,
} from './plausible/spring-visits.ts'
import { type PlausibleResponse, toNdjson, type World } from './plausible/world.ts'

let world: World

beforeAll(async () => {
  world = await startSpring()
})

afterAll(() => world.plausible.close())

const query = (body: Record<string, unknown>): Promise<PlausibleResponse> => askSpring(world, body)

describe('metrics by dimensions of events', () => {
  const keys: Record<string, (visit: Visit) => string | number> = {
    'event:page': (visit) => visit.pathname,
    'event:name': (visit) => visit.name,
    'event:hostname': (visit) => visit.hostname ?? SITE,
    'event:props:job_id': (visit) => String(visit.props?.['job_id'] ?? '(none)'),
    'event:props:plan': (visit) => String(visit.props?.['plan'] ?? '(none)'),
    'visit:source': (visit) => origin(visit).source ?? 'Direct / None',
    'visit:referrer': (visit) => origin(visit).referrer ?? 'Direct / None',
    'visit:channel': (visit) => origin(visit).channel ?? 'Direct',
    'visit:utm_source': (visit) => origin(visit).utm_source ?? '(not set)',
    'visit:utm_medium': (visit) => origin(visit).utm_medium ?? '(not set)',
    'visit:utm_campaign': (visit) => origin(visit).utm_campaign ?? '(not set)',
    'visit:utm_content': () => '(not set)',
    'visit:utm_term': () => '(not set)',
    'visit:country': (visit) => origin(visit).country ?? '',
    'visit:region': (visit) => origin(visit).region ?? '',
    'visit:city': (visit) => origin(visit).city ?? 0,
    'visit:device': (visit) => origin(visit).device ?? '(not set)',
    'visit:browser': (visit) => origin(visit).browser ?? '(not set)',
    'visit:os': (visit) => origin(visit).os ?? '(not set)',
    'time:day': (visit) => dateOf(visit),
    'time:month': (visit) => `${dateOf(visit).slice(0, 7)}-01`,
  }
  const metrics = ['visitors', 'visits', 'pageviews', 'events']

  test.each(Object.entries(keys))('%s: equals the counts of loops', async (dimension, keyOf) => {
    const response = await query({ metrics, dimensions: [dimension] })
    expectSameRows(
      response,
      countEvents(inRange, (visit) => [keyOf(visit)]),
    )
  })

  test('two dimensions at once: counts each pair', async () => {
    const response = await query({ metrics, dimensions: ['visit:country', 'event:props:job_id'] })
    const both = (visit: Visit) => [origin(visit).country ?? '', String(visit.props?.['job_id'] ?? '(none)')]
    expectSameRows(response, countEvents(inRange, both))
  })

  test('a missing property and an empty one: both count as "(none)"', async () => {
    const one = { timestamp: 1_780_000_000, domain: 'props.example', name: 'pageview', pathname: '/' }
    const lines = [
      { ...one, visitor: '1' },
      { ...one, visitor: '2', props: { job_id: '' } },
    ]
    await world.send('POST', '/local/visits', toNdjson(lines))
    const response = await query({
      site_id: 'props.example',
      date_range: 'all',
      dimensions: ['event:props:job_id'],
    })
    expect(response.body.results).toEqual([{ metrics: [2], dimensions: ['(none)'] }])
  })
})

describe('metrics of visits', () => {
  const metrics = ['visitors', 'visits', 'bounce_rate', 'visit_duration']
  const keys: Record<string, (session: HandSession) => string> = {
    'visit:entry_page': (session) => pages(session).at(0) ?? '',
    'visit:exit_page': (session) => pages(session).at(-1) ?? '',
    'visit:source': (session) => first(session).source ?? 'Direct / None',
    'visit:device': (session) => first(session).device ?? '(not set)',
    'time:day': (session) => endDate(session),
    'time:month': (session) => `${endDate(session).slice(0, 7)}-01`,
  }

  test.each(Object.entries(keys))('%s: equals the counts of loops', async (dimension, keyOf) => {
    const response = await query({ metrics, dimensions: [dimension] })
    expectSameRows(
      response,
      countSessions(activeSessions, (session) => [keyOf(session)]),
    )
  })

  test('all metrics without dimensions: returns one row', async () => {
    const all = [
      'visitors',
      'visits',
      'pageviews',
      'events',
      'bounce_rate',
      'visit_duration',
      'views_per_visit',
    ]
    const response = await query({ metrics: all })
    const [ofEvents] = [...countEvents(inRange, () => []).values()]
    const [ofSessions] = [...countSessions(activeSessions, () => []).values()]
    const views = activeSessions.flatMap(pages).length / activeSessions.length
    expect(response.body.results).toEqual([
      {
        dimensions: [],
        metrics: [...(ofEvents ?? []), ...(ofSessions ?? []).slice(2), round(views * 100) / 100],
      },
    ])
  })

  test('bounce rate by page: counts the visits that began on the page', async () => {
    const response = await query({ metrics: ['pageviews', 'bounce_rate'], dimensions: ['event:page'] })
    const byPage = countEvents(inRange, (visit) => [visit.pathname])
    const byEntry = countSessions(activeSessions, (session) => [pages(session).at(0) ?? ''])
    const expected = new Map(
      [...byPage].map(([key, [, , pageviews = 0]]) => [key, [pageviews, byEntry.get(key)?.[2] ?? 0]]),
    )
    expectSameRows(response, expected)
  })

  test('bounce rate with a filter on the page: only visits that began there can bounce', async () => {
    const filters = [['is', 'event:page', ['/jobs/one']]]
    const response = await query({ metrics: ['visits', 'bounce_rate'], filters })
    const having = activeSessions.filter((session) =>
      session.some((visit) => visit.pathname === '/jobs/one' && isWithin(visit.timestamp)),
    )
    const began = having.filter((session) => pages(session).at(0) === '/jobs/one')
    const bounceRate = round((began.filter((session) => session.length === 1).length / began.length) * 100)
    expect(response.body.results).toEqual([{ metrics: [having.length, bounceRate], dimensions: [] }])
  })

  test('a filter on the entry page: counts the events of such visits', async () => {
    const filters = [['is', 'visit:entry_page', ['/about']]]
    const response = await query({ metrics: ['pageviews', 'visitors'], filters, dimensions: ['event:page'] })
    const chosen = inRange.filter((visit) => pages(sessionOf.get(visit) ?? []).at(0) === '/about')
    const counted = countEvents(chosen, (visit) => [visit.pathname])
    const expected = [...counted].map(
      ([key, [visitors = 0, , pageviews = 0]]) => [key, [pageviews, visitors]] as const,
    )
    expectSameRows(response, new Map(expected))
  })

  test('an empty range: returns one row of zeros without dimensions, and no row with one', async () => {
    const all = [
      'visitors',
      'visits',
      'pageviews',
      'events',
      'bounce_rate',
      'visit_duration',
      'views_per_visit',
    ]
    const empty = { date_range: ['2020-01-01', '2020-01-31'] }
    const one = await query({ ...empty, metrics: all })
    expect(one.body.results).toEqual([{ metrics: [0, 0, 0, 0, 0, 0, 0], dimensions: [] }])
    const none = await query({ ...empty, dimensions: ['event:page'] })
    expect(none.body.results).toEqual([])
  })

  test('a half: is rounded to the even neighbor, like ClickHouse does', async () => {
    const event = { timestamp: 1_780_000_000, domain: 'half.example', name: 'pageview', pathname: '/' }
    const lines = Array.from({ length: 8 }, (_, index) => ({ ...event, visitor: `v${index}` }))
    // Seven visits of two views, one of a single view: 12.5 % bounce, and 1.875 views a visit.
    const more = lines.slice(1).map((line) => ({ ...line, timestamp: line.timestamp + 60 }))
    await world.send('POST', '/local/visits', toNdjson([...lines, ...more]))
    const response = await query({
      site_id: 'half.example',
      date_range: 'all',
      metrics: ['bounce_rate', 'views_per_visit', 'visit_duration'],
    })
    expect(response.body.results).toEqual([{ metrics: [12, 1.88, 52], dimensions: [] }])
  })
})

describe('order and pages', () => {
  test('no order given: sorts rows by the first metric, descending', async () => {
    const { body } = await query({ metrics: ['pageviews', 'visitors'], dimensions: ['event:page'] })
    const pageviews = body.results.map((row) => row.metrics[0] ?? 0)
    expect(pageviews).toEqual(pageviews.toSorted((a, b) => b - a))
    expect(body.query['order_by']).toEqual([['pageviews', 'desc']])
  })

  test('an order and a page: sorts all rows before it cuts the page', async () => {
    const base = {
      dimensions: ['visit:source', 'event:page'],
      order_by: [
        ['event:page', 'asc'],
        ['visitors', 'desc'],
        ['visit:source', 'desc'],
      ],
    }
    const all = (await query(base)).body.results
    const keys = all.map((row) => row.dimensions[1])
    expect(keys).toEqual(
      keys.toSorted((a, b) => Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))),
    )
    const page = await query({ ...base, pagination: { limit: 5, offset: 3 }, include: { total_rows: true } })
    expect(page.body.results).toEqual(all.slice(3, 8))
    expect(page.body.meta).toEqual({ total_rows: all.length })
    expect(page.body.query).toMatchObject({
      pagination: { limit: 5, offset: 3 },
      include: { total_rows: true },
    })
  })

  test('a page after the last row: returns a total of 0', async () => {
    const response = await query({
      dimensions: ['event:page'],
      pagination: { offset: 9_999 },
      include: { total_rows: true },
    })
    expect(response.body).toMatchObject({ results: [], meta: { total_rows: 0 } })
  })
})
