// The check that every response in the tests conforms to openapi.json.

import { describe, expect, it } from 'vitest'
import { checkResponse } from '../../scripts/openapi/contract-check.ts'
import { type ApiResponse, createApi, jobsPath, organizations, withKey } from '../support/api.ts'

const [organization] = organizations
const path = jobsPath(organization?.jobs.slice(0, 2).map(({ id }) => id) ?? [])
// Other files spend of the same key.
const api = createApi({ RATE_LIMIT_REQUESTS: '100000' })
const good = await api.call(path, withKey(organization?.apiKey ?? ''))
const wrongPath = `${path}&period=1y`
const bad = await api.call(wrongPath, withKey(organization?.apiKey ?? ''))
const problem = await api.call(
  wrongPath,
  withKey(organization?.apiKey ?? '', { Accept: 'application/problem+json' }),
)

function problemsOf(change: Partial<ApiResponse> = {}, method = 'GET'): string[] {
  const { status, headers, text } = { ...good, ...change }
  return checkResponse(method, path, { status, headers, body: text })
}

function withHeader(name: string, value: string | undefined): { headers: Headers } {
  const headers = new Headers(good.headers)
  if (value === undefined) headers.delete(name)
  else headers.set(name, value)
  return { headers }
}

describe('contract check', () => {
  it('accepts a response that conforms to openapi.json', () => {
    expect(good.status).toBe(200)
    expect(problemsOf()).toEqual([])
  })

  it.each([
    ['a status that is not described', { status: 418 }],
    ['a status of another response', { status: 401 }],
    ['405 for a method that the path supports', { status: 405 }],
    ['a missing header', withHeader('X-Request-Id', undefined)],
    ['a header with an invalid value', withHeader('RateLimit', '57')],
    ['a Cache-Control that belongs to other responses', withHeader('Cache-Control', 'no-store')],
    ['a header that is not described', withHeader('X-Powered-By', 'us')],
    ['another content type', withHeader('Content-Type', 'text/html')],
    ['an incomplete body', { text: good.text.slice(0, -1) }],
    ['no body', { text: '' }],
    ['a count that is not a number', { text: good.text.replace(/:\d+/, ':"1"') }],
    ['a negative count', { text: good.text.replace(/:\d+/, ':-1') }],
    ['an additional field', { text: good.text.replace('"meta":{', '"meta":{"more":1,') }],
    ['a missing field', { text: good.text.replace(/,"total_jobs":\d+/, '') }],
    ['a period that does not exist', { text: good.text.replace('"30d"', '"31d"') }],
  ])('reports %s', (_, change) => {
    expect(problemsOf(change)).not.toEqual([])
  })

  it('reports a body in the response to HEAD', () => {
    expect(problemsOf({}, 'HEAD')).not.toEqual([])
    expect(problemsOf({ text: '' }, 'HEAD')).toEqual([])
  })

  it('reports a path that is not described', () => {
    const { status, headers, text } = good
    expect(checkResponse('GET', '/analytics/job', { status, headers, body: text })).not.toEqual([])
  })
})

describe('contract check of errors', () => {
  it.each(['application/json', 'application/problem+json'])('%s: accepts a 400 of the API', (type) => {
    expect(errorProblems(type, (text) => text)).toEqual([])
  })

  it.each([
    ['the code of another status', (text: string) => text.replaceAll('invalid_request', 'rate_limited')],
    ['an unknown code', (text: string) => text.replaceAll('invalid_request', 'bad_request')],
    ['no details', (text: string) => text.replace(/,"details":\[.*?\]/, '')],
    ['a field of another error', (text: string) => text.replace('"details":', '"job_ids":[],"details":')],
    ['an additional field', (text: string) => text.replace('"details":', '"hint":"","details":')],
  ])('reports a 400 with %s, in both forms', (_, change) => {
    for (const type of ['application/json', 'application/problem+json']) {
      expect(errorProblems(type, change), type).not.toEqual([])
    }
  })

  function errorProblems(type: string, change: (text: string) => string): string[] {
    const { status, headers, text } = type === 'application/json' ? bad : problem
    expect(headers.get('content-type')).toBe(type)
    return checkResponse('GET', path, { status, headers, body: change(text) })
  }
})
