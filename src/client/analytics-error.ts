// The one error that the client throws.

import type { ApiErrorCode, ParameterProblem } from './wire-types.ts'

/**
 * What went wrong: a code of the API's, or one of the client's own. `network_error`: no answer came, or only a part;
 * `unexpected_answer`: it was not this API's; `deadline_exceeded`: it took longer than `deadlineMs`; `aborted`: by the caller's signal.
 */
export type AnalyticsErrorCode =
  | ApiErrorCode
  | 'network_error'
  | 'unexpected_answer'
  | 'deadline_exceeded'
  | 'aborted'

/** What is known of an error beside its message. */
export interface AnalyticsErrorDetails {
  code: AnalyticsErrorCode
  /** HTTP status of the last answer; absent where none came. */
  status?: number | undefined
  /** Names the request to the platform's people. */
  requestId?: string | undefined
  /** When the API would take the request again. */
  retryAfterSeconds?: number | undefined
  /** Page about this error. */
  docs?: string | undefined
  /** With `invalid_request`: the parameters at fault. */
  details?: ParameterProblem[] | undefined
  /** With `job_access_denied`: the jobs at fault. */
  jobIds?: string[] | undefined
  cause?: unknown
}

/** Every rejection of the client; tell them apart by `code`. */
export class AnalyticsError extends Error {
  override readonly name = 'AnalyticsError'
  readonly code: AnalyticsErrorCode
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly docs: string | undefined
  readonly details: ParameterProblem[] | undefined
  readonly jobIds: string[] | undefined

  constructor(message: string, details: AnalyticsErrorDetails) {
    super(message, { cause: details.cause })
    this.code = details.code
    this.status = details.status
    this.requestId = details.requestId
    this.retryAfterSeconds = details.retryAfterSeconds
    this.docs = details.docs
    this.details = details.details
    this.jobIds = details.jobIds
  }
}
