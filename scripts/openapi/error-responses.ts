// The error responses of the reference, built from the error table: one for each status, one example for each code.

import type { oas31 } from 'zod-openapi'
import { REQUEST_PERIODS } from '../../src/endpoints/window-parameters.ts'
import type { ErrorResponse, ProblemResponse } from '../../src/http/error-response.ts'
import { challengeOf, ERRORS, type ErrorCode } from '../../src/http/errors.ts'
import { EVERY_RESPONSE, type HeaderChange, type HeaderName, headersOf, LIMITS, NO_STORE } from './headers.ts'

const EXAMPLE_ORIGIN = 'https://analytics.example.com'
const EXAMPLE_REQUEST_ID = '5fQ2kD0xV9aZr-_T'

/** The fields that only some errors have, with an example. */
const EXTRAS: { [Code in ErrorCode]?: Pick<ErrorResponse['error'], 'details' | 'job_ids'> } = {
  invalid_request: {
    details: [{ parameter: 'period', message: `"1y" must be one of ${REQUEST_PERIODS.join(', ')}.` }],
  },
  job_access_denied: { job_ids: ['3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42'] },
}

const REASONS: Record<number, string> = {
  400: 'A parameter is missing, invalid, or unknown.',
  401: 'The API key, the session, or the token is missing or invalid.',
  403: 'The caller is known but has no access.',
  404: 'There is nothing at this address.',
  405: 'The path does not support the method.',
  409: 'The state of the API keys does not allow the change.',
  429: 'The API key has reached one of its limits.',
  500: 'A bug in the API.',
  502: 'The analytics store did not return a usable response.',
  503: 'A required service is unavailable.',
  504: 'The analytics store took too long.',
}

/** Seconds to wait, as an example for each code that has `Retry-After`. */
const RETRY_AFTER: { [Code in ErrorCode]?: number } = {
  rate_limited: 12,
  too_many_concurrent_requests: 1,
  analytics_unavailable: 1,
  service_unavailable: 2,
  analytics_quota_exhausted: 1_260,
  analytics_timeout: 1,
}

/** Examples of the limits when none is left, for each code. */
const SPENT_LIMITS: { [Name in HeaderName]?: { [Code in ErrorCode]?: string | number } } = {
  RateLimit: {
    rate_limited: '"rate";r=0;t=12',
    too_many_concurrent_requests: '"rate";r=57;t=12, "concurrency";r=0',
  },
  'X-RateLimit-Remaining': { rate_limited: 0, too_many_concurrent_requests: 57 },
}

/** Errors that are only thrown after the store was queried, or kept from being queried. */
const TIMED: { [Code in ErrorCode]?: string } = {
  analytics_unavailable: 'redis;dur=4, postgres;dur=9, store;dur=812, total;dur=822',
  analytics_quota_exhausted: 'redis;dur=4, postgres;dur=9, total;dur=10',
  analytics_timeout: 'redis;dur=4, postgres;dur=9, store;dur=6000, total;dur=6010',
}

/** References to the responses for these codes, by status. `bodiless` ones are for HEAD. */
export function errorReferences(
  codes: readonly ErrorCode[],
  { bodiless = false } = {},
): Record<string, oas31.ReferenceObject> {
  return Object.fromEntries(
    byStatus(codes).map(([status, some]) => [
      status,
      { $ref: `#/components/responses/${nameOf(some)}${bodiless ? 'Head' : ''}` },
    ]),
  )
}

/** The responses that `errorReferences` refers to, by name; `bodiless` includes those for HEAD. */
export function errorComponents(
  codes: readonly ErrorCode[],
  { bodiless: includesBodiless = false } = {},
): Record<string, oas31.ResponseObject> {
  return Object.fromEntries(
    byStatus(codes).flatMap(([, some]) => {
      const { content, ...bodiless } = errorResponseOf(some)
      return [
        [nameOf(some), { ...bodiless, ...(content && { content }) }],
        ...(includesBodiless ? [[`${nameOf(some)}Head`, bodiless]] : []),
      ]
    }),
  )
}

function byStatus(codes: readonly ErrorCode[]): [status: string, codes: ErrorCode[]][] {
  const groups = Object.groupBy(codes, (code) => String(ERRORS[code].status))
  return Object.entries(groups).map(([status, some = []]) => [status, some])
}

/** `rate_limited` and `internal_error` give RateLimitedOrInternalError. */
function nameOf(codes: readonly ErrorCode[]): string {
  const pascal = (code: string) => code.replaceAll(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())
  return codes.map(pascal).join('Or')
}

/** The one response for codes that share a status. */
export function errorResponseOf(codes: readonly ErrorCode[]): oas31.ResponseObject {
  const status = ERRORS[codes[0] ?? 'internal_error'].status
  const names = codes.map((code) => `\`${code}\``).join(', ')
  return {
    description: `${REASONS[status] ?? 'An error.'} ${names}`,
    headers: headersOf(headerNamesOf(status, codes), headerChanges(codes)),
    content: {
      'application/json': {
        schema: { type: 'object', properties: { error: narrowed('Error', codes) }, required: ['error'] },
        examples: examplesOf(codes, errorExample),
      },
      'application/problem+json': {
        schema: narrowed('ProblemDetails', codes, { status: { type: 'integer', enum: [status] } }),
        examples: examplesOf(codes, problemExample),
      },
    },
  }
}

function headerNamesOf(status: number, codes: readonly ErrorCode[]): HeaderName[] {
  const headers = [...EVERY_RESPONSE]
  if (status === 401) headers.push('WWW-Authenticate')
  if (status === 405) headers.push('Allow')
  // Some 400s depend on what is only known after admission, such as the site's time zone.
  if ([400, 403, 409].includes(status) || status >= 429 || codes.includes('key_not_found'))
    headers.push(...LIMITS)
  if (status === 500 || codes.some((code) => TIMED[code])) headers.push('Server-Timing')
  if (codes.some((code) => RETRY_AFTER[code])) headers.push('Retry-After')
  return headers
}

function headerChanges(codes: readonly ErrorCode[]): Partial<Record<HeaderName, HeaderChange>> {
  const changes: Partial<Record<HeaderName, HeaderChange>> = {
    'Cache-Control': NO_STORE,
    Vary: { example: 'Accept' },
  }
  const add = (name: HeaderName, values: { [Code in ErrorCode]?: string | number } | undefined) => {
    const examples: Record<string, string | number> = {}
    for (const code of codes) {
      const value = values?.[code]
      if (value !== undefined) examples[code] = value
    }
    if (Object.keys(examples).length > 0) changes[name] = { examples }
  }
  add('Retry-After', RETRY_AFTER)
  if (ERRORS[codes[0] ?? 'internal_error'].status === 401) {
    add('WWW-Authenticate', Object.fromEntries(codes.map((code) => [code, challengeOf(code)])))
  }
  add('RateLimit', SPENT_LIMITS.RateLimit)
  add('X-RateLimit-Remaining', SPENT_LIMITS['X-RateLimit-Remaining'])
  add('Server-Timing', TIMED)
  return changes
}

/** The named schema, narrowed to these codes. Fields that only one code has are required if it is the only one. */
function narrowed(
  name: 'Error' | 'ProblemDetails',
  codes: readonly ErrorCode[],
  fields: Record<string, oas31.SchemaObject> = {},
): oas31.SchemaObject {
  const hasDetails = codes.every((code) => EXTRAS[code]?.details)
  const details: oas31.SchemaObject = {
    type: 'array',
    items: { $ref: '#/components/schemas/ParameterProblem' },
  }
  const narrowing: oas31.SchemaObject = {
    type: 'object',
    properties: { code: { type: 'string', enum: [...codes] }, ...fields, ...(hasDetails && { details }) },
    ...(hasDetails && { required: ['details'] }),
  }
  return { allOf: [{ $ref: `#/components/schemas/${name}` }, narrowing] }
}

function examplesOf(codes: readonly ErrorCode[], example: (code: ErrorCode) => unknown) {
  return Object.fromEntries(
    codes.map((code) => [code, { summary: ERRORS[code].message, value: example(code) }]),
  )
}

/** The body of an error with this code. */
export function errorExample(code: ErrorCode): ErrorResponse {
  const docs = `${EXAMPLE_ORIGIN}/docs/errors#${code}`
  return {
    error: { code, message: messageOf(code), request_id: EXAMPLE_REQUEST_ID, docs, ...EXTRAS[code] },
  }
}

/** The same body as RFC 9457 problem details. */
export function problemExample(code: ErrorCode): ProblemResponse {
  const { status } = ERRORS[code]
  const type = `${EXAMPLE_ORIGIN}/docs/errors#${code}`
  return { type, title: messageOf(code), status, code, request_id: EXAMPLE_REQUEST_ID, ...EXTRAS[code] }
}

/** A 400 names its first parameter, as the API does. */
function messageOf(code: ErrorCode): string {
  const [first] = EXTRAS[code]?.details ?? []
  return first ? `\`${first.parameter}\`: ${first.message}` : ERRORS[code].message
}
