// What a deployed API must do, check by check: each is a request or two and what must be true of the response.
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { PERIODS } from '../../src/analytics/windows.ts'
import { jobVisitorsResponse } from '../../src/endpoints/job-visitors/response.ts'
import { errorResponse } from '../../src/http/error-response.ts'
import { HEADERS } from '../openapi/headers.ts'
import { expectThat, type SmokeResponse, send } from './response.ts'

/** The address of the API without a trailing slash, a key, and a job of the organization that owns the key. */
export interface SmokeTarget {
  url: string
  key: string
  job: string
}

/** One check and its name. */
export interface SmokeCheck {
  name: string
  /** Rejects with a line that says what is wrong and contains no key, or with UnreachableError. */
  run(): Promise<void>
}

const ADMITTED_HEADERS: Record<string, RegExp> = {
  'ratelimit-policy': new RegExp(HEADERS['RateLimit-Policy'].schema.pattern),
  ratelimit: new RegExp(HEADERS.RateLimit.schema.pattern),
  'x-ratelimit-limit': /^\d+$/,
  'x-ratelimit-remaining': /^\d+$/,
  'x-ratelimit-reset': /^\d{10}$/,
}
const FIGURES_HEADERS: Record<string, RegExp> = {
  ...ADMITTED_HEADERS,
  'content-type': /^application\/json/,
  'cache-control': /^private, max-age=\d+$/,
  age: /^\d+$/,
  etag: /^(W\/)?".+"$/,
  'cache-status': /\S/,
  'server-timing': /\S/,
}

/** Returns the checks in an order in which a later one can rely on those before it. */
export function smokeChecks({ url, key, job }: SmokeTarget): SmokeCheck[] {
  const ask = (query: string, headers: Record<string, string> = {}) =>
    send(`${url}/analytics/jobs${query}`, { headers: { 'x-api-key': key, ...headers } })
  const forged = `jak_${'0'.repeat(42)}`
  return [
    ...PERIODS.map((period) => ({
      name: `counts the visitors of a job over ${period}`,
      run: async () => expectVisitors(await ask(`?jobIds=${job}&period=${period}`), job, period),
    })),
    {
      name: 'returns the ID as it was written, and 30d when no period is named',
      run: async () => expectVisitors(await ask(`?jobIds=${job.toUpperCase()}`), job.toUpperCase(), '30d'),
    },
    { name: 'returns 304 for the ETag of the same figures', run: () => expectNotModified(ask, job) },
    {
      name: "refuses a job that is not the organization's",
      run: async () => {
        const stranger = randomUUID()
        const error = expectFailure(
          await ask(`?jobIds=${stranger}`),
          403,
          'job_access_denied',
          ADMITTED_HEADERS,
        )
        expectThat(error.job_ids?.join() === stranger, 'the error does not name the job in job_ids')
      },
    },
    {
      name: 'refuses a request without a key',
      run: async () => {
        expectFailure(await send(`${url}/analytics/jobs?jobIds=${job}`), 401, 'missing_api_key')
      },
    },
    {
      name: 'refuses a forged key',
      run: async () => {
        expectFailure(await ask(`?jobIds=${job}`, { 'x-api-key': forged }), 401, 'invalid_api_key')
      },
    },
    ...['?period=30d', '?jobIds=one', `?jobIds=${job}&period=1d`].map((query) => ({
      name: `refuses ${query.replace(job, '<job>')}`,
      run: async () => {
        const { details } = expectFailure(await ask(query), 400, 'invalid_request')
        expectThat(
          details !== undefined && details.length > 0,
          'the error does not say which parameter is wrong',
        )
      },
    })),
    { name: 'returns problem details to a caller that accepts them', run: () => expectProblem(ask) },
    {
      name: 'allows GET only',
      run: async () => {
        const response = await send(`${url}/analytics/jobs`, {
          method: 'POST',
          headers: { 'x-api-key': key },
        })
        expectFailure(response, 405, 'method_not_allowed', { allow: /\bGET\b/ })
      },
    },
    {
      name: 'returns 404 for an unknown address',
      run: async () => {
        expectFailure(await send(`${url}/${randomUUID()}`), 404, 'not_found')
      },
    },
  ]
}

type Ask = (query: string, headers?: Record<string, string>) => Promise<SmokeResponse>

function expectVisitors(response: SmokeResponse, job: string, period: string): void {
  expectStatus(response, 200)
  const body = jobVisitorsResponse.safeParse(response.json())
  if (!body.success) throw new Error(`the body is not as documented: ${z.prettifyError(body.error)}`)
  const { data, meta } = body.data
  expectThat(data.visitors[job] !== undefined, 'the body has no figure for the job')
  expectThat(meta.period === period && meta.total_jobs === 1, `meta is not for one job and ${period}`)
  expectHeaders(response, FIGURES_HEADERS)
}

async function expectNotModified(ask: Ask, job: string): Promise<void> {
  const first = await ask(`?jobIds=${job}`)
  const response = await ask(`?jobIds=${job}`, { 'if-none-match': first.headers.get('etag') ?? '' })
  expectStatus(response, 304)
  expectThat(response.text === '', 'a 304 has a body')
}

async function expectProblem(ask: Ask): Promise<void> {
  const response = await ask('', { accept: 'application/problem+json' })
  expectStatus(response, 400)
  expectHeaders(response, { 'content-type': /^application\/problem\+json/ })
  const problem = z.object({ type: z.url(), title: z.string(), status: z.literal(400), code: z.string() })
  expectThat(problem.safeParse(response.json()).success, 'the body is not problem details (RFC 9457)')
}

function expectFailure(
  response: SmokeResponse,
  status: number,
  code: string,
  headers: Record<string, RegExp> = {},
) {
  expectStatus(response, status)
  const body = errorResponse.safeParse(response.json())
  if (!body.success) throw new Error(`the error is not as documented: ${z.prettifyError(body.error)}`)
  const { error } = body.data
  expectThat(error.message !== '', 'the error has no message')
  expectThat(error.code === code, `the code is ${error.code}, not ${code}`)
  expectHeaders(response, { 'content-type': /^application\/json/, ...headers })
  expectThat(
    error.request_id === response.headers.get('x-request-id'),
    'request_id is not that of X-Request-Id',
  )
  return error
}

function expectStatus(response: SmokeResponse, status: number): void {
  expectThat(response.status === status, `status ${response.status}, not ${status}${response.failureCode()}`)
  expectHeaders(response, { 'x-request-id': /\S/ })
}

function expectHeaders(response: SmokeResponse, expected: Record<string, RegExp>): void {
  for (const [name, form] of Object.entries(expected)) {
    const value = response.headers.get(name)
    expectThat(value !== null, `the header ${name} is missing`)
    expectThat(form.test(value ?? ''), `the header ${name} is not of the documented form: ${value}`)
  }
}
