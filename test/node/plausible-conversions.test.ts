// Custom events as conversions: how many visitors of a page sent an event there, in one query.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Visit } from '../../local/plausible/visit-line.ts'
import {
  activeSessions,
  askSpring,
  countEvents,
  countSessions,
  dateOf,
  expectSameRows,
  first,
  firstMetricOf,
  inRange,
  isWithin,
  origin,
  startSpring,
} from './plausible/spring-visits.ts'
import { type PlausibleResponse, toNdjson, type World } from './plausible/world.ts'

const APPLIED = ['is', 'event:name', ['Apply']]
const DOMAIN = 'conversions.example'

let world: World

beforeAll(async () => {
  world = await startSpring()
  const at = (visitor: string, name: string, pathname: string, minute: number): Visit => ({
    ...{
      domain: DOMAIN,
      visitor,
      name,
      pathname,
      timestamp: Date.parse('2026-05-05T12:00:00Z') / 1000 + minute * 60,
    },
    props: { job_id: pathname.slice('/jobs/'.length) },
  })
  const lines = [
    at('applies', 'pageview', '/jobs/a', 0),
    at('applies', 'Apply', '/jobs/a', 2),
    at('applies twice', 'pageview', '/jobs/a', 0),
    at('applies twice', 'Apply', '/jobs/a', 3),
    at('applies twice', 'Apply', '/jobs/a', 4),
    at('applies for the other', 'pageview', '/jobs/a', 0),
    at('applies for the other', 'pageview', '/jobs/b', 1),
    at('applies for the other', 'Apply', '/jobs/b', 2),
    at('only reads', 'pageview', '/jobs/a', 0),
    at('sends another event', 'pageview', '/jobs/b', 0),
    at('sends another event', 'Save', '/jobs/b', 1),
    at('sends a similar event', 'apply', '/jobs/a', 0),
    at('applies without a page view', 'Apply', '/jobs/c', 0),
  ]
  await world.send('POST', '/local/visits', toNdjson(lines))
})

afterAll(() => world.plausible.close())

const query = (body: Record<string, unknown>): Promise<PlausibleResponse> => askSpring(world, body)

function ask(body: Record<string, unknown>): Promise<PlausibleResponse> {
  return query({ site_id: DOMAIN, date_range: ['2026-05-05', '2026-05-05'], ...body })
}

describe('visitors who sent a custom event', () => {
  test('by page: counts each visitor once, on the page where the event was sent, and has no row for zero', async () => {
    const wanted = ['is', 'event:page', ['/jobs/a', '/jobs/b', '/jobs/nobody']]
    const { body } = await ask({ dimensions: ['event:page'], filters: [APPLIED, wanted] })
    expect(body.results).toEqual([
      { metrics: [2], dimensions: ['/jobs/a'] },
      { metrics: [1], dimensions: ['/jobs/b'] },
    ])
  })

  test('by property: counts the values of the event itself', async () => {
    const wanted = ['is', 'event:props:job_id', ['a', 'b']]
    const { body } = await ask({ dimensions: ['event:props:job_id'], filters: [wanted, APPLIED] })
    expect(body.results).toEqual([
      { metrics: [2], dimensions: ['a'] },
      { metrics: [1], dimensions: ['b'] },
    ])
  })

  test('without the filter, visitors of a page include those who only sent a custom event there', async () => {
    const all = await ask({ dimensions: ['event:page'], metrics: ['visitors', 'pageviews', 'events'] })
    expect(new Map(all.body.results.map((row) => [row.dimensions[0], row.metrics]))).toEqual(
      new Map([
        ['/jobs/a', [5, 4, 8]],
        ['/jobs/b', [2, 2, 4]],
        ['/jobs/c', [1, 0, 1]],
      ]),
    )
    const viewed = await ask({ dimensions: ['event:page'], filters: [['is', 'event:name', ['pageview']]] })
    expect(new Map(viewed.body.results.map((row) => [row.dimensions[0], row.metrics]))).toEqual(
      new Map([
        ['/jobs/a', [4]],
        ['/jobs/b', [2]],
      ]),
    )
  })

  test('an event’s name is exact, unless case is to be ignored', async () => {
    const count = async (filter: unknown) => (await ask({ filters: [filter] })).body.results[0]?.metrics
    expect(await count(['is', 'event:name', ['apply']])).toEqual([1])
    expect(await count(['is', 'event:name', ['Apply'], { case_sensitive: false }])).toEqual([5])
    expect(await count(['is', 'event:name', ['Apply', 'Save']])).toEqual([5])
    expect(await count(['is', 'event:name', ['Appl']])).toEqual([0])
  })

  test('a tracker’s event counts where it was sent', async () => {
    await world.send('PUT', '/local/sites', { domain: 'tracked.example', timezone: 'UTC' })
    const url = 'https://tracked.example/jobs/a'
    await world.send('POST', '/api/event', {
      name: 'Apply',
      domain: 'tracked.example',
      url,
      props: { job_id: 'a' },
    })
    const { body } = await query({
      ...{ site_id: 'tracked.example', date_range: 'day', dimensions: ['event:page'], filters: [APPLIED] },
    })
    expect(body.results).toEqual([{ metrics: [1], dimensions: ['/jobs/a'] }])
  })
})

describe('applications in the spring', () => {
  const applied = inRange.filter(({ name }) => name === 'Apply')
  const cases: [string, (visit: Visit) => string][] = [
    ['event:page', (visit) => visit.pathname],
    ['event:props:job_id', (visit) => String(visit.props?.['job_id'] ?? '(none)')],
    ['visit:source', (visit) => origin(visit).source ?? 'Direct / None'],
    ['time:day', (visit) => dateOf(visit)],
    ['time:month', (visit) => `${dateOf(visit).slice(0, 7)}-01`],
  ]

  test.each(cases)('%s: what a loop counts', async (dimension, keyOf) => {
    const response = await query({ dimensions: [dimension], filters: [APPLIED] })
    expectSameRows(response, firstMetricOf(countEvents(applied, (visit) => [keyOf(visit)])))
  })

  test('by page and day, for some pages: what a loop counts', async () => {
    const wanted = ['/jobs/one', '/jobs/two']
    const response = await query({
      dimensions: ['event:page', 'time:day'],
      filters: [['is', 'event:page', wanted], APPLIED],
    })
    const own = applied.filter(({ pathname }) => wanted.includes(pathname))
    expectSameRows(response, firstMetricOf(countEvents(own, (visit) => [visit.pathname, dateOf(visit)])))
  })

  test('in all: the visitors, visits and bounces of the visits in which somebody applied', async () => {
    const response = await query({
      metrics: ['visitors', 'visits', 'bounce_rate', 'visit_duration'],
      filters: [APPLIED],
    })
    const chosen = activeSessions.filter((session) =>
      session.some((visit) => visit.name === 'Apply' && isWithin(visit.timestamp)),
    )
    expectSameRows(
      response,
      countSessions(chosen, () => []),
    )
    expect(new Set(chosen.map((session) => first(session).visitor)).size).toBe(
      response.body.results[0]?.metrics[0],
    )
  })
})

describe('refused queries about custom events', () => {
  test.each([
    ['a goal, which needs to be configured', { filters: [['is', 'event:goal', ['Apply']]] }],
    ['rows by goal', { dimensions: ['event:goal'] }],
    ['a conversion rate', { metrics: ['conversion_rate'], filters: [['is', 'event:goal', ['Apply']]] }],
    ['any event but one', { filters: [['is_not', 'event:name', ['Apply']]] }],
    ['events by a pattern', { filters: [['matches', 'event:name', ['^Appl']]] }],
    ['visits that had an event', { filters: [['has_done', APPLIED]] }],
  ])('%s: returns 400', async (_, body) => {
    expect(await query(body)).toMatchObject({ status: 400, body: { error: expect.any(String) } })
  })

  test('an engagement event, which Plausible does not count among events: returns 400 when it is loaded', async () => {
    const line = {
      timestamp: '2026-05-05T12:00:00Z',
      domain: DOMAIN,
      name: 'engagement',
      pathname: '/',
      visitor: 'v',
    }
    expect(await world.send('POST', '/local/visits', line)).toEqual({
      ...{ status: 400, body: { error: expect.stringMatching(/^line 1: name: .*engagement/) } },
    })
  })
})
