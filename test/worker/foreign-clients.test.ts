// What HTTP clients, browsers and libraries of others send, and what they read in the responses.

import { describe, expect, it } from 'vitest'
import { createApi, jobsPath, organizations, withKey } from '../support/api.ts'
import { issueKey } from '../support/database.ts'

const [acme] = organizations
if (!acme) throw new Error('The demo has organizations')
const [first = '', second = ''] = acme.jobs.map(({ id }) => id)
const api = createApi({ RATE_LIMIT_REQUESTS: '100000', CORS_ORIGINS: 'https://dashboard.example.com' })
const key = await issueKey(acme.id)
const get = (path: string, headers: Record<string, string> = {}) => api.call(path, withKey(key, headers))

describe('lists of parameters', () => {
  it.each([
    ['axios', `jobIds[]=${first}&jobIds[]=${second}`],
    ['axios, encoded', `jobIds%5B%5D=${first}&jobIds%5B%5D=${second}`],
    ['repeated', `jobIds=${first}&jobIds=${second}`],
    ['both', `jobIds[]=${first}&jobIds=${second}`],
  ])('%s: are those of one list', async (_, search) => {
    const { status, text } = await get(`/analytics/jobs?${search}`)
    expect(status).toBe(200)
    expect(text).toBe((await get(jobsPath([first, second]))).text)
  })
})

describe('the message of a 400', () => {
  it.each([
    [
      `jobids=${first}`,
      /^`jobIds`: .* \(1 more in `details`\)$/,
      'Unknown parameter. Did you mean `jobIds`?',
    ],
    [
      `job_ids=${first}`,
      /^`jobIds`: .* \(1 more in `details`\)$/,
      'Unknown parameter. Did you mean `jobIds`?',
    ],
    [`jobIds=${first}&Period=7d`, /^`Period`: Unknown/, 'Unknown parameter. Did you mean `period`?'],
    [`jobIds=${first}&page[]=1`, /^`page\[\]`: Unknown/, 'Unknown parameter.'],
    [`jobIds=${first}&period=week`, /^`period`: "week" must be one of 7d, /, '"week" must be one of'],
  ])('%s: names the first parameter and what is wrong with it', async (search, message, detail) => {
    const { status, json } = await get(`/analytics/jobs?${search}`)
    const { error } = json as { error: { message: string; details: { message: string }[] } }
    expect(status).toBe(400)
    expect(error.message).toMatch(message)
    expect(error.details.map((one) => one.message)).toContainEqual(expect.stringContaining(detail))
  })
})

describe('Accept (RFC 9110, 12.4.2)', () => {
  it.each([
    ['application/problem+json', 'application/problem+json'],
    ['application/problem+json, */*;q=0.1', 'application/problem+json'],
    ['application/json;q=0.5, application/problem+json', 'application/problem+json'],
    ['application/problem+json;q=0', 'application/json'],
    ['application/problem+json;q=0, */*', 'application/json'],
    ['application/problem+json;q=0.5, application/json', 'application/json'],
    ['text/html', 'application/json'],
    ['', 'application/json'],
  ])('%j: an error is %s', async (accept, type) => {
    const { headers } = await get('/analytics/jobs', { accept })
    expect(headers.get('content-type')).toBe(type)
    expect(headers.get('vary')).toContain('Accept')
  })

  it.each(['text/csv;q=0', 'text/csv;q=0, */*'])('%j: figures are JSON', async (accept) => {
    const { headers } = await get(jobsPath([first]), { accept })
    expect(headers.get('content-type')).toBe('application/json')
  })
})

describe('ETag (RFC 9110, 8.8.3)', () => {
  it('is weak, since a proxy may send the same figures in several content codings', async () => {
    const { headers } = await get(jobsPath([first]), { 'accept-encoding': 'gzip, br' })
    expect(headers.get('etag')).toMatch(/^W\/"[\w-]{20}"$/)
  })
})

describe('a preflight', () => {
  it('allows the headers that tracing libraries add to the requests of a page', async () => {
    const names = ['x-api-key', 'if-none-match', 'traceparent', 'tracestate', 'baggage', 'sentry-trace']
    const { status, headers } = await api.call(jobsPath([first]), {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://dashboard.example.com',
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': names.join(),
      },
    })
    expect(status).toBe(204)
    const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(', ')
    expect(allowed).toEqual(expect.arrayContaining(names))
  })
})
