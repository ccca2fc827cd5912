// Turns outcomes into HTTP: the one place where a failure becomes a status, a body and headers.

import type { Context } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { fingerprintOf } from '../domain/fingerprint.ts'
import { ERRORS, type Failure } from '../errors.ts'

const JSON_TYPE = 'application/json'
const PROBLEM_JSON = 'application/problem+json'

/** Keep a browser from making more of an answer than data; pages have their own in `site/_headers`. */
const SECURITY_HEADERS = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000',
}

/** Headers of an answer, by their names. */
type HeaderFields = Record<string, string>

/** Every answer of the Worker: all of its headers are put together here, at once; of equal names the last one counts. */
export function answer(
  c: Context<AppEnv>,
  status: number,
  body: string | null,
  ...headers: HeaderFields[]
): Response {
  const common = { 'X-Request-Id': c.get('trace').requestId }
  return new Response(body, { status, headers: Object.assign(common, SECURITY_HEADERS, ...headers) })
}

/** The answer for a failure, as `{"error": …}` or, when the caller's `Accept` names it, as RFC 9457 problem details. */
export function answerFailure(c: Context<AppEnv>, failure: Failure, headers: HeaderFields = {}): Response {
  const { status, message } = ERRORS[failure.code]
  c.get('trace').note({ code: failure.code })
  const docs = `${new URL(c.req.url).origin}/docs/errors#${failure.code}`
  const extras = {
    ...(failure.details && { details: failure.details }),
    ...(failure.jobIds && { job_ids: failure.jobIds }),
  }
  const common = { code: failure.code, request_id: c.get('trace').requestId }
  const own = { ...headersOf(failure), Vary: 'Accept', 'Cache-Control': 'no-store' }
  if (!c.req.header('accept')?.includes(PROBLEM_JSON)) {
    const body = JSON.stringify({ error: { ...common, message, docs, ...extras } })
    return answer(c, status, body, headers, own, { 'Content-Type': JSON_TYPE })
  }
  const problem = { type: docs, title: message, status, ...common, ...extras }
  return answer(c, status, JSON.stringify(problem), headers, own, { 'Content-Type': PROBLEM_JSON })
}

function headersOf(failure: Failure): HeaderFields {
  const headers: HeaderFields = {}
  if (failure.retryAfterSeconds !== undefined) headers['Retry-After'] = String(failure.retryAfterSeconds)
  if (failure.allow) headers['Allow'] = failure.allow.join(', ')
  // RFC 9110 wants a challenge with every 401; there is no registered scheme for a key in a header of its own.
  if (ERRORS[failure.code].status === 401) headers['WWW-Authenticate'] = 'ApiKey header="x-api-key"'
  return headers
}

/** A 200 with a JSON body, or the 304 that `If-None-Match` allows (RFC 9110, 13.1.2). */
export function answerJson(c: Context<AppEnv>, body: unknown, ...headers: HeaderFields[]): Response {
  const text = JSON.stringify(body)
  const own = { ETag: `"${fingerprintOf(text)}"`, Vary: 'x-api-key' }
  if (namesEtag(c.req.header('if-none-match'), own.ETag)) return answer(c, 304, null, ...headers, own)
  return answer(c, 200, text, ...headers, own, { 'Content-Type': JSON_TYPE })
}

function namesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((entry) => ['*', etag].includes(entry.trim().replace(/^W\//, '')))
}
