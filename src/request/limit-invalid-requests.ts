// Limits a flood of invalid requests from one caller, none of which reaches admission. Takes no hop.

import { ApiError } from '../http/errors.ts'
import type { Services } from '../services.ts'
import type { RequestContext } from './request-context.ts'

/** The error to respond with: the same one, or `rate_limited` if the caller sends too many invalid requests. */
export async function limitInvalidRequests(
  error: Error,
  { caller }: RequestContext,
  { fallbackLimiter }: Services,
): Promise<Error> {
  if (!(error instanceof ApiError) || error.code !== 'invalid_request' || caller === undefined) return error
  if (await fallbackLimiter.allow(`invalid:${caller.limitId}`)) return error
  return new ApiError('rate_limited', { retryAfterSeconds: fallbackLimiter.periodSeconds })
}
