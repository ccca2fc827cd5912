import { describe, expect, it } from 'vitest'
import { type Answer, createApi, jobsPath, organizations, withKey } from '../support/api.ts'
import { checkAnswer } from '../support/contract-check.ts'

const [organization] = organizations
const path = jobsPath(organization?.jobs.slice(0, 2).map(({ id }) => id) ?? [])
// Other files spend of the same key.
const api = createApi({ RATE_LIMIT_REQUESTS: '100000' })
const good = await api.call(path, withKey(organization?.apiKey ?? ''))

function problemsOf(change: Partial<Answer> = {}, method = 'GET'): string[] {
  const { status, headers, text } = { ...good, ...change }
  return checkAnswer(method, path, { status, headers, body: text })
}

function withHeader(name: string, value: string | undefined): { headers: Headers } {
  const headers = new Headers(good.headers)
  if (value === undefined) headers.delete(name)
  else headers.set(name, value)
  return { headers }
}

describe('the check of answers against openapi.json', () => {
  it('has nothing to say of a good answer', () => {
    expect(good.status).toBe(200)
    expect(problemsOf()).toEqual([])
  })

  it.each([
    ['a status that is not described', { status: 418 }],
    ['a status that belongs to another answer', { status: 401 }],
    ['405 for a method that the address takes', { status: 405 }],
    ['a missing header', withHeader('X-Request-Id', undefined)],
    ['a header of the wrong form', withHeader('RateLimit', '57')],
    ['a header that is not described', withHeader('X-Powered-By', 'us')],
    ['another content type', withHeader('Content-Type', 'text/html')],
    ['a body that is cut', { text: good.text.slice(0, -1) }],
    ['no body', { text: '' }],
    ['a count that is no number', { text: good.text.replace(/:\d+/, ':"1"') }],
    ['a negative count', { text: good.text.replace(/:\d+/, ':-1') }],
    ['a field too many', { text: good.text.replace('"meta":{', '"meta":{"more":1,') }],
    ['a field too few', { text: good.text.replace('"period":"30d",', '') }],
  ])('finds %s', (_, change) => {
    expect(problemsOf(change)).not.toEqual([])
  })

  it('finds a body in the answer to HEAD', () => {
    expect(problemsOf({}, 'HEAD')).not.toEqual([])
    expect(problemsOf({ text: '' }, 'HEAD')).toEqual([])
  })

  it('finds an address that is not described', () => {
    const { status, headers, text } = good
    expect(checkAnswer('GET', '/analytics/job', { status, headers, body: text })).not.toEqual([])
  })
})
