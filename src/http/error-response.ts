// The body of every error on the wire, in its two forms.

import * as z from 'zod/mini'
import { ERRORS, type ErrorCode } from './errors.ts'

const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])

/** One invalid parameter. */
export const parameterProblem = z.object({ parameter: z.string(), message: z.string() })

const extras = {
  /** With `invalid_request`: each invalid parameter. */
  details: z.optional(z.array(parameterProblem)),
  /** With `job_access_denied`: the jobs, as the caller wrote them. */
  job_ids: z.optional(z.array(z.string())),
}

/** An error: `message` for the person who has to fix it, `docs` a link to more, `request_id` the request's ID. */
export const errorResponse = z.object({
  error: z.object({ code, message: z.string(), request_id: z.string(), docs: z.url(), ...extras }),
})
/** The body of an error. */
export type ErrorResponse = z.infer<typeof errorResponse>

/** The same as RFC 9457 problem details, for callers whose `Accept` prefers `application/problem+json`. */
export const problemResponse = z.object({
  type: z.url(),
  title: z.string(),
  status: z.int(),
  code,
  request_id: z.string(),
  ...extras,
})
/** The body of an error as problem details. */
export type ProblemResponse = z.infer<typeof problemResponse>
