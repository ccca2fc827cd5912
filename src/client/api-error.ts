// Reads the API's error answers.

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

/** The error that an answer of status 400 or more stands for; `body` is its parsed JSON, if it was that. */
export function apiError({ status, headers }: Response, body: unknown): AnalyticsError {
  const about = {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: retryAfterSeconds(headers),
  }
  if (!isErrorAnswer(body)) {
    const message = `Status ${status} came from something else than the API. Check baseUrl.`
    return new AnalyticsError(message, { ...about, code: 'unexpected_answer' })
  }
  const { code, message, docs, details, job_ids: jobIds } = body.error
  return new AnalyticsError(message, { ...about, code, docs, details, jobIds })
}

/** `Retry-After` (RFC 9110, 10.2.3), given in seconds or as a date; undefined where there is none. */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  if (/^\d+$/.test(value)) return Number(value)
  const seconds = Math.ceil((Date.parse(value) - Date.now()) / 1_000)
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}

function isErrorAnswer(body: unknown): body is { error: ErrorBody } {
  if (!isObject(body) || !isObject(body['error'])) return false
  const { code, message } = body['error']
  return typeof code === 'string' && typeof message === 'string'
}

/** For a 200 that is JSON and not what was asked for. */
export function unexpectedAnswer(): AnalyticsError {
  const message = 'The answer is not what was asked for. Check baseUrl and the version of this client.'
  return new AnalyticsError(message, { code: 'unexpected_answer', status: 200 })
}

/** Whether a value has properties to look at. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
