// Turns results and errors into HTTP responses.

import { accepts } from 'hono/accepts'
import type { Assets } from '../config.ts'
import { type Table, toCsv } from '../http/csv.ts'
import { digestOf } from '../http/digest.ts'
import type { ErrorResponse, ProblemResponse } from '../http/error-response.ts'
import { ApiError, challengeOf, ERRORS, type ErrorCode, type ErrorFields } from '../http/errors.ts'
import type { Format } from '../http/response-format.ts'
import { PAGE_POLICY, SECURITY_HEADERS } from '../http/security-headers.ts'
import type { AppContext } from './app-env.ts'
import type { RequestContext } from './request-context.ts'

const JSON_TYPE = 'application/json'
const CSV_TYPE = 'text/csv'
const PROBLEM_JSON = 'application/problem+json'
const HTML_TYPE = 'text/html'

/** A response with these headers and those that belong to every response. */
export function respond(
  request: RequestContext,
  status: number,
  body: string | null,
  headers: Record<string, string>,
): Response {
  const all = {
    'X-Request-Id': request.id,
    ...SECURITY_HEADERS,
    ...request.responseHeaders,
    ...headers,
  }
  return new Response(body, { status, headers: all })
}

/** A response that is not cached. */
export function respondStatus(request: RequestContext, status: number, body: unknown): Response {
  const headers = { 'Content-Type': JSON_TYPE, 'Cache-Control': 'no-store' }
  return respond(request, status, JSON.stringify(body), headers)
}

/** The format of the response: the parameter decides, and without it the `Accept` header. */
export function formatOf(c: AppContext, { format }: { format?: Format | undefined }): Format {
  if (format !== undefined) return format
  const supports = [JSON_TYPE, CSV_TYPE]
  return accepts(c, { header: 'Accept', supports, default: JSON_TYPE }) === CSV_TYPE ? 'csv' : 'json'
}

/** The 200 with this body, or with the table of it as a file of this name; or the 304 that `If-None-Match` allows. */
export function respondAs<Body>(
  c: AppContext,
  format: Format,
  body: Body,
  { toTable, fileName }: { toTable: (body: Body) => Table; fileName: string },
): Promise<Response> {
  if (format === 'json') return respondText(c, JSON.stringify(body), { 'Content-Type': JSON_TYPE })
  return respondText(c, toCsv(toTable(body)), {
    'Content-Type': `${CSV_TYPE}; charset=utf-8; header=present`,
    'Content-Disposition': `attachment; filename="${fileName}"`,
  })
}

/** A 200 with this text and these headers about it, or the 304 that `If-None-Match` allows (RFC 9110, 13.1.2). */
async function respondText(
  c: AppContext,
  text: string,
  aboutText: Record<string, string>,
): Promise<Response> {
  const request = c.get('request')
  // Weak: the same figures may be sent in several content codings (RFC 9110, 8.8.3).
  const etag = `W/"${await digestOf(text)}"`
  const vary =
    request.caller && 'person' in request.caller ? 'Cookie, x-api-key, Accept' : 'x-api-key, Accept'
  const headers = { ETag: etag, Vary: vary, 'Server-Timing': request.serverTiming() }
  if (matchesEtag(c.req.header('if-none-match'), etag)) return respond(request, 304, null, headers)
  return respond(request, 200, text, { ...headers, ...aboutText })
}

/** Weak comparison (RFC 9110, 8.8.3.2). */
function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  const opaque = (text: string) => text.trim().replace(/^W\//, '')
  return (ifNoneMatch ?? '').split(',').some((entry) => ['*', opaque(etag)].includes(opaque(entry)))
}

/**
 * The response for anything that a step threw: `{"error": …}`, or RFC 9457 problem details if `Accept` prefers them. An
 * unexpected error is a 500 whose message says nothing about it.
 */
export function respondError(c: AppContext, error: Error): Response {
  const request = c.get('request')
  const isExpected = error instanceof ApiError
  const code = isExpected ? error.code : 'internal_error'
  const fields = isExpected ? error.fields : {}
  if (!isExpected) request.log({ error: error.name, stack: framesOf(error) })
  request.log({ code })
  request.errorCode = code

  const { status } = ERRORS[code]
  const message = messageOf(code, fields)
  const docs = `${request.origin}/docs/errors#${code}`
  const { details, jobIds } = fields
  const extras = { ...(details && { details: [...details] }), ...(jobIds && { job_ids: [...jobIds] }) }
  const common = { code, request_id: request.id }
  const headers = { ...headersOf(code, fields), Vary: 'Accept', 'Cache-Control': 'no-store' }
  const supports = [JSON_TYPE, PROBLEM_JSON]
  if (accepts(c, { header: 'Accept', supports, default: JSON_TYPE }) === JSON_TYPE) {
    const body: ErrorResponse = { error: { ...common, message, docs, ...extras } }
    return respond(request, status, JSON.stringify(body), { ...headers, 'Content-Type': JSON_TYPE })
  }
  const problem: ProblemResponse = { type: docs, title: message, status, ...common, ...extras }
  return respond(request, status, JSON.stringify(problem), { ...headers, 'Content-Type': PROBLEM_JSON })
}

/** The response at a path without an endpoint: a page if `Accept` prefers HTML. Throws `ApiError` `not_found` for programs. */
export async function respondNotFound(c: AppContext, assets: Assets | undefined): Promise<Response> {
  const supports = [JSON_TYPE, PROBLEM_JSON, HTML_TYPE]
  const wantsPage = accepts(c, { header: 'Accept', supports, default: JSON_TYPE }) === HTML_TYPE
  const page = wantsPage ? await assets?.fetch(new URL('/not-found', c.req.url)) : undefined
  if (!page?.ok) throw new ApiError('not_found')
  const request = c.get('request')
  request.log({ code: 'not_found' })
  const headers = {
    'Content-Type': `${HTML_TYPE}; charset=utf-8`,
    'Content-Security-Policy': PAGE_POLICY,
    Vary: 'Accept',
    'Cache-Control': 'no-store',
  }
  return respond(request, 404, await page.text(), headers)
}

/** A 400 names its first parameter, for those who see nothing but the message. */
function messageOf(code: keyof typeof ERRORS, { details = [] }: ErrorFields): string {
  const [first, ...others] = details
  if (first === undefined) return ERRORS[code].message
  const more = others.length > 0 ? ` (${others.length} more in \`details\`)` : ''
  return `\`${first.parameter}\`: ${first.message}${more}`
}

function headersOf(code: ErrorCode, { retryAfterSeconds, allow }: ErrorFields): Record<string, string> {
  return {
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    ...(allow && { Allow: allow.join(', ') }),
    ...(ERRORS[code].status === 401 && { 'WWW-Authenticate': challengeOf(code) }),
  }
}

/** Where it happened, without the message, which may hold a value. */
function framesOf(error: Error): string | undefined {
  return error.stack
    ?.split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .join('\n')
}
