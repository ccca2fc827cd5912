// What a deployed API has to do, check by check; each is a request or two and what must be true of the answer.
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { jobVisitorsAnswer } from '../../src/answers/job-visitors.ts'
import { PERIODS } from '../../src/domain/stats-question.ts'
import { type Answer, expectThat, send } from './answer.ts'

/** The API's address without a trailing slash, a key, and a job of the key's organization. */
export interface SmokeTarget {
  url: string
  key: string
  job: string
}

export interface SmokeCheck {
  name: string
  /** Rejects with a line that says what is wrong; it holds no key. */
  run(): Promise<void>
}

const ADMITTED_HEADERS: Record<string, RegExp> = {
  'ratelimit-policy': /^"rate";q=\d+;w=\d+, "concurrency";q=\d+;qu="concurrent-requests"$/,
  ratelimit: /^"rate";r=\d+;t=\d+(, "concurrency";r=\d+)?$/,
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

const failure = z.object({
  code: z.string(),
  message: z.string().check(z.minLength(1)),
  request_id: z.string(),
  docs: z.url(),
  details: z.optional(z.array(z.object({ parameter: z.string(), message: z.string() }))),
  job_ids: z.optional(z.array(z.string())),
})
const errorBody = z.object({ error: failure })

/** In an order in which a later check can trust the earlier ones. */
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
      name: 'answers with the ID as it was written, and with 30d unless another period is named',
      run: async () => expectVisitors(await ask(`?jobIds=${job.toUpperCase()}`), job.toUpperCase(), '30d'),
    },
    { name: 'answers 304 to the ETag of the same figures', run: () => expectNotModified(ask, job) },
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
    { name: 'answers problem details where they are asked for', run: () => expectProblem(ask) },
    {
      name: 'allows GET only',
      run: async () => {
        const answer = await send(`${url}/analytics/jobs`, { method: 'POST', headers: { 'x-api-key': key } })
        expectFailure(answer, 405, 'method_not_allowed', { allow: /\bGET\b/ })
      },
    },
    {
      name: 'knows no other address',
      run: async () => {
        expectFailure(await send(`${url}/${randomUUID()}`), 404, 'not_found')
      },
    },
  ]
}

type Ask = (query: string, headers?: Record<string, string>) => Promise<Answer>

function expectVisitors(answer: Answer, job: string, period: string): void {
  expectStatus(answer, 200)
  const body = jobVisitorsAnswer.safeParse(answer.json())
  if (!body.success) throw new Error(`the body is not as documented: ${z.prettifyError(body.error)}`)
  const { data, meta } = body.data
  expectThat(data.visitors[job] !== undefined, 'the body has no figure for the job')
  expectThat(meta.period === period && meta.total_jobs === 1, `meta is not for one job and ${period}`)
  expectHeaders(answer, FIGURES_HEADERS)
}

async function expectNotModified(ask: Ask, job: string): Promise<void> {
  const first = await ask(`?jobIds=${job}`)
  const answer = await ask(`?jobIds=${job}`, { 'if-none-match': first.headers.get('etag') ?? '' })
  expectStatus(answer, 304)
  expectThat(answer.text === '', 'a 304 has a body')
}

async function expectProblem(ask: Ask): Promise<void> {
  const answer = await ask('', { accept: 'application/problem+json' })
  expectStatus(answer, 400)
  expectHeaders(answer, { 'content-type': /^application\/problem\+json/ })
  const problem = z.object({ type: z.url(), title: z.string(), status: z.literal(400), code: z.string() })
  expectThat(problem.safeParse(answer.json()).success, 'the body is not problem details (RFC 9457)')
}

function expectFailure(answer: Answer, status: number, code: string, headers: Record<string, RegExp> = {}) {
  expectStatus(answer, status)
  const body = errorBody.safeParse(answer.json())
  if (!body.success) throw new Error(`the error is not as documented: ${z.prettifyError(body.error)}`)
  const { error } = body.data
  expectThat(error.code === code, `the code is ${error.code}, not ${code}`)
  expectHeaders(answer, { 'content-type': /^application\/json/, ...headers })
  expectThat(
    error.request_id === answer.headers.get('x-request-id'),
    'request_id is not that of X-Request-Id',
  )
  return error
}

function expectStatus(answer: Answer, status: number): void {
  expectThat(answer.status === status, `status ${answer.status}, not ${status}${answer.failureCode()}`)
  expectHeaders(answer, { 'x-request-id': /\S/ })
}

function expectHeaders(answer: Answer, expected: Record<string, RegExp>): void {
  for (const [name, form] of Object.entries(expected)) {
    const value = answer.headers.get(name)
    expectThat(value !== null, `the header ${name} is missing`)
    expectThat(form.test(value ?? ''), `the header ${name} is not of the documented form: ${value}`)
  }
}
