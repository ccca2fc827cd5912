// Tests the stand-in's date ranges and time series across changes of the clocks.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Visit } from '../../local/plausible/visit-line.ts'
import { localTime } from './plausible/local-time.ts'
import {
  askSpring,
  countEvents,
  dateOf,
  expectSameRows,
  inRange,
  startSpring,
  visits,
} from './plausible/spring-visits.ts'
import { type PlausibleResponse, toNdjson, type World } from './plausible/world.ts'

let world: World

beforeAll(async () => {
  world = await startSpring()
})

afterAll(() => world.plausible.close())

const query = (body: Record<string, unknown>): Promise<PlausibleResponse> => askSpring(world, body)

describe('v2 time series', () => {
  test('weeks: begin on Mondays, the first one where the range begins', async () => {
    const response = await query({
      metrics: ['pageviews'],
      dimensions: ['time:week'],
      include: { time_labels: true },
    })
    const weekOf = (visit: Visit) => {
      const day = new Date(`${dateOf(visit)}T00:00:00Z`)
      day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7))
      const monday = day.toISOString().slice(0, 10)
      return monday < '2026-03-01' ? '2026-03-01' : monday
    }
    const counted = countEvents(inRange, (visit) => [weekOf(visit)])
    expectSameRows(response, new Map([...counted].map(([key, [, , pageviews = 0]]) => [key, [pageviews]])))
    expect(response.body.meta.time_labels).toEqual([
      ...['2026-03-01', '2026-03-02', '2026-03-09', '2026-03-16', '2026-03-23', '2026-03-30'],
      ...['2026-04-06', '2026-04-13', '2026-04-20', '2026-04-27'],
    ])
    expect(response.body.results.map((row) => row.dimensions[0])).toEqual(response.body.meta.time_labels)
  })

  test('hours: leave out the hour that the clocks skip', async () => {
    const range = { date_range: ['2026-03-28', '2026-03-29'], include: { time_labels: true } }
    const response = await query({ ...range, metrics: ['pageviews'], dimensions: ['time:hour'] })
    const hourOf = (visit: Visit) => `${dateOf(visit)} ${localTime(visit.timestamp, 'Europe/Paris').hour}`
    const inDays = visits.filter((visit) => /^2026-03-2[89]$/.test(dateOf(visit)))
    const hours = countEvents(inDays, (visit) => [hourOf(visit)])
    expectSameRows(response, new Map([...hours].map(([key, [, , pageviews = 0]]) => [key, [pageviews]])))
    expect([...hours.keys()].filter((key) => key.includes('2026-03-29 0')).length).toBeGreaterThan(3)
    expect(response.body.results.some((row) => row.dimensions[0] === '2026-03-29 02:00:00')).toBe(false)
  })

  test('hours: count a visit in every hour it touches', async () => {
    const domain = 'hours.example'
    const event = { domain, name: 'pageview', pathname: '/', visitor: 'v' }
    const at = (time: string) => ({ ...event, timestamp: Date.parse(`2026-05-05T${time}Z`) / 1000 })
    await world.send(
      'POST',
      '/local/visits',
      toNdjson([at('09:50:00'), at('10:15:00'), at('10:40:00'), at('11:05:00')]),
    )
    const response = await query({
      site_id: domain,
      date_range: ['2026-05-05', '2026-05-05'],
      metrics: ['visitors', 'visits', 'visit_duration'],
      dimensions: ['time:hour'],
    })
    expect(response.body.results).toEqual([
      { metrics: [1, 1, 0], dimensions: ['2026-05-05 09:00:00'] },
      { metrics: [1, 1, 0], dimensions: ['2026-05-05 10:00:00'] },
      { metrics: [1, 1, 4500], dimensions: ['2026-05-05 11:00:00'] },
    ])
  })

  test('days: count a visit that outlasts the range on its last day', async () => {
    const event = { domain: 'late.example', name: 'pageview', pathname: '/', visitor: 'v' }
    const at = (time: string) => ({ ...event, timestamp: Date.parse(time) / 1000 })
    const lines = [at('2026-05-05T23:50:00Z'), at('2026-05-06T00:10:00Z')]
    await world.send('POST', '/local/visits', toNdjson(lines))
    const ask = (day: string) =>
      query({
        ...{ site_id: 'late.example', date_range: [day, day], metrics: ['visits', 'visit_duration'] },
        dimensions: ['time:day'],
      })
    const both = await Promise.all([ask('2026-05-05'), ask('2026-05-06')])
    expect(both.map((response) => response.body.results)).toEqual([
      [{ metrics: [1, 1200], dimensions: ['2026-05-05'] }],
      [{ metrics: [1, 1200], dimensions: ['2026-05-06'] }],
    ])
  })

  test('hours: return two rows of one name for an hour that the clocks repeat', async () => {
    await world.send('PUT', '/local/sites', { domain: 'autumn.example', timezone: 'Europe/Paris' })
    const event = { domain: 'autumn.example', name: 'pageview', pathname: '/' }
    const at = (time: string, visitor: string) => ({ ...event, visitor, timestamp: Date.parse(time) / 1000 })
    const lines = [
      at('2025-10-26T00:30:00Z', 'a'),
      at('2025-10-26T01:30:00Z', 'b'),
      at('2025-10-26T02:30:00Z', 'c'),
    ]
    await world.send('POST', '/local/visits', toNdjson(lines))
    const response = await query({
      ...{ site_id: 'autumn.example', date_range: ['2025-10-26', '2025-10-26'], metrics: ['pageviews'] },
      dimensions: ['time:hour'],
    })
    expect(response.body.results).toEqual([
      { metrics: [1], dimensions: ['2025-10-26 02:00:00'] },
      { metrics: [1], dimensions: ['2025-10-26 02:00:00'] },
      { metrics: [1], dimensions: ['2025-10-26 03:00:00'] },
    ])
  })

  test('the dimension "time": uses longer buckets for longer ranges', async () => {
    const resolved = async (date_range: unknown) =>
      (await query({ date_range, dimensions: ['time'] })).body.query['dimensions']
    expect(await resolved('day')).toEqual(['time:hour'])
    expect(await resolved('30d')).toEqual(['time:day'])
    expect(await resolved('91d')).toEqual(['time:week'])
    expect(await resolved('100mo')).toEqual(['time:month'])
  })

  test('labels of days and months: have no gaps', async () => {
    const days = await query({
      dimensions: ['time:day'],
      include: { time_labels: true },
      date_range: ['2026-03-28', '2026-03-31'],
    })
    expect(days.body.meta.time_labels).toEqual(['2026-03-28', '2026-03-29', '2026-03-30', '2026-03-31'])
    const months = await query({
      dimensions: ['time:month'],
      include: { time_labels: true },
      date_range: '6mo',
    })
    expect(months.body.meta.time_labels).toEqual(
      ['01', '02', '03', '04', '05', '06'].map((month) => `2026-${month}-01`),
    )
  })
})

describe('v2 date ranges', () => {
  const paris: [unknown, string, string][] = [
    ['day', '2026-07-15T00:00:00+02:00', '2026-07-15T23:59:59+02:00'],
    ['7d', '2026-07-08T00:00:00+02:00', '2026-07-14T23:59:59+02:00'],
    ['28d', '2026-06-17T00:00:00+02:00', '2026-07-14T23:59:59+02:00'],
    ['6mo', '2026-01-01T00:00:00+01:00', '2026-06-30T23:59:59+02:00'],
    ['12mo', '2025-07-01T00:00:00+02:00', '2026-06-30T23:59:59+02:00'],
    ['month', '2026-07-01T00:00:00+02:00', '2026-07-31T23:59:59+02:00'],
    ['year', '2026-01-01T00:00:00+01:00', '2026-12-31T23:59:59+01:00'],
    ['all', '2026-02-27T00:00:00+01:00', '2026-07-15T23:59:59+02:00'],
    ['24h', '2026-07-14T23:30:00+02:00', '2026-07-15T23:30:00+02:00'],
    [['2026-03-29', '2026-03-29'], '2026-03-29T00:00:00+01:00', '2026-03-29T23:59:59+02:00'],
    [
      ['2026-03-01T10:00:00Z', '2026-03-01T14:00:00+02:00'],
      '2026-03-01T11:00:00+01:00',
      '2026-03-01T13:00:00+01:00',
    ],
  ]

  test.each(paris)('%j: covers whole days in Paris', async (date_range, from, to) => {
    const response = await query({ date_range })
    expect(response.body.query['date_range']).toEqual([from, to])
    const [start, end] = [Date.parse(from) / 1000, Date.parse(to) / 1000]
    const counted = await query({ date_range, metrics: ['pageviews'] })
    const expected = visits.filter(
      ({ timestamp, name }) => timestamp >= start && timestamp <= end && name === 'pageview',
    )
    expect(counted.body.results[0]?.metrics).toEqual([expected.length])
  })

  test('7d in a zone where it is already tomorrow: ends with the day before that', async () => {
    await world.send('PUT', '/local/sites', { domain: 'tokyo.example', timezone: 'Asia/Tokyo' })
    const response = await query({ site_id: 'tokyo.example', date_range: '7d' })
    expect(response.body.query['date_range']).toEqual([
      '2026-07-09T00:00:00+09:00',
      '2026-07-15T23:59:59+09:00',
    ])
  })

  test('a site in UTC: repeats its range with Z', async () => {
    const response = await query({ site_id: 'other.example', date_range: '7d' })
    expect(response.body.query['date_range']).toEqual(['2026-07-08T00:00:00Z', '2026-07-14T23:59:59Z'])
  })

  test('a day with two midnights begins at the second, a day without midnight at its first moment', async () => {
    await world.send('PUT', '/local/sites', { domain: 'havana.example', timezone: 'America/Havana' })
    const echo = async (day: string) =>
      (await query({ site_id: 'havana.example', date_range: [day, day] })).body.query['date_range']
    expect(await echo('2026-11-01')).toEqual(['2026-11-01T00:00:00-05:00', '2026-11-01T23:59:59-05:00'])
    expect(await echo('2026-03-08')).toEqual(['2026-03-08T01:00:00-04:00', '2026-03-08T23:59:59-04:00'])
  })
})
