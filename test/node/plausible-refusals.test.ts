// Tests what the stand-in refuses: what Plausible refuses, and what the stand-in cannot count correctly.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askSpring, startSpring } from './plausible/spring-visits.ts'
import { type PlausibleResponse, toNdjson, type World } from './plausible/world.ts'

let world: World

beforeAll(async () => {
  world = await startSpring()
})

afterAll(() => world.plausible.close())

const query = (body: Record<string, unknown>): Promise<PlausibleResponse> => askSpring(world, body)

describe('v2 refusals', () => {
  const unsupported: Record<string, Record<string, unknown>> = {
    'a metric the stand-in lacks': { metrics: ['conversion_rate'] },
    'a dimension the stand-in lacks': { dimensions: ['event:goal'] },
    'names of countries': { filters: [['is', 'visit:country_name', ['France']]] },
    'imported statistics': { include: { imports: true } },
    'two time dimensions': { dimensions: ['time:day', 'time:month'] },
    'an entry page below "or" for events': {
      metrics: ['pageviews'],
      filters: [
        [
          'or',
          [
            ['is', 'visit:entry_page', ['/']],
            ['is', 'event:page', ['/']],
          ],
        ],
      ],
    },
    'an event below "not" for visits': {
      metrics: ['bounce_rate'],
      filters: [['not', ['is', 'event:page', ['/']]]],
    },
    'a page along with an entry page': { dimensions: ['event:page', 'visit:entry_page'] },
    'a host along with sources': { dimensions: ['visit:source'], filters: [['is', 'event:hostname', ['a']]] },
    'parts of an event name': { filters: [['contains', 'event:name', ['page']]] },
  }

  test.each(Object.entries(unsupported))('%s: returns 400 that says it is not supported', async (_, body) => {
    const response = await query(body)
    expect(response.status).toBe(400)
    expect(response.body.error).toMatch(/^The Plausible stand-in does not support .+\.$/)
  })

  const invalid: Record<string, [Record<string, unknown>, RegExp]> = {
    'an unknown key': [{ limit: 5 }, /Unrecognized key: "limit"/],
    'an unknown key in include': [{ include: { everything: true } }, /#\/include: Unrecognized key/],
    'an unknown key in pagination': [{ pagination: { page: 1 } }, /#\/pagination: Unrecognized key/],
    'an unknown modifier': [
      { filters: [['is', 'event:page', ['/'], { regex: true }]] },
      /#\/filters\/0: Invalid filter/,
    ],
    'no metrics': [{ metrics: [] }, /#\/metrics/],
    'an unknown metric': [{ metrics: ['visitors', 'likes'] }, /#\/metrics\/1: Invalid metric "likes"/],
    'a metric twice': [{ metrics: ['visitors', 'visitors'] }, /#\/metrics: Expected items to be unique/],
    'an unknown dimension': [{ dimensions: ['page'] }, /#\/dimensions\/0: Invalid dimension "page"/],
    'a property without a name': [{ dimensions: ['event:props:'] }, /Invalid dimension "event:props:"/],
    'an unknown operator': [{ filters: [['equals', 'event:page', ['/']]] }, /#\/filters\/0: Invalid filter/],
    'an unknown dimension deep in a filter': [
      { filters: [['not', ['is', 'page', ['/']]]] },
      /#\/filters\/0\/1\/1: Invalid dimension/,
    ],
    'a filter on time': [{ filters: [['is', 'time:day', ['2026-01-01']]] }, /Invalid dimension "time:day"/],
    'an empty "and"': [{ filters: [['and', []]] }, /#\/filters\/0: Invalid filter/],
    'a number among texts': [{ filters: [['is', 'event:page', [7]]] }, /Invalid filter/],
    'a country that is no code': [
      { filters: [['is', 'visit:country', ['France']]] },
      /2-letter country codes/,
    ],
    'case with a pattern': [
      { filters: [['matches', 'event:page', ['a'], { case_sensitive: false }]] },
      /case_sensitive/,
    ],
    'a pattern RE2 refuses': [{ filters: [['matches', 'event:page', ['(?=a)']]] }, /Not an RE2 expression/],
    'an order by what is not queried': [
      { order_by: [['pageviews', 'asc']] },
      /Invalid order_by entry "pageviews"/,
    ],
    'an unknown range': [{ date_range: 'fortnight' }, /Invalid date range "fortnight"/],
    'a range of nothing': [{ date_range: '0d' }, /Invalid date range "0d"/],
    'a range too long': [{ date_range: '5001d' }, /Invalid date range/],
    'a date that is none': [{ date_range: ['2026-02-30', '2026-03-01'] }, /Invalid date range/],
    'a range that ends before it begins': [
      { date_range: ['2026-03-02', '2026-03-01'] },
      /Invalid date range/,
    ],
    'too large a page': [{ pagination: { limit: 10_001 } }, /#\/pagination\/limit/],
    'labels without time': [{ include: { time_labels: true } }, /requires a time dimension/],
    'views per visit by anything': [
      { metrics: ['views_per_visit'], dimensions: ['visit:source'] },
      /cannot be queried with `dimensions`/,
    ],
    'views per visit of a page': [
      { metrics: ['views_per_visit'], filters: [['is', 'event:page', ['/']]] },
      /filter on `event:page`/,
    ],
    'bounces by property': [
      { metrics: ['bounce_rate'], dimensions: ['event:props:job_id'] },
      /Session metric\(s\) `bounce_rate` cannot/,
    ],
    'views by entry page': [
      { metrics: ['pageviews'], dimensions: ['visit:entry_page'] },
      /Event metric\(s\) `pageviews` cannot/,
    ],
    'a host deep in a filter': [
      { filters: [['not', ['is', 'event:hostname', ['a']]]] },
      /only be filtered at the top level/,
    ],
  }

  test.each(Object.entries(invalid))('%s: returns 400 that names the fault', async (_, [body, message]) => {
    const response = await query(body)
    expect(response.status).toBe(400)
    expect(response.body.error).toMatch(message)
  })

  test('channels of visits that were sent without a channel: return 400', async () => {
    const line = {
      timestamp: 1_780_000_000,
      domain: 'channels.example',
      name: 'pageview',
      pathname: '/',
      visitor: 'v',
    }
    await world.send('POST', '/local/visits', toNdjson([{ ...line, source: 'Google' }]))
    const response = await query({
      site_id: 'channels.example',
      date_range: 'all',
      dimensions: ['visit:channel'],
    })
    expect(response).toMatchObject({ status: 400, body: { error: expect.stringContaining('visit:channel') } })
  })
})
