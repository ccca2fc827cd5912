// Every error that a caller can get: its code, its status, and a sentence for the person who has to fix it.

/** The closed table of errors: code -> HTTP status and message. */
export const ERRORS = {
  invalid_request: {
    status: 400,
    message: 'The request is invalid. Fix the parameters in `details`, then try again.',
  },
  missing_api_key: { status: 401, message: 'The API key is missing. Send it in the `x-api-key` header.' },
  invalid_api_key: {
    status: 401,
    message: 'The API key is invalid. Check it for typos, or ask the platform for a new one.',
  },
  invalid_session: {
    status: 401,
    message: 'Your session has ended. Open the console from your job board again.',
  },
  invalid_token: {
    status: 401,
    message: 'The token is invalid, has expired, or was used before. Sign a new token for each request.',
  },
  key_not_allowed: {
    status: 403,
    message: 'An API key cannot manage API keys. Sign in to the console, or send a token of your platform.',
  },
  origin_not_allowed: {
    status: 403,
    message: 'The request does not come from a page of the console. Make changes on its own pages.',
  },
  role_required: {
    status: 403,
    message: 'Your role may not change API keys. Ask your job board for the role `admin`.',
  },
  domain_not_verified: {
    status: 403,
    message:
      'Your organization has no verified domain. Verify your domain with the platform, then try again.',
  },
  job_access_denied: {
    status: 403,
    message: 'Your organization has no access to the jobs in `job_ids`. Remove them, then try again.',
  },
  not_found: {
    status: 404,
    message: 'There is no such endpoint. Check the path against the API reference.',
  },
  key_not_found: {
    status: 404,
    message: 'Your organization has no such API key. Check the ID against the list of keys.',
  },
  method_not_allowed: {
    status: 405,
    message: 'This endpoint does not support the method. Use one from the `Allow` header.',
  },
  too_many_keys: {
    status: 409,
    message: 'Your organization has reached its limit of active API keys. Revoke one, then try again.',
  },
  key_not_active: {
    status: 409,
    message: 'This API key has a successor, is revoked, or has expired. Create a new key instead.',
  },
  rate_limited: {
    status: 429,
    message: 'This API key has used all requests of its rate limit. Wait for the seconds in `Retry-After`.',
  },
  too_many_concurrent_requests: {
    status: 429,
    message: 'This API key has too many requests in progress. Wait for one to finish, then try again.',
  },
  internal_error: {
    status: 500,
    message: 'Something went wrong on our side. If it happens again, send us the `request_id`.',
  },
  analytics_unavailable: {
    status: 502,
    message: 'The analytics store is unavailable. Try again in a moment.',
  },
  service_unavailable: {
    status: 503,
    message: 'A required service is unavailable. Wait for the seconds in `Retry-After`, then try again.',
  },
  analytics_quota_exhausted: {
    status: 503,
    message:
      'The quota of the analytics store is used up. Wait for the seconds in `Retry-After`, then try again.',
  },
  analytics_timeout: {
    status: 504,
    message: 'The analytics store took too long to respond. Try again in a moment.',
  },
} as const satisfies Record<string, { status: number; message: string }>

/** The code of an error. */
export type ErrorCode = keyof typeof ERRORS

/** The challenge that RFC 9110 requires with a 401. No scheme is registered for a key in a header of its own. */
export function challengeOf(code: ErrorCode): string {
  return code.endsWith('api_key') ? 'ApiKey header="x-api-key"' : 'Bearer'
}

/** One invalid parameter, in the `details` of a 400. */
export interface ParameterProblem {
  parameter: string
  message: string
}

/** What an error says besides its code. */
export interface ErrorFields {
  /** For 429, 502, 503 and 504: seconds after which a retry makes sense. */
  retryAfterSeconds?: number
  /** For 400: the invalid parameters. */
  details?: readonly ParameterProblem[]
  /** For 403 `job_access_denied`: the jobs, as the caller wrote them. */
  jobIds?: readonly string[]
  /** For 405: the methods of the endpoint. */
  allow?: readonly string[]
}

/** An expected failure of a request. Steps throw it; `app.onError` turns it into the response. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly code: ErrorCode
  readonly fields: ErrorFields

  constructor(code: ErrorCode, fields: ErrorFields = {}) {
    super(code)
    this.code = code
    this.fields = fields
  }
}

/** Throws the 400 for these problems, if there are any. */
export function rejectProblems(problems: readonly ParameterProblem[]): void {
  if (problems.length > 0) throw new ApiError('invalid_request', { details: problems })
}
