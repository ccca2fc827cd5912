// The client's calls against a scripted API: what they send, and what they return.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  AnalyticsClient,
  type AnalyticsClientOptions,
  type Progress,
} from '../../../packages/client/src/index.ts'
import { counts, failure, jobId, json, type ScriptedApi, silence, startScriptedApi } from './scripted-api.ts'

let api: ScriptedApi

beforeEach(async () => {
  api = await startScriptedApi()
})
afterEach(() => api.close())

function createClient(options: Partial<AnalyticsClientOptions> = {}): AnalyticsClient {
  return new AnalyticsClient({ baseUrl: api.url, apiKey: 'jak_key', ...options })
}

function jobIds(length: number): string[] {
  return Array.from({ length }, (_, number) => jobId(number))
}

describe('client jobVisitors', () => {
  it("several jobs: returns one number for each ID, in the caller's order and spelling", async () => {
    const ids = [jobId(9), jobId(3).toUpperCase().replace('4000', '400A'), jobId(0)]
    const visitors = await createClient().jobVisitors(ids)
    expect([...visitors.keys()]).toEqual(ids)
    expect(visitors.get(jobId(9))).toBe(9)
    expect(visitors.get(jobId(0))).toBe(0)
  })

  it('an ID in several spellings: requests it once and returns a number for each spelling', async () => {
    const spellings = ['0000000A-0000-4000-8000-000000000005', '0000000a-0000-4000-8000-000000000005']
    const visitors = await createClient().jobVisitors([...spellings, ...spellings])
    expect(api.requests[0]?.jobIds).toHaveLength(1)
    expect([...visitors]).toEqual(spellings.map((id) => [id, 5]))
  })

  it('any call: sends the key and the period, by default 30d', async () => {
    const client = createClient()
    await client.jobVisitors([jobId(1)])
    await client.jobVisitors([jobId(1)], { period: '12mo' })
    expect(api.requests.map(({ period }) => period)).toEqual(['30d', '12mo'])
    expect(api.requests[0]?.headers['x-api-key']).toBe('jak_key')
  })

  it('an empty list: returns an empty map and sends no request', async () => {
    expect(await createClient().jobVisitors([])).toEqual(new Map())
    expect(api.requests).toHaveLength(0)
  })

  it('250 jobs: sends 100 per request and reports the progress', async () => {
    const seen: Progress[] = []
    const visitors = await createClient().jobVisitors(jobIds(250), {
      onProgress: (progress) => seen.push(progress),
    })
    expect([...visitors]).toEqual(jobIds(250).map((id, number) => [id, number]))
    expect(api.requests.map(({ jobIds }) => jobIds.length)).toEqual([100, 100, 50])
    expect(seen).toHaveLength(3)
    expect(seen.at(-1)).toEqual({ done: 250, total: 250 })
  })

  it('`bulkShare: 1`: has at most 10 requests under way, over all calls of the client', async () => {
    api.replies = [counts(250)]
    const client = createClient({ bulkShare: 1 })
    await Promise.all([client.jobVisitors(jobIds(1_500)), client.jobVisitors(jobIds(1_500))])
    expect(api.requests).toHaveLength(30)
    expect(api.maxInFlight).toBe(10)
  })

  it('by default: a call of several requests leaves 2 of the 10 to other callers', async () => {
    api.replies = [counts(250)]
    const client = createClient()
    const long = Promise.all([client.jobVisitors(jobIds(1_500)), client.jobVisitors(jobIds(1_500))])
    await sleep(50)
    expect(api.maxInFlight).toBeLessThanOrEqual(8)
    await Promise.all([long, client.jobVisitors([jobId(1)]), client.jobVisitors([jobId(1)])])
    expect(api.maxInFlight).toBe(10)
  })

  it('`concurrency: 2`: has at most 2 requests under way', async () => {
    api.replies = [counts(250)]
    await createClient({ concurrency: 2 }).jobVisitors(jobIds(800))
    expect(api.maxInFlight).toBe(2)
  })

  it('a base URL with a path: keeps the path', async () => {
    const fetched: string[] = []
    const client = createClient({
      baseUrl: 'https://example.com/api/',
      fetch: async (input) => {
        fetched.push(String(input))
        return Response.json({ data: { visitors: { [jobId(1)]: 1 } } })
      },
    })
    await client.jobVisitors([jobId(1)])
    expect(fetched[0]).toMatch(/^https:\/\/example\.com\/api\/analytics\/jobs\?jobIds=/)
  })
})

describe('client jobAnalytics', () => {
  it('`metrics` and `interval`: sends them and returns all figures of each job', async () => {
    const ids = [jobId(9).toUpperCase(), jobId(3)]
    const { jobs, meta } = await createClient().jobAnalytics(ids, {
      period: '7d',
      metrics: ['visitors', 'pageviews'],
      interval: 'day',
    })
    expect([...jobs]).toEqual([
      [ids[0], { visitors: 9, pageviews: 18, series: [{ date: '2026-01-01', visitors: 9 }] }],
      [ids[1], { visitors: 3, pageviews: 6, series: [{ date: '2026-01-01', visitors: 3 }] }],
    ])
    expect(meta).toEqual({ period: '7d', total_jobs: 2, interval: 'day' })
    const search = new URL(api.requests[0]?.url ?? '', api.url).searchParams
    expect([search.get('metrics'), search.get('interval')]).toEqual(['visitors,pageviews', 'day'])
  })

  it('250 jobs: reads them with 3 requests and counts them all in `meta`', async () => {
    const { jobs, meta } = await createClient().jobAnalytics(jobIds(250))
    expect(jobs.size).toBe(250)
    expect(jobs.get(jobId(249))).toEqual({ visitors: 249 })
    expect(meta).toEqual({ period: '30d', total_jobs: 250 })
    expect(api.requests).toHaveLength(3)
  })

  it('an empty list: returns no jobs and sends no request', async () => {
    expect(await createClient().jobAnalytics([])).toEqual({ jobs: new Map(), meta: undefined })
    expect(api.requests).toHaveLength(0)
  })

  it('a response without the figures of one job: rejects with `unexpected_response`', async () => {
    api.replies = [json(200, { data: { visitors: { [jobId(1)]: 1 }, pageviews: {} }, meta: {} })]
    await expect(createClient().jobAnalytics([jobId(1)])).rejects.toMatchObject({
      code: 'unexpected_response',
    })
  })

  it('a caller changes a cached figure: other callers do not see it', async () => {
    const client = createClient({ cache: true })
    const first = await client.jobAnalytics([jobId(1)], { interval: 'day' })
    first.jobs.get(jobId(1))?.series?.splice(0)
    const second = await client.jobAnalytics([jobId(1)], { interval: 'day' })
    expect(second.jobs.get(jobId(1))?.series).toHaveLength(1)
    expect(api.requests).toHaveLength(1)
  })
})

describe('client call that ends early', () => {
  it('a request fails: the call sends no further requests', async () => {
    api.replies = [failure(403, 'job_access_denied'), counts(50)]
    await expect(createClient().jobVisitors(jobIds(5_000))).rejects.toMatchObject({
      code: 'job_access_denied',
    })
    await sleep(100)
    expect(api.requests.length).toBeLessThanOrEqual(10)
  })

  it('the signal fires while responses are awaited: rejects with `aborted` and ends the requests', async () => {
    api.replies = [silence]
    const controller = new AbortController()
    const call = createClient({ bulkShare: 1 }).jobVisitors(jobIds(3_000), { signal: controller.signal })
    const reason = new Error('no longer needed')
    const outcome = expect(call).rejects.toMatchObject({ code: 'aborted', cause: reason })
    await expect.poll(() => api.requests.length).toBe(10)
    controller.abort(reason)
    await outcome
    await expect.poll(() => api.abandoned).toBe(10)
    expect(api.requests).toHaveLength(10)
  })

  it('the signal fires before a retry: rejects with `aborted`', async () => {
    api.replies = [failure(429, 'rate_limited', { 'Retry-After': '20' })]
    const start = performance.now()
    const call = createClient().jobVisitors([jobId(1)], { signal: AbortSignal.timeout(100) })
    await expect(call).rejects.toMatchObject({ code: 'aborted' })
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it('the deadline passes while another call takes the only place: rejects with `deadline_exceeded`', async () => {
    api.replies = [silence]
    const client = createClient({ concurrency: 1 })
    const first = client.jobVisitors([jobId(1)], { deadlineMs: 1_000 })
    await expect(client.jobVisitors([jobId(2)], { deadlineMs: 100 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    })
    await expect(first).rejects.toMatchObject({ code: 'deadline_exceeded' })
    expect(api.requests).toHaveLength(1)
  })

  it('the signal fired before the call: rejects and sends no request', async () => {
    const call = createClient().jobVisitors([jobId(1)], { signal: AbortSignal.abort() })
    await expect(call).rejects.toMatchObject({ code: 'aborted' })
    expect(api.requests).toHaveLength(0)
  })
})

describe('client jobs', () => {
  const page = (ids: number[], next_cursor: string | null) =>
    json(200, { data: ids.map((id) => ({ id: jobId(id) })), meta: { pagination: { next_cursor } } })

  it('several pages: follows the cursors and sends the filters each time', async () => {
    api.replies = [page([1, 2], 'abc'), page([3], null)]
    const seen: string[] = []
    for await (const { id } of createClient().jobs({ status: 'active', q: 'night shift' })) seen.push(id)
    expect(seen).toEqual([jobId(1), jobId(2), jobId(3)])
    expect(api.requests.map(({ url }) => url)).toEqual([
      '/jobs?per_page=100&status=active&q=night+shift',
      '/jobs?per_page=100&status=active&q=night+shift&cursor=abc',
    ])
  })

  it('`include` and `period`: are sent, and the visitors of each job are returned', async () => {
    const job = { id: jobId(1), visitors: 4 }
    api.replies = [json(200, { data: [job], meta: { pagination: { next_cursor: null } } })]
    const seen: unknown[] = []
    for await (const each of createClient().jobs({ include: ['visitors'], period: '7d', sort: 'title' }))
      seen.push(each)
    expect(seen).toEqual([job])
    expect(api.requests[0]?.url).toBe('/jobs?per_page=100&sort=title&include=visitors&period=7d')
  })

  it('the caller stops after the first job: requests no further page', async () => {
    api.replies = [page([1, 2], 'abc')]
    for await (const { id } of createClient().jobs()) if (id === jobId(1)) break
    expect(api.requests).toHaveLength(1)
  })
})

describe('client usage', () => {
  it('the days: are sent, and the counts returned', async () => {
    const body = { data: { days: [{ date: '2026-01-30', keys: [] }], today: { requests: 0 } }, meta: {} }
    api.replies = [json(200, body), json(200, body)]
    expect(await createClient().usage({ days: 7 })).toEqual(body)
    expect(await createClient().usage()).toEqual(body)
    expect(api.requests.map(({ url }) => url)).toEqual(['/usage?days=7', '/usage?'])
  })

  it('a response of another form: is an error', async () => {
    api.replies = [json(200, { data: { totals: {} }, meta: {} })]
    await expect(createClient().usage()).rejects.toMatchObject({ code: 'unexpected_response' })
  })
})

describe('client siteAnalytics', () => {
  it('every part of the query: is sent, with commas in filter values escaped', async () => {
    const body = { data: { totals: { visitors: 5 } }, meta: {} }
    api.replies = [json(200, body)]
    const result = await createClient().siteAnalytics({
      period: '7d',
      metrics: ['visitors', 'pageviews'],
      groupBy: 'source',
      limit: 5,
      page: 2,
      interval: 'day',
      compare: 'previous',
      filters: [
        { dimension: 'country', operator: 'is', values: ['FR', 'DE'] },
        { dimension: 'source', operator: 'is_not', values: ['A, B & C'] },
      ],
    })
    expect(result).toEqual(body)
    const search = new URL(api.requests[0]?.url ?? '', api.url).searchParams
    expect(Object.fromEntries(search)).toEqual({
      period: '7d',
      metrics: 'visitors,pageviews',
      group_by: 'source',
      limit: '5',
      page: '2',
      interval: 'day',
      compare: 'previous',
      country: 'FR,DE',
      'source!': 'A\\, B & C',
    })
  })
})

describe('client cache', () => {
  it('by default: is off', async () => {
    const client = createClient()
    await client.jobVisitors([jobId(1)])
    await client.jobVisitors([jobId(1)])
    expect(api.requests).toHaveLength(2)
  })

  it('`cache: true`: serves an equal call, and no other', async () => {
    const client = createClient({ cache: true })
    await client.jobVisitors([jobId(1), jobId(2)])
    const again = await client.jobVisitors([jobId(1).toUpperCase(), jobId(2)])
    expect(again.get(jobId(1).toUpperCase())).toBe(1)
    expect(api.requests).toHaveLength(1)
    await client.jobVisitors([jobId(1), jobId(2)], { period: '7d' })
    await client.jobVisitors([jobId(1)])
    expect(api.requests).toHaveLength(3)
  })

  it('`maxAgeMs`: serves a result until it is that old', async () => {
    const client = createClient({ cache: { maxAgeMs: 50 } })
    await client.jobVisitors([jobId(1)])
    await sleep(60)
    await client.jobVisitors([jobId(1)])
    expect(api.requests).toHaveLength(2)
  })

  it('equal calls at once: share their requests and their progress', async () => {
    api.replies = [counts(50)]
    const client = createClient({ cache: true })
    const seen: Progress[][] = [[], []]
    const calls = seen.map((list) =>
      client.jobVisitors(jobIds(200), { onProgress: (step) => list.push(step) }),
    )
    const [first, second] = await Promise.all(calls)
    expect(first).toEqual(second)
    expect(api.requests).toHaveLength(2)
    expect(seen.map((list) => list.length)).toEqual([2, 2])
  })

  it('a caller changes its map: other callers do not see it', async () => {
    const client = createClient({ cache: true })
    const first = await client.jobVisitors([jobId(1)])
    first.clear()
    expect((await client.jobVisitors([jobId(1)])).get(jobId(1))).toBe(1)
  })

  it('a call fails: the failure is not cached', async () => {
    api.replies = [failure(500, 'internal_error'), counts()]
    const client = createClient({ cache: true })
    await expect(client.jobVisitors([jobId(1)])).rejects.toMatchObject({ code: 'internal_error' })
    expect((await client.jobVisitors([jobId(1)])).get(jobId(1))).toBe(1)
  })

  it('one caller of a shared call leaves: the other gets its result', async () => {
    api.replies = [counts(150)]
    const client = createClient({ cache: true })
    const leaving = client.jobVisitors([jobId(1)], { signal: AbortSignal.timeout(50) })
    const staying = client.jobVisitors([jobId(1)])
    await expect(leaving).rejects.toMatchObject({ code: 'aborted' })
    expect((await staying).get(jobId(1))).toBe(1)
    expect(api.requests).toHaveLength(1)
  })

  it('the last caller leaves: ends the request, and the next caller starts a new one', async () => {
    api.replies = [silence, counts()]
    const client = createClient({ cache: true })
    await expect(client.jobVisitors([jobId(1)], { deadlineMs: 50 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    })
    expect((await client.jobVisitors([jobId(1)])).get(jobId(1))).toBe(1)
    expect(api.abandoned).toBe(1)
  })
})
