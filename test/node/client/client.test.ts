import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AnalyticsClient, type AnalyticsClientOptions, type Progress } from '../../../src/client.ts'
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

describe('jobVisitors', () => {
  it('gives each job its count, in the order and the spelling they were asked in', async () => {
    const asked = [jobId(9), jobId(3).toUpperCase().replace('4000', '400A'), jobId(0)]
    const visitors = await createClient().jobVisitors(asked)
    expect([...visitors.keys()]).toEqual(asked)
    expect(visitors.get(jobId(9))).toBe(9)
    expect(visitors.get(jobId(0))).toBe(0)
  })

  it('asks once for a job that is named in several ways, and answers each', async () => {
    const spellings = ['0000000A-0000-4000-8000-000000000005', '0000000a-0000-4000-8000-000000000005']
    const visitors = await createClient().jobVisitors([...spellings, ...spellings])
    expect(api.requests[0]?.jobIds).toHaveLength(1)
    expect([...visitors]).toEqual(spellings.map((id) => [id, 5]))
  })

  it('sends the key, and the period: 30d unless told', async () => {
    const client = createClient()
    await client.jobVisitors([jobId(1)])
    await client.jobVisitors([jobId(1)], { period: '12mo' })
    expect(api.requests.map(({ period }) => period)).toEqual(['30d', '12mo'])
    expect(api.requests[0]?.headers['x-api-key']).toBe('jak_key')
  })

  it('asks nobody about no jobs', async () => {
    expect(await createClient().jobVisitors([])).toEqual(new Map())
    expect(api.requests).toHaveLength(0)
  })

  it('takes any number of jobs, 100 a request, and tells how far it is', async () => {
    const seen: Progress[] = []
    const visitors = await createClient().jobVisitors(jobIds(250), {
      onProgress: (progress) => seen.push(progress),
    })
    expect([...visitors]).toEqual(jobIds(250).map((id, number) => [id, number]))
    expect(api.requests.map(({ jobIds }) => jobIds.length)).toEqual([100, 100, 50])
    expect(seen).toHaveLength(3)
    expect(seen.at(-1)).toEqual({ done: 250, total: 250 })
  })

  it('has no more than 10 requests under way, over all calls of a client', async () => {
    api.replies = [counts(20)]
    const client = createClient()
    await Promise.all([client.jobVisitors(jobIds(1_500)), client.jobVisitors(jobIds(1_500))])
    expect(api.requests).toHaveLength(30)
    expect(api.maxInFlight).toBe(10)
  })

  it('has no more under way than it was told', async () => {
    api.replies = [counts(20)]
    await createClient({ concurrency: 2 }).jobVisitors(jobIds(800))
    expect(api.maxInFlight).toBe(2)
  })

  it('takes an address with a path', async () => {
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

describe('a call that ends early', () => {
  it('asks for nothing more once a request has failed', async () => {
    api.replies = [failure(403, 'job_access_denied'), counts(50)]
    await expect(createClient().jobVisitors(jobIds(5_000))).rejects.toMatchObject({
      code: 'job_access_denied',
    })
    await sleep(100)
    expect(api.requests.length).toBeLessThanOrEqual(10)
  })

  it('is aborted by its signal, while it waits for an answer', async () => {
    api.replies = [silence]
    const controller = new AbortController()
    const call = createClient().jobVisitors(jobIds(3_000), { signal: controller.signal })
    const reason = new Error('no longer needed')
    setTimeout(() => controller.abort(reason), 100)
    await expect(call).rejects.toMatchObject({ code: 'aborted', cause: reason })
    await sleep(50)
    expect(api.requests).toHaveLength(10)
    expect(api.abandoned).toBe(10)
  })

  it('is aborted by its signal, while it waits to try again', async () => {
    api.replies = [failure(429, 'rate_limited', { 'Retry-After': '20' })]
    const start = performance.now()
    const call = createClient().jobVisitors([jobId(1)], { signal: AbortSignal.timeout(100) })
    await expect(call).rejects.toMatchObject({ code: 'aborted' })
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  it('ends at its deadline also while it waits for a place', async () => {
    api.replies = [silence]
    const client = createClient({ concurrency: 1 })
    const first = client.jobVisitors([jobId(1)], { deadlineMs: 1_000 })
    await expect(client.jobVisitors([jobId(2)], { deadlineMs: 100 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    })
    await expect(first).rejects.toMatchObject({ code: 'deadline_exceeded' })
    expect(api.requests).toHaveLength(1)
  })

  it('makes no request for a signal that has fired', async () => {
    const call = createClient().jobVisitors([jobId(1)], { signal: AbortSignal.abort() })
    await expect(call).rejects.toMatchObject({ code: 'aborted' })
    expect(api.requests).toHaveLength(0)
  })
})

describe('jobs', () => {
  const page = (ids: number[], next_cursor: string | null) =>
    json(200, { data: ids.map((id) => ({ id: jobId(id) })), meta: { pagination: { next_cursor } } })

  it('goes through all pages by their cursors', async () => {
    api.replies = [page([1, 2], 'abc'), page([3], null)]
    const seen: string[] = []
    for await (const { id } of createClient().jobs({ status: 'active', q: 'night shift' })) seen.push(id)
    expect(seen).toEqual([jobId(1), jobId(2), jobId(3)])
    expect(api.requests.map(({ url }) => url)).toEqual([
      '/jobs?per_page=100&status=active&q=night+shift',
      '/jobs?per_page=100&status=active&q=night+shift&cursor=abc',
    ])
  })

  it('asks for no page that nobody wants', async () => {
    api.replies = [page([1, 2], 'abc')]
    for await (const { id } of createClient().jobs()) if (id === jobId(1)) break
    expect(api.requests).toHaveLength(1)
  })
})

describe('siteAnalytics', () => {
  it('asks as it is told, a comma within a value kept', async () => {
    const answer = { data: { totals: { visitors: 5 } }, meta: {} }
    api.replies = [json(200, answer)]
    const answered = await createClient().siteAnalytics({
      period: '7d',
      metrics: ['visitors', 'pageviews'],
      groupBy: 'source',
      limit: 5,
      interval: 'day',
      compare: 'previous',
      filters: [
        { dimension: 'country', operator: 'is', values: ['FR', 'DE'] },
        { dimension: 'source', operator: 'is_not', values: ['A, B & C'] },
      ],
    })
    expect(answered).toEqual(answer)
    const search = new URL(api.requests[0]?.url ?? '', api.url).searchParams
    expect(Object.fromEntries(search)).toEqual({
      period: '7d',
      metrics: 'visitors,pageviews',
      group_by: 'source',
      limit: '5',
      interval: 'day',
      compare: 'previous',
      country: 'FR,DE',
      'source!': 'A\\, B & C',
    })
  })
})

describe('the cache', () => {
  it('is off unless asked for', async () => {
    const client = createClient()
    await client.jobVisitors([jobId(1)])
    await client.jobVisitors([jobId(1)])
    expect(api.requests).toHaveLength(2)
  })

  it('answers an equal call again, and no other', async () => {
    const client = createClient({ cache: true })
    await client.jobVisitors([jobId(1), jobId(2)])
    const again = await client.jobVisitors([jobId(1).toUpperCase(), jobId(2)])
    expect(again.get(jobId(1).toUpperCase())).toBe(1)
    expect(api.requests).toHaveLength(1)
    await client.jobVisitors([jobId(1), jobId(2)], { period: '7d' })
    await client.jobVisitors([jobId(1)])
    expect(api.requests).toHaveLength(3)
  })

  it('forgets after as long as it was told', async () => {
    const client = createClient({ cache: { maxAgeMs: 50 } })
    await client.jobVisitors([jobId(1)])
    await sleep(60)
    await client.jobVisitors([jobId(1)])
    expect(api.requests).toHaveLength(2)
  })

  it('lets equal calls under way share one', async () => {
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

  it('does not give one caller a map that another has changed', async () => {
    const client = createClient({ cache: true })
    const first = await client.jobVisitors([jobId(1)])
    first.clear()
    expect((await client.jobVisitors([jobId(1)])).get(jobId(1))).toBe(1)
  })

  it('does not keep a failure', async () => {
    api.replies = [failure(500, 'internal_error'), counts()]
    const client = createClient({ cache: true })
    await expect(client.jobVisitors([jobId(1)])).rejects.toMatchObject({ code: 'internal_error' })
    expect((await client.jobVisitors([jobId(1)])).get(jobId(1))).toBe(1)
  })

  it('goes on for the others when one of them leaves', async () => {
    api.replies = [counts(150)]
    const client = createClient({ cache: true })
    const leaving = client.jobVisitors([jobId(1)], { signal: AbortSignal.timeout(50) })
    const staying = client.jobVisitors([jobId(1)])
    await expect(leaving).rejects.toMatchObject({ code: 'aborted' })
    expect((await staying).get(jobId(1))).toBe(1)
    expect(api.requests).toHaveLength(1)
  })

  it('ends a request that nobody waits for any more, and starts anew for the next', async () => {
    api.replies = [silence, counts()]
    const client = createClient({ cache: true })
    await expect(client.jobVisitors([jobId(1)], { deadlineMs: 50 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    })
    expect((await client.jobVisitors([jobId(1)])).get(jobId(1))).toBe(1)
    expect(api.abandoned).toBe(1)
  })
})
