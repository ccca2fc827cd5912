// What the stand-in's statistics API v1 refuses, and which statistics APIs it serves.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startPlausible } from '../../local/plausible/start-plausible.ts'
import { askSpring, SITE, startSpring } from './plausible/spring-visits.ts'
import { V1_SPRING, type V1Questions, v1QuestionsTo } from './plausible/v1-spring.ts'
import type { World } from './plausible/world.ts'

let world: World
let questions: V1Questions

beforeAll(async () => {
  world = await startSpring()
  questions = v1QuestionsTo(world)
})

afterAll(() => world.plausible.close())

beforeEach(() => questions.serve('v1', 'v2'))

describe('v1 refusals', () => {
  const cases: [string, string, Record<string, string>, RegExp][] = [
    ['a breakdown without a property', 'breakdown', {}, /^The `property` parameter is required\./],
    ['an unknown property', 'breakdown', { property: 'page' }, /^Invalid property 'page'\./],
    [
      'a custom property without a name',
      'breakdown',
      { property: 'event:props:' },
      /^Invalid property 'event:props:'\./,
    ],
    [
      'a breakdown by host',
      'breakdown',
      { property: 'event:hostname' },
      /^Property 'event:hostname' is currently not/,
    ],
    [
      'a breakdown by goal',
      'breakdown',
      { property: 'event:goal' },
      /does not support the property event:goal/,
    ],
    [
      'a limit of 0',
      'breakdown',
      { property: 'event:page', limit: '0' },
      /^Please provide limit as a number/,
    ],
    [
      'a limit that is no number',
      'breakdown',
      { property: 'event:page', limit: '1e2' },
      /^Please provide limit/,
    ],
    [
      'page 0',
      'breakdown',
      { property: 'event:page', page: '0' },
      /^Please provide page as a positive number\./,
    ],
    [
      'an unknown metric',
      'aggregate',
      { metrics: 'visitors,likes' },
      /^The metric `likes` is not recognized\./,
    ],
    [
      'a metric twice',
      'aggregate',
      { metrics: 'visitors,visitors' },
      /^Metrics cannot be queried multiple times\./,
    ],
    [
      'a metric the stand-in lacks',
      'aggregate',
      { metrics: 'conversion_rate' },
      /does not support the metric/,
    ],
    [
      'visits by a custom property',
      'breakdown',
      { property: 'event:props:job_id', metrics: 'visitors,visits' },
      /^Session metric `visits` cannot be queried for breakdown by `event:props:job_id`\./,
    ],
    [
      'visits with a filter on events',
      'aggregate',
      { metrics: 'visits', filters: 'event:name==Apply' },
      /^Session metric `visits` cannot be queried when using a filter on `event:name`\./,
    ],
    [
      'views per visit of a page',
      'aggregate',
      { metrics: 'views_per_visit', filters: 'event:page==/' },
      /^Metric `views_per_visit` cannot be queried with a filter on `event:page`\./,
    ],
    [
      'views per visit by anything',
      'breakdown',
      { metrics: 'views_per_visit', property: 'visit:source' },
      /^Metric `views_per_visit` is not supported in breakdown queries\./,
    ],
    [
      'page views by source with a filter on the page',
      'breakdown',
      { metrics: 'visitors,pageviews', property: 'visit:source', filters: 'event:page==/' },
      /does not support `pageviews` by visit:source/,
    ],
    ['imported statistics', 'aggregate', { with_imported: 'true' }, /does not support imported statistics/],
    [
      'a change of the bounce rate',
      'aggregate',
      { compare: 'previous_period', metrics: 'bounce_rate' },
      /does not supp/,
    ],
    [
      'another comparison',
      'aggregate',
      { compare: 'year_over_year' },
      /does not support compare=year_over_year/,
    ],
    [
      'a misspelt parameter',
      'aggregate',
      { filter: 'event:page==/' },
      /does not support the parameter filter here/,
    ],
    [
      'an interval in a breakdown',
      'breakdown',
      { property: 'event:page', interval: 'day' },
      /parameter interval here/,
    ],
  ]

  test.each(cases)('%s: returns 400', async (_, endpoint, parameters, message) => {
    expect(await questions.error(endpoint, parameters)).toMatch(message)
  })

  test('a repeated parameter: returns 400', async () => {
    const query = `${new URLSearchParams(V1_SPRING)}&filters=event:page==/&filters=event:page==/about`
    const response = await world.v1(`aggregate?${query}&`, {})
    expect(response).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('repeated parameter') },
    })
  })

  test('no key, a wrong key, an unknown site, no site, a locked site: return 401, 401, 401, 400, 402', async () => {
    await world.send('PUT', '/local/sites', { domain: 'locked.example', timezone: 'UTC', locked: true })
    const responses = await Promise.all([
      world.v1('aggregate', V1_SPRING, ''),
      world.v1('aggregate', V1_SPRING, 'Bearer wrong'),
      world.v1('aggregate', { ...V1_SPRING, site_id: 'nowhere.example' }),
      world.v1('aggregate', { period: 'day', date: '2026-03-01' }),
      world.v1('aggregate', { ...V1_SPRING, site_id: 'locked.example' }),
    ])
    expect(responses.map(({ status }) => status)).toEqual([401, 401, 401, 400, 402])
    expect(responses.map(({ body }) => body.error)).toEqual([
      expect.stringMatching(/^Missing API key\./),
      ...[expect.stringMatching(/^Invalid API key or site ID\./), responses[1]?.body.error],
      expect.stringMatching(/^Missing site ID\./),
      expect.stringMatching(/^This Plausible site is locked/),
    ])
  })

  test('a request line over 8,192 bytes: returns 414', async () => {
    const line = (filters: string) =>
      `GET /api/v1/stats/aggregate?${new URLSearchParams({ ...V1_SPRING, filters })} HTTP/1.1`.length
    const filled = `event:page==/${'x'.repeat(8_192 - line('event:page==/'))}`
    expect(line(filled)).toBe(8_192)
    expect((await world.v1('aggregate', { ...V1_SPRING, filters: filled })).status).toBe(200)
    expect((await world.v1('aggregate', { ...V1_SPRING, filters: `${filled}x` })).status).toBe(414)
    expect((await world.v1('aggregate', { ...V1_SPRING, filters: filled.repeat(20) })).status).toBe(414)
  })

  test('the quota: counts calls of both APIs together', async () => {
    await world.send('POST', '/local/quota', { perHour: 2 })
    try {
      expect(await world.v1('aggregate', V1_SPRING)).toMatchObject({ status: 200 })
      expect(await askSpring(world, {})).toMatchObject({ status: 200 })
      expect(await world.v1('breakdown', V1_SPRING)).toMatchObject({
        status: 429,
        body: { error: expect.stringContaining('limited to 2 requests per hour') },
      })
    } finally {
      await world.send('POST', '/local/quota', { perHour: null })
    }
  })
})

describe('the statistics APIs of the stand-in', () => {
  test('an API that is not served: returns 404, while current visitors and health are always there', async () => {
    await questions.serve('v1')
    expect((await askSpring(world, {})).status).toBe(404)
    expect((await world.v1('aggregate', V1_SPRING)).status).toBe(200)
    expect((await world.v1('realtime/visitors', { site_id: SITE })).status).toBe(200)
    await questions.serve('v2')
    expect((await world.v1('aggregate', V1_SPRING)).status).toBe(404)
    expect((await world.v1('realtime/visitors', { site_id: SITE })).status).toBe(200)
    const health = await fetch(`${world.plausible.url}/api/health`)
    expect([health.status, await health.json()]).toEqual([
      ...[200, { postgres: 'ok', clickhouse: 'ok', sites_cache: 'ok', sessions: 'ok' }],
    ])
  })

  test('the option statsApis: sets the APIs at the start', async () => {
    const plausible = await startPlausible({ apiKey: 'k', statsApis: ['v1'] })
    const { status } = await fetch(`${plausible.url}/api/v2/query`, { method: 'POST', body: '{}' })
    await plausible.close()
    expect(status).toBe(404)
  })

  test('an unknown API: returns 400', async () => {
    expect(await world.send('POST', '/local/stats-apis', { serve: ['v3'] })).toMatchObject({ status: 400 })
    expect(await world.send('POST', '/local/stats-apis', { serve: [] })).toMatchObject({ status: 400 })
  })

  test.each([
    ['visits by page', 'breakdown', { property: 'event:page', metrics: 'visitors,visits' }],
    ['another metric first', 'breakdown', { property: 'event:page', metrics: 'pageviews,visitors' }],
    ['bounces by day of a page', 'timeseries', { metrics: 'bounce_rate', filters: 'event:page==/' }],
    [
      'two custom properties',
      'breakdown',
      { property: 'event:props:plan', filters: 'event:props:job_id==a' },
    ],
    ['channels', 'breakdown', { property: 'visit:channel' }],
  ])('%s: counted when v2 is served, and refused when only v1 is', async (_, endpoint, parameters) => {
    expect(await world.v1(endpoint, { ...V1_SPRING, ...parameters })).toMatchObject({ status: 200 })
    await questions.serve('v1')
    expect(await world.v1(endpoint, { ...V1_SPRING, ...parameters })).toMatchObject({ status: 400 })
  })

  test('compare without v2: leaves out comparison_value', async () => {
    await questions.serve('v1')
    const compared = { date: '2026-03-21,2026-03-31', compare: 'previous_period' }
    expect(await questions.results('aggregate', compared)).toEqual({
      visitors: { value: expect.any(Number), change: expect.any(Number) },
    })
  })

  test('the query log: lists v1 queries with their parameters and statuses', async () => {
    await fetch(`${world.plausible.url}/local/queries`, { method: 'DELETE' })
    await world.v1('breakdown', { ...V1_SPRING, property: 'event:page' })
    await world.v1('aggregate', { ...V1_SPRING, metrics: 'likes' })
    const listed = await (await fetch(`${world.plausible.url}/local/queries`)).json()
    expect(listed).toEqual({
      count: 2,
      queries: [
        { body: { endpoint: '/api/v1/stats/breakdown', ...V1_SPRING, property: 'event:page' }, status: 200 },
        { body: { endpoint: '/api/v1/stats/aggregate', ...V1_SPRING, metrics: 'likes' }, status: 400 },
      ],
    })
  })
})
