// The filters and periods of the stand-in's statistics API v1 against predicates over the same raw visits.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Visit } from '../../local/plausible/visit-line.ts'
import { localTime } from './plausible/local-time.ts'
import { countEvents, dateOf, inRange, origin, SITE, startSpring, visits } from './plausible/spring-visits.ts'
import { type V1Questions, v1QuestionsTo } from './plausible/v1-spring.ts'
import { toNdjson, type World } from './plausible/world.ts'

let world: World
let questions: V1Questions

beforeAll(async () => {
  world = await startSpring()
  questions = v1QuestionsTo(world)
})

afterAll(() => world.plausible.close())

describe('v1 filters', () => {
  const cases: [string, (visit: Visit) => boolean][] = [
    ['event:page==/jobs/one', ({ pathname }) => pathname === '/jobs/one'],
    ['event:page==/jobs/one|/about', ({ pathname }) => /^\/(jobs\/one|about)$/.test(pathname)],
    ['event:page!=/', ({ pathname }) => pathname !== '/'],
    ['event:page==/jobs/*', ({ pathname }) => pathname.startsWith('/jobs/')],
    ['event:page==/jobs/**', ({ pathname }) => pathname.startsWith('/jobs/')],
    ['event:page==*e/', ({ pathname }) => pathname.endsWith('e/')],
    ['event:page==/*n*', ({ pathname }) => pathname.includes('n')],
    ['event:page!=/jobs/*', ({ pathname }) => !pathname.startsWith('/jobs/')],
    ['event:page==/jobs/drei-für', ({ pathname }) => pathname === '/jobs/drei-für'],
    ['event:name==Apply', ({ name }) => name === 'Apply'],
    ['event:name==Apply|pageview', () => true],
    ['event:hostname==www2*', ({ hostname }) => hostname === 'www2.jobs.example'],
    ['event:props:job_id==b', ({ props }) => props?.['job_id'] === 'b'],
    [
      'event:props:job_id==(none)|a',
      ({ props }) => [undefined, 'a'].includes(props?.['job_id'] as string | undefined),
    ],
    ['event:props:job_id!=a', ({ props }) => props?.['job_id'] !== 'a'],
    ['visit:source==Google', (visit) => origin(visit).source === 'Google'],
    ['visit:source==Direct / None', (visit) => origin(visit).source === undefined],
    ['visit:country==FR|US', (visit) => origin(visit).country !== undefined],
    ['visit:city==2988507', (visit) => origin(visit).city === 2988507],
    [
      'event:page==/;visit:device==Mobile; event:name == pageview',
      (visit) => visit.pathname === '/' && origin(visit).device === 'Mobile' && visit.name === 'pageview',
    ],
  ]

  test.each(cases)('%s: counts what holds', async (filters, holds) => {
    const counted = await questions.results('aggregate', { filters, metrics: 'visitors,pageviews,events' })
    const [[visitors, , pageviews, events] = [0, 0, 0, 0]] = countEvents(
      inRange.filter(holds),
      () => [],
    ).values()
    expect(counted).toEqual({
      visitors: { value: visitors },
      pageviews: { value: pageviews },
      events: { value: events },
    })
  })

  test('an escaped pipe is a character of the value', async () => {
    const line = { timestamp: 1_780_000_000, domain: 'pipes.example', name: 'pageview' }
    const lines = ['/a|b', '/a', '/b'].map((pathname) => ({ ...line, pathname, visitor: pathname }))
    await world.send('POST', '/local/visits', toNdjson(lines))
    const pipes = { site_id: 'pipes.example', date: '2026-05-01,2026-06-30', property: 'event:page' }
    expect(await questions.breakdown({ ...pipes, filters: 'event:page==/a\\|b' })).toEqual([
      { page: '/a|b', visitors: 1 },
    ])
    expect(await questions.breakdown({ ...pipes, filters: 'event:page==/a\\|b|/b' })).toEqual([
      { page: '/a|b', visitors: 1 },
      { page: '/b', visitors: 1 },
    ])
  })

  test('the characters of an RE2 expression are only characters in a pattern', async () => {
    const line = { timestamp: 1_780_000_000, domain: 'signs.example', name: 'pageview' }
    const lines = ['/c++(dev).a', '/cccdev.a', '/c++(dev)xa'].map((pathname) => ({
      ...line,
      pathname,
      visitor: pathname,
    }))
    await world.send('POST', '/local/visits', toNdjson(lines))
    const signs = { site_id: 'signs.example', date: '2026-05-01,2026-06-30', property: 'event:page' }
    expect(await questions.breakdown({ ...signs, filters: 'event:page==*c++(dev).*' })).toEqual([
      { page: '/c++(dev).a', visitors: 1 },
    ])
  })

  test.each([
    ['a filter without a value', 'event:page=='],
    ['a filter without an operator', 'event:page'],
    ['an empty filter among others', 'event:page==/;'],
    ['a value that holds an operator', 'event:page==/a==b'],
    ['a country by its name', 'visit:country==France'],
    ['a city by its name', 'visit:city==Paris'],
    ['several excluded values', 'visit:source!=Google|Bing'],
    ['a pattern among alternatives', 'event:page==/a*|/b'],
    ['a pattern with an escaped pipe', 'event:page==/a*\\|b'],
    ['two filters on one property', 'event:page!=/a;event:page!=/b'],
    ['filters on two custom properties', 'event:props:a==1;event:props:b==2'],
    ['an excluded event name', 'event:name!=Apply'],
    ['a goal', 'event:goal==Apply'],
  ])('%s: returns 400 that says it is not supported', async (_, filters) => {
    expect(await questions.error('aggregate', { filters })).toMatch(
      /^The Plausible stand-in does not support .+\.$/,
    )
  })

  test('an unknown property: returns 400 that names it', async () => {
    expect(await questions.error('aggregate', { filters: 'visit:page==/' })).toMatch(
      /^Invalid filter property 'visit:page'\./,
    )
  })
})

describe('v1 periods', () => {
  const periods: [Record<string, string>, string, string][] = [
    [{ period: 'custom', date: '2026-03-28,2026-03-29' }, '2026-03-28', '2026-03-29'],
    [{ period: 'custom', date: '2026-03-28, 2026-03-29' }, '2026-03-28', '2026-03-29'],
    [{ period: 'day', date: '2026-03-29' }, '2026-03-29', '2026-03-29'],
    [{ period: 'month', date: '2026-03-15' }, '2026-03-01', '2026-03-31'],
  ]

  test.each(periods)('%j: counts whole days of the site’s time zone', async (period, from, to) => {
    const counted = await questions.results('aggregate', { ...period, metrics: 'pageviews' })
    const within = visits.filter(
      (visit) => visit.name === 'pageview' && dateOf(visit) >= from && dateOf(visit) <= to,
    )
    expect(counted).toEqual({ pageviews: { value: within.length } })
    expect(within.length).toBeGreaterThan(0)
  })

  test('a day in Tokyo is not the day in UTC', async () => {
    await world.send('PUT', '/local/sites', { domain: 'tokyo-v1.example', timezone: 'Asia/Tokyo' })
    const at = (time: string) => ({
      ...{
        domain: 'tokyo-v1.example',
        name: 'pageview',
        pathname: '/',
        visitor: time,
        timestamp: Date.parse(time) / 1000,
      },
    })
    const lines = [at('2026-05-04T14:59:59Z'), at('2026-05-04T15:00:00Z'), at('2026-05-05T14:59:59Z')]
    await world.send('POST', '/local/visits', toNdjson(lines))
    expect(lines.map(({ timestamp }) => localTime(timestamp, 'Asia/Tokyo').date)).toEqual([
      ...['2026-05-04', '2026-05-05', '2026-05-05'],
    ])
    const counted = await questions.results('aggregate', {
      site_id: 'tokyo-v1.example',
      date: '2026-05-05,2026-05-05',
    })
    expect(counted).toEqual({ visitors: { value: 2 } })
  })

  test.each([
    [{ period: '7d' }],
    [{ period: '30d', date: '2026-04-01' }],
    [{ period: '6mo', date: '2026-04-01' }],
    [{ period: '12mo' }],
    [{ period: 'day' }],
    [{ period: 'month' }],
    [{}],
    [{ date: '2026-04-01' }],
    [{ period: 'custom', date: '2026-03-02,2026-03-01' }],
  ])(
    '%j: returns 400, because it covers other days in other versions of Plausible, or none',
    async (period) => {
      const response = await world.v1('aggregate', { site_id: SITE, ...period })
      expect(response).toMatchObject({
        status: 400,
        body: { error: expect.stringMatching(/does not support .+ period/) },
      })
    },
  )

  test.each([
    [{ period: 'fortnight' }, /^Error parsing `period` parameter: invalid period `fortnight`\./],
    [{ period: 'month', date: '2026-3' }, /^Error parsing `date` parameter: invalid_format\./],
    [{ period: 'day', date: '2026-02-30' }, /^Error parsing `date` parameter: invalid_date\./],
    [{ date: '2026-03-01' }, /^Invalid format for `date` parameter\./],
    [{ date: '2026-03-01,2026-02-30' }, /^Invalid format for `date` parameter\./],
  ])('%j: returns 400 with the text of Plausible', async (period, message) => {
    expect(await questions.error('timeseries', period)).toMatch(message)
  })

  test('a custom period without dates: returns 400', async () => {
    const { status, body } = await world.v1('aggregate', { site_id: SITE, period: 'custom' })
    expect([status, body.error]).toEqual([
      400,
      'The `date` parameter is required when using a custom period.',
    ])
  })
})
