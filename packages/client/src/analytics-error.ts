// The one error that the client throws.

import type { ApiErrorCode, ParameterProblem } from './wire-types.ts'

/**
 * What went wrong: one of the API's codes, or one of the client's own. `invalid_argument`: a call or the constructor got
 * an argument of the wrong kind, and no request was sent. `network_error`: no response arrived, or only a part of one.
 * `unexpected_response`: the response is not this API's. `deadline_exceeded`: the call took longer than it may.
 * `aborted`: the caller's signal ended the call.
 */
export type AnalyticsErrorCode =
  | ApiErrorCode
  | 'invalid_argument'
  | 'network_error'
  | 'unexpected_response'
  | 'deadline_exceeded'
  | 'aborted'

/** Everything an error holds besides its message. */
export interface AnalyticsErrorDetails {
  code: AnalyticsErrorCode
  /** HTTP status of the last response. Absent if no response arrived. */
  status?: number | undefined
  /** ID of the request. Quote it when you contact the platform. */
  requestId?: string | undefined
  /** Seconds after which the API accepts the request again. */
  retryAfterSeconds?: number | undefined
  /** Address of a page about this error. */
  docs?: string | undefined
  /** With `invalid_request`: the parameters that are wrong. */
  details?: ParameterProblem[] | undefined
  /** With `job_access_denied`: the jobs that you may not read. */
  jobIds?: string[] | undefined
  /** With `invalid_argument`: the argument that is wrong, such as `jobIds` or `options.signal`. */
  argument?: string | undefined
  cause?: unknown
}

/** Every error of the client. Tell errors apart by `code`. */
export class AnalyticsError extends Error {
  override readonly name = 'AnalyticsError'
  readonly code: AnalyticsErrorCode
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly docs: string | undefined
  readonly details: ParameterProblem[] | undefined
  readonly jobIds: string[] | undefined
  readonly argument: string | undefined

  constructor(message: string, details: AnalyticsErrorDetails) {
    super(message, { cause: details.cause })
    this.code = details.code
    this.status = details.status
    this.requestId = details.requestId
    this.retryAfterSeconds = details.retryAfterSeconds
    this.docs = details.docs
    this.details = details.details
    this.jobIds = details.jobIds
    this.argument = details.argument
  }
}
