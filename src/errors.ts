// Every error a caller can meet: its code, its status and the sentence for the person who has to fix it.

import type { ParameterProblem } from './answers/parameter-problem.ts'

/** The closed table of errors: code -> HTTP status and message. */
export const ERRORS = {
  invalid_request: { status: 400, message: 'Some parameters are missing or wrong; see details.' },
  missing_api_key: { status: 401, message: 'Send your API key in the x-api-key header.' },
  invalid_api_key: {
    status: 401,
    message: 'This API key is not valid. Check it for typing errors, or ask the platform for a new one.',
  },
  domain_not_verified: {
    status: 403,
    message: 'Your organization has no verified domain yet. Verify it with the platform, then try again.',
  },
  job_access_denied: {
    status: 403,
    message: 'Some of these jobs are not among your organization’s jobs; see job_ids.',
  },
  not_found: {
    status: 404,
    message: 'There is nothing at this address. See the reference for the endpoints.',
  },
  method_not_allowed: {
    status: 405,
    message: 'This address does not take this method; see the Allow header.',
  },
  rate_limited: {
    status: 429,
    message: 'This API key has used up its requests for now. Wait for the seconds in Retry-After.',
  },
  too_many_concurrent_requests: {
    status: 429,
    message: 'This API key has too many requests under way. Wait for one to end, then try again.',
  },
  internal_error: {
    status: 500,
    message: 'Something went wrong on our side. If it persists, tell us the request_id.',
  },
  analytics_unavailable: {
    status: 502,
    message: 'The analytics store gave no usable answer. Try again in a moment.',
  },
  service_unavailable: {
    status: 503,
    message: 'The service cannot check your key right now. Wait for the seconds in Retry-After.',
  },
  analytics_quota_exhausted: {
    status: 503,
    message: 'The analytics store takes no more queries for now. Wait for the seconds in Retry-After.',
  },
  analytics_timeout: { status: 504, message: 'The analytics store took too long. Try again in a moment.' },
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof ERRORS

/** What went wrong with a request, before it is put into words and headers. */
export interface Failure {
  code: ErrorCode
  /** For 429, 502 and 503: seconds after which a retry makes sense. */
  retryAfterSeconds?: number
  /** For 400: the parameters at fault. */
  details?: ParameterProblem[]
  /** For 403 `job_access_denied`: the jobs at fault, as the caller wrote them. */
  jobIds?: string[]
  /** For 405: the methods this address takes. */
  allow?: string[]
}
