// The client against an API that fails: what it repeats, when it gives up, and what its errors hold.

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  AnalyticsClient,
  AnalyticsError,
  type JobVisitorsOptions,
} from '../../../packages/client/src/index.ts'
import {
  counts,
  cutBody,
  endlessBody,
  failure,
  hangUp,
  html,
  jobId,
  json,
  type Reply,
  silence,
  startScriptedApi,
} from './scripted-api.ts'

const KEY = 'jak_notarealkey'
/** Reads one job from a server with these replies. Returns the result or the error, the number of requests and the time. */
async function readOneJob(
  replies: Reply[],
  options: JobVisitorsOptions = {},
): Promise<{ result: unknown; requests: number; ms: number }> {
  const api = await startScriptedApi()
  api.replies = replies
  const client = new AnalyticsClient({ baseUrl: api.url, apiKey: KEY })
  const start = performance.now()
  const result = await client.jobVisitors([jobId(7)], options).then(
    (visitors) => visitors.get(jobId(7)),
    (error: unknown) => error,
  )
  const ms = performance.now() - start
  await api.close()
  return { result, requests: api.requests.length, ms }
}

describe.concurrent('client and an API that recovers', () => {
  it.each([
    ['a 429', failure(429, 'rate_limited', { 'Retry-After': '1' })],
    [
      'a 429 with a date',
      failure(429, 'rate_limited', { 'Retry-After': new Date(Date.now() + 900).toUTCString() }),
    ],
    ['a 503', failure(503, 'service_unavailable', { 'Retry-After': '1' })],
    ['a 502', failure(502, 'analytics_unavailable')],
    ['a 504 of a proxy', html(504)],
    ['a cut body', cutBody],
    ['no response', hangUp],
  ])('%s: repeats the request and returns the result', async (_, reply) => {
    expect(await readOneJob([reply, counts()])).toMatchObject({ result: 7, requests: 2 })
  })

  it('`Retry-After: 2`: waits at least 2 s', async () => {
    const { ms } = await readOneJob([failure(429, 'rate_limited', { 'Retry-After': '2' }), counts()])
    expect(ms).toBeGreaterThan(1_990)
  })

  it('five 429 in a row: repeats the request until it is admitted', async () => {
    const limited = failure(429, 'too_many_concurrent_requests', { 'Retry-After': '0' })
    expect(await readOneJob([limited, limited, limited, limited, limited, counts()])).toMatchObject({
      result: 7,
    })
  })
})

describe.concurrent('client and an API that keeps failing', () => {
  it.each([
    ['429', failure(429, 'rate_limited', { 'Retry-After': '0' }), 11, 'rate_limited', 429],
    ['503', failure(503, 'service_unavailable', { 'Retry-After': '0' }), 4, 'service_unavailable', 503],
    ['502 of a proxy', html(502), 4, 'unexpected_response', 502],
    ['500', failure(500, 'internal_error'), 1, 'internal_error', 500],
    ['401', failure(401, 'invalid_api_key'), 1, 'invalid_api_key', 401],
    ['404 of another server', html(404), 1, 'unexpected_response', 404],
    ['HTML', html(200), 1, 'unexpected_response', 200],
    ['JSON of another API', json(200, { ok: true }), 1, 'unexpected_response', 200],
    ['a count too few', json(200, { data: { visitors: {} } }), 1, 'unexpected_response', 200],
    [
      'a count that is none',
      json(200, { data: { visitors: { [jobId(7)]: -1 } } }),
      1,
      'unexpected_response',
      200,
    ],
    ['cut bodies', cutBody, 4, 'network_error', undefined],
    ['hanging up', hangUp, 4, 'network_error', undefined],
  ])('%s: gives up with the right code', async (_, reply, requests, code, status) => {
    expect(await readOneJob([reply])).toMatchObject({
      result: { name: 'AnalyticsError', code, status },
      requests,
    })
  })

  it('no server at the address: gives up with `network_error`', async () => {
    const api = await startScriptedApi()
    await api.close()
    const client = new AnalyticsClient({ baseUrl: api.url, apiKey: KEY })
    await expect(client.jobVisitors([jobId(7)])).rejects.toMatchObject({ code: 'network_error' })
  })

  it('a wait that would end after the deadline: rejects at once', async () => {
    const { result, requests, ms } = await readOneJob([
      failure(429, 'rate_limited', { 'Retry-After': '3600' }),
    ])
    expect(result).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 3600 })
    expect(requests).toBe(1)
    expect(ms).toBeLessThan(5_000)
  })

  it.each([
    ['silence', silence],
    ['an endless body', endlessBody],
    ['hanging up', hangUp],
  ])('%s: ends at the deadline', async (_, reply) => {
    const { result, ms } = await readOneJob([reply], { deadlineMs: 400 })
    expect(result).toBeInstanceOf(AnalyticsError)
    expect(ms).toBeLessThan(5_000)
  })

  it('the deadline passes: rejects with `deadline_exceeded`', async () => {
    const { result } = await readOneJob([silence], { deadlineMs: 200 })
    expect(result).toMatchObject({ code: 'deadline_exceeded' })
  })

  it('a redirect: is not followed, so the key stays with the API', async () => {
    const elsewhere = await startScriptedApi()
    const redirect = json(302, {}, { Location: `${elsewhere.url}/analytics/jobs` })
    const { result } = await readOneJob([redirect])
    expect(result).toMatchObject({ code: 'unexpected_response', status: 302 })
    expect(elsewhere.requests).toHaveLength(0)
    await elsewhere.close()
  })
})

describe.concurrent('client error', () => {
  it("an error response: has the API's code, message, details and job IDs", async () => {
    const extras = { job_ids: [jobId(7)] }
    const denied = await readOneJob([failure(403, 'job_access_denied', {}, extras)])
    expect(denied.result).toMatchObject({
      code: 'job_access_denied',
      message: 'What to do about job_access_denied.',
      status: 403,
      requestId: 'abc',
      docs: '/docs#job_access_denied',
      jobIds: [jobId(7)],
    })
    const details = [{ parameter: 'period', message: 'Wrong.' }]
    const invalid = await readOneJob([failure(400, 'invalid_request', {}, { details })])
    expect(invalid.result).toMatchObject({ details })
  })

  it.each([
    ['429', failure(429, 'rate_limited', { 'Retry-After': '3600' })],
    ['HTML', html(200)],
    ['hanging up', hangUp],
  ])('%s: does not contain the key', async (_, reply) => {
    const { result } = await readOneJob([reply])
    expect(inspect(result, { depth: 20, showHidden: true })).not.toContain(KEY)
  })

  it.each(['', 'jak with spaces', 'jak_\n', 'jak_é'])(
    'constructor with the key %j: throws and names the option, not the value',
    (apiKey) => {
      expect(() => new AnalyticsClient({ baseUrl: 'http://localhost', apiKey })).toThrow(
        /^`options\.apiKey` is (missing|not an API key)\. Pass [A-Za-z ]+\.$/,
      )
    },
  )

  it.each(['', 'analytics.example.com', 'ftp://analytics.example.com'])(
    'constructor with the base URL %j: throws and names the option',
    (baseUrl) => {
      expect(() => new AnalyticsClient({ baseUrl, apiKey: KEY })).toThrow('baseUrl')
    },
  )

  it.each([0, 11, 1.5])('constructor with concurrency %j: throws and says what is allowed', (concurrency) => {
    expect(() => new AnalyticsClient({ baseUrl: 'http://localhost', apiKey: KEY, concurrency })).toThrow(
      '1 to 10',
    )
  })
})
