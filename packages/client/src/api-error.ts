// Turns the API's error responses into `AnalyticsError`s.

import { AnalyticsError } from './analytics-error.ts'
import type { ApiErrorCode, ParameterProblem } from './wire-types.ts'

interface ErrorBody {
  code: ApiErrorCode
  message: string
  request_id: string
  docs: string
  details?: ParameterProblem[]
  job_ids?: string[]
}

/** The error for a response of status 400 or more. `body` is its parsed JSON, or undefined if it is not JSON. */
export function apiError({ status, headers }: Response, body: unknown): AnalyticsError {
  const about = {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: retryAfterSeconds(headers),
  }
  if (!isErrorResponse(body)) {
    const message = `The response with status ${status} does not come from the API. Check baseUrl.`
    return new AnalyticsError(message, { ...about, code: 'unexpected_response' })
  }
  const { code, message, docs, details, job_ids: jobIds } = body.error
  return new AnalyticsError(message, { ...about, code, docs, details, jobIds })
}

/** `Retry-After` (RFC 9110, 10.2.3) in seconds, also if it is a date. Undefined if it is missing or malformed. */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  if (/^\d+$/.test(value)) return Number(value)
  const seconds = Math.ceil((Date.parse(value) - Date.now()) / 1_000)
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}

function isErrorResponse(body: unknown): body is { error: ErrorBody } {
  if (!isObject(body) || !isObject(body['error'])) return false
  const { code, message } = body['error']
  return typeof code === 'string' && typeof message === 'string'
}

/** The error for a response of status 200 whose JSON does not have the requested shape. */
export function unexpectedResponse(): AnalyticsError {
  const message =
    'The response does not have the expected shape. Check baseUrl and the version of this client.'
  return new AnalyticsError(message, { code: 'unexpected_response', status: 200 })
}

/** Whether a value is an object, so that its properties can be read. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
