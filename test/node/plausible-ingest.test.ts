// Tests how visits, sites and calls reach the stand-in: past visits, trackers, keys, the quota and the query log.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHourlyQuota } from '../../local/plausible/hourly-quota.ts'
import { startPlausible } from '../../local/plausible/start-plausible.ts'
import { API_KEY, startWorld, type World } from './plausible/world.ts'

const NOW = '2026-07-15T12:00:00Z'
const LINE = {
  timestamp: '2026-07-14T10:00:00Z',
  domain: 'jobs.example',
  name: 'pageview',
  pathname: '/jobs/one',
  visitor: 'a',
}

let world: World

beforeEach(async () => {
  world = await startWorld(NOW)
})

afterEach(() => world.plausible.close())

describe('past visits', () => {
  test('are all stored with all attributes, and create the site in UTC', async () => {
    const line = {
      ...LINE,
      props: { job_id: 'x', rank: 3, remote: true },
      ...{
        source: 'Google',
        country: 'FR',
        region: 'FR-IDF',
        city: 2988507,
        device: 'Mobile',
        browser: 'Chrome',
      },
      ...{ os: 'Android', hostname: 'www2.jobs.example', utm_term: 'welder' },
    }
    expect(await load(line, { ...line, visitor: 'b' })).toEqual({ status: 200, body: { accepted: 2 } })
    const [row] = await rows("select * from visits where visitor = 'b'")
    expect(row).toMatchObject({
      ...{ domain: 'jobs.example', utc: '2026-07-14 10:00:00', timestamp: 1_784_023_200, name: 'pageview' },
      ...{
        pathname: '/jobs/one',
        hostname: 'www2.jobs.example',
        props: '{"job_id":"x","rank":"3","remote":"true"}',
      },
      ...{
        source: 'Google',
        country: 'FR',
        region: 'FR-IDF',
        city: 2988507,
        utm_term: 'welder',
        os: 'Android',
      },
    })
    expect(await rows('select domain, timezone, locked from sites')).toEqual([
      { domain: 'jobs.example', timezone: 'UTC', locked: 0 },
    ])
  })

  test('join two visits when an event between them comes late', async () => {
    await load(at('10:00'), at('10:50'))
    expect(await rows('select events from sessions')).toEqual([{ events: 1 }, { events: 1 }])
    await load({ ...at('10:25'), source: 'Google' })
    expect(await rows('select events, is_bounce, duration from sessions')).toEqual([
      { events: 3, is_bounce: 0, duration: 3000 },
    ])
    await load({ ...at('09:40'), source: 'Bing' })
    expect(await rows('select distinct session_id, source from visits')).toEqual([
      { session_id: expect.any(Number), source: 'Bing' },
    ])
  })

  test('end a visit after 30 whole minutes without an event, and not before', async () => {
    await load(at('10:00:00'), at('10:30:59'))
    expect(await rows('select events from sessions')).toEqual([{ events: 2 }])
    await load(at('11:01:59'))
    expect(await rows('select events from sessions order by started_at')).toEqual([
      { events: 2 },
      { events: 1 },
    ])
  })

  test('read a time without an offset as UTC, and apply an offset', async () => {
    await load(
      { ...LINE, timestamp: '2026-07-14 10:00:00', visitor: 'a' },
      { ...LINE, timestamp: '2026-07-14T12:00:00.900+02:00', visitor: 'b' },
    )
    expect(await rows('select distinct utc from visits')).toEqual([{ utc: '2026-07-14 10:00:00' }])
  })

  test.each([
    ['a time that is none', { timestamp: 'yesterday' }, /timestamp: expected an ISO 8601/],
    ['a number for a time', { timestamp: 1_784_023_200 }, /timestamp: /],
    ['a path without a slash', { pathname: 'jobs' }, /pathname: /],
    ['no visitor', { visitor: '' }, /visitor: /],
    ['a domain in upper case', { domain: 'Jobs.example' }, /domain: /],
    ['a country by its name', { country: 'France' }, /country: /],
    ['a property that is a list', { props: { tags: ['a'] } }, /props\.tags: /],
    ['an unknown key', { screen: '4k' }, /Unrecognized key: "screen"/],
  ])('%s: returns 400 that names the line, and stores nothing', async (_, fault, message) => {
    const response = await load(LINE, {}, { ...LINE, ...fault })
    expect(response.status).toBe(400)
    // The first bad line is the one that is named.
    expect(response.body).toMatchObject({ error: expect.stringMatching(/^line 2: /) })
    const alone = await load(LINE, { ...LINE, ...fault })
    expect(alone.body).toMatchObject({ error: expect.stringMatching(message) })
    expect(await rows('select count(*) as events from events')).toEqual([{ events: 0 }])
    expect(await rows('select count(*) as sites from sites')).toEqual([{ sites: 0 }])
  })

  test('return 400 for a line that is not JSON, and skip blank lines', async () => {
    expect(await world.send('POST', '/local/visits', `\n${JSON.stringify(LINE)}\n\n{"timestamp"\n`)).toEqual({
      status: 400,
      body: { error: 'line 4: not valid JSON' },
    })
    expect(await world.send('POST', '/local/visits', `\n${JSON.stringify(LINE)}\r\n\n`)).toEqual({
      status: 200,
      body: { accepted: 1 },
    })
  })

  test('accept 50,000 lines at once', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => ({ ...LINE, visitor: String(index % 20_000) }))
    expect(await load(...lines)).toEqual({ status: 200, body: { accepted: 50_000 } })
    const response = await ask({ metrics: ['visitors', 'pageviews'] })
    expect(response.body.results).toEqual([{ metrics: [20_000, 50_000], dimensions: [] }])
  })
})

describe('trackers', () => {
  beforeEach(() => world.send('PUT', '/local/sites', { domain: 'jobs.example', timezone: 'UTC' }))

  test('store an event sent with short names and as plain text', async () => {
    const body = {
      ...{ n: 'pageview', d: 'jobs.example', r: 'https://www.Example.org/boards/?q=1' },
      u: 'https://www.jobs.example/jobs/d%C3%A9veloppeur/?utm_source=mail&utm_medium=email#apply',
      p: JSON.stringify({ job_id: 'x', nested: { dropped: 1 }, empty: null }),
    }
    expect(await track(body, { 'content-type': 'text/plain' })).toEqual({
      status: 202,
      dropped: null,
      body: 'ok',
    })
    expect(await rows('select * from visits')).toEqual([
      expect.objectContaining({
        ...{
          utc: '2026-07-15 12:00:00',
          name: 'pageview',
          pathname: '/jobs/développeur/',
          hostname: 'jobs.example',
        },
        ...{ source: 'mail', utm_source: 'mail', utm_medium: 'email', referrer: 'example.org/boards' },
        ...{ props: '{"job_id":"x"}', country: '', device: '' },
      }),
    ])
  })

  test('count one visitor a day by address and user agent, whichever header holds the address', async () => {
    const event = { name: 'pageview', domain: 'jobs.example', url: 'https://jobs.example/' }
    await track(event, { 'user-agent': 'A', 'x-forwarded-for': '192.0.2.1, 10.0.0.1' })
    await track(event, { 'user-agent': 'A', 'x-plausible-ip': '192.0.2.1', 'x-forwarded-for': '192.0.2.9' })
    await track(event, { 'user-agent': 'A', 'cf-connecting-ip': '192.0.2.1' })
    expect(await rows('select count(*) as n from visitors')).toEqual([{ n: 1 }])
    await track(event, { 'user-agent': 'B', 'cf-connecting-ip': '192.0.2.1' })
    await track(event, { 'user-agent': 'A', 'cf-connecting-ip': '192.0.2.2' })
    await track(
      { ...event, url: 'https://other.example/' },
      { 'user-agent': 'A', 'cf-connecting-ip': '192.0.2.1' },
    )
    expect(await rows('select count(*) as n from visitors')).toEqual([{ n: 4 }])
  })

  test('receive the number of domains that are not sites', async () => {
    const event = { name: 'Apply', domain: 'jobs.example, nowhere.example', url: 'https://jobs.example/' }
    expect(await track(event)).toEqual({ status: 202, dropped: '1', body: 'ok' })
    expect(await rows('select domain, name from visits')).toEqual([{ domain: 'jobs.example', name: 'Apply' }])
  })

  test.each([
    ['no name', { name: '' }, { event_name: ["can't be blank"] }],
    ['too long a name', { name: 'n'.repeat(121) }, { event_name: ['should be at most 120 characters'] }],
    ['no domain', { domain: undefined }, { domain: ["can't be blank"] }],
    ['a URL that is none', { url: 'jobs' }, { url: ['must be a valid http or https URL'] }],
    [
      'too long a value',
      { props: { a: 'x'.repeat(2001) } },
      { props: [expect.stringContaining('2000 bytes')] },
    ],
    ['engagement', { name: 'engagement' }, { event_name: [expect.stringContaining('not supported')] }],
  ])('%s: returns 400 with errors by field', async (_, fault, errors) => {
    const event = { name: 'pageview', domain: 'jobs.example', url: 'https://jobs.example/', ...fault }
    expect(await world.send('POST', '/api/event', event)).toEqual({ status: 400, body: { errors } })
  })

  test('receive 400 for a body that is not JSON', async () => {
    expect(await world.send('POST', '/api/event', '<xml/>')).toMatchObject({ status: 400 })
  })

  test('count as current visitors', async () => {
    await track({ name: 'pageview', domain: 'jobs.example', url: 'https://jobs.example/' })
    await load({ ...LINE, visitor: 'yesterday' })
    expect(await realtime('jobs.example')).toEqual({ status: 200, body: '1' })
  })
})

describe('keys and sites', () => {
  beforeEach(() => load(LINE))

  test('no key, another scheme or a wrong key: returns 401', async () => {
    for (const authorization of ['', 'Basic abc', `bearer ${API_KEY}`]) {
      const response = await ask({}, authorization)
      expect(response).toMatchObject({
        status: 401,
        body: { error: expect.stringMatching(/^Missing API key/) },
      })
    }
    expect(await ask({}, 'Bearer wrong')).toMatchObject({ status: 401 })
  })

  test('a wrong key and an unknown site: return the same response', async () => {
    const wrongKey = await ask({}, 'Bearer wrong')
    const unknownSite = await ask({ site_id: 'nowhere.example' })
    expect(unknownSite).toEqual(wrongKey)
  })

  test('a missing site: returns 400', async () => {
    expect(await ask({ site_id: undefined })).toMatchObject({ status: 400 })
  })

  test('a locked site: returns 402 until it is unlocked', async () => {
    await world.send('PUT', '/local/sites', { domain: 'jobs.example', timezone: 'UTC', locked: true })
    expect(await ask({})).toMatchObject({ status: 402 })
    await world.send('PUT', '/local/sites', { domain: 'jobs.example', timezone: 'UTC' })
    expect(await ask({})).toMatchObject({ status: 200 })
  })

  test('a changed time zone: keeps the visits and moves the days', async () => {
    await world.send('PUT', '/local/sites', { domain: 'jobs.example', timezone: 'Europe/Paris' })
    const response = await ask({ date_range: 'day' })
    expect(response.body.query['date_range']).toEqual([
      '2026-07-15T00:00:00+02:00',
      '2026-07-15T23:59:59+02:00',
    ])
    expect((await ask({})).body.results[0]?.metrics).toEqual([1])
  })

  test('an unknown time zone: returns 400', async () => {
    const response = await world.send('PUT', '/local/sites', {
      domain: 'jobs.example',
      timezone: 'Mars/Olympus',
    })
    expect(response).toMatchObject({ status: 400, body: { error: expect.stringContaining('IANA') } })
  })

  test('the realtime count: returns 200 for a site and 401 for an unknown one', async () => {
    expect(await realtime('jobs.example')).toEqual({ status: 200, body: '0' })
    expect(await realtime('nowhere.example')).toMatchObject({ status: 401 })
  })

  test('a body that is not a JSON object returns 400, a huge one 413, and GET 404', async () => {
    for (const body of ['[]', '{', '']) expect(await world.query(body)).toMatchObject({ status: 400 })
    const huge = { filters: [['is', 'event:page', ['x'.repeat(8_000_000)]]] }
    expect(await ask(huge)).toMatchObject({ status: 413 })
    expect((await fetch(`${world.plausible.url}/api/v2/query`)).status).toBe(404)
  })
})

describe('the quota', () => {
  test('counts refused and failing calls, and sends no Retry-After', async () => {
    await load(LINE)
    await world.send('POST', '/local/quota', { perHour: 3 })
    expect(await ask({})).toMatchObject({ status: 200 })
    expect(await ask({ metrics: ['nonsense'] })).toMatchObject({ status: 400 })
    expect(await ask({ site_id: 'nowhere.example' })).toMatchObject({ status: 401 })
    const response = await fetch(`${world.plausible.url}/api/v2/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({ site_id: 'jobs.example', metrics: ['visitors'], date_range: '7d' }),
    })
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBeNull()
    expect(await response.json()).toEqual({
      error: expect.stringContaining('limited to 3 requests per hour'),
    })
  })

  test('is not spent by a wrong key, and can be reset or removed', async () => {
    await load(LINE)
    await world.send('POST', '/local/quota', { perHour: 1 })
    await ask({}, 'Bearer wrong')
    expect(await ask({})).toMatchObject({ status: 200 })
    expect(await ask({})).toMatchObject({ status: 429 })
    await world.send('POST', '/local/quota', { perHour: 1 })
    expect(await ask({})).toMatchObject({ status: 200 })
    await world.send('POST', '/local/quota', { perHour: null })
    expect(await ask({})).toMatchObject({ status: 200 })
  })

  test('resets with the clock hour in UTC, not an hour after the first call', () => {
    const quota = createHourlyQuota(1)
    const at = (time: string) => quota.spend(Date.parse(`2026-07-15T${time}Z`))
    expect([at('11:59:58'), at('11:59:59'), at('12:00:00'), at('12:59:59'), at('13:00:00')]).toEqual([
      ...[true, false, true, false, true],
    ])
  })
})

describe('the stand-in for development', () => {
  test('lists the received queries with their statuses until they are cleared', async () => {
    await load(LINE)
    const query = { site_id: 'jobs.example', metrics: ['visitors'], date_range: '7d' }
    await world.query(query)
    await world.query({ ...query, more: 1 })
    expect(await list()).toEqual({
      count: 2,
      queries: [
        { body: query, status: 200 },
        { body: { ...query, more: 1 }, status: 400 },
      ],
    })
    await fetch(`${world.plausible.url}/local/queries`, { method: 'DELETE' })
    expect(await list()).toEqual({ count: 0, queries: [] })
  })

  test.each([
    'delete from events',
    'drop table sites',
    'pragma query_only',
    "attach ':memory:' as x",
    'select nothing',
  ])('refuses SQL that does more than read: %s', async (sql) => {
    await load(LINE)
    expect(await world.send('POST', '/local/sql', { sql })).toMatchObject({ status: 400 })
    expect(await load({ ...LINE, visitor: 'b' })).toMatchObject({ status: 200 })
    expect(await rows('select count(*) as n from events')).toEqual([{ n: 2 }])
  })

  test('rejects when its port is taken', async () => {
    const port = Number(new URL(world.plausible.url).port)
    await expect(startPlausible({ apiKey: 'k', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

function at(time: string) {
  return { ...LINE, timestamp: `2026-07-14T${time}Z` }
}

function load(...lines: object[]) {
  return world.send('POST', '/local/visits', lines.map((line) => JSON.stringify(line)).join('\n'))
}

function ask(body: Record<string, unknown>, authorization?: string) {
  return world.query(
    { site_id: 'jobs.example', metrics: ['visitors'], date_range: '7d', ...body },
    authorization,
  )
}

async function rows(sql: string): Promise<unknown[]> {
  const { body } = await world.send('POST', '/local/sql', { sql })
  const { rows } = z.object({ rows: z.array(z.unknown()) }).parse(body)
  return rows
}

async function track(event: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${world.plausible.url}/api/event`, {
    method: 'POST',
    headers,
    body: JSON.stringify(event),
  })
  return {
    status: response.status,
    dropped: response.headers.get('x-plausible-dropped'),
    body: await response.text(),
  }
}

async function realtime(domain: string) {
  const response = await fetch(`${world.plausible.url}/api/v1/stats/realtime/visitors?site_id=${domain}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  })
  return { status: response.status, body: await response.text() }
}

async function list(): Promise<unknown> {
  return (await fetch(`${world.plausible.url}/local/queries`)).json()
}
