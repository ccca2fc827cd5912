// The body of every error on the wire, in its two forms.

import * as z from 'zod/mini'
import { ERRORS, type ErrorCode } from '../errors.ts'
import { parameterProblem } from './parameter-problem.ts'

const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])

const extras = {
  /** With `invalid_request`: each parameter at fault. */
  details: z.optional(z.array(parameterProblem)),
  /** With `job_access_denied`: the jobs at fault, as the caller wrote them. */
  job_ids: z.optional(z.array(z.string())),
}

/** An error: `message` is for the person who has to fix it, `docs` leads to more, `request_id` names the request. */
export const errorAnswer = z.object({
  error: z.object({ code, message: z.string(), request_id: z.string(), docs: z.url(), ...extras }),
})
export type ErrorAnswer = z.infer<typeof errorAnswer>

/** The same as RFC 9457 problem details, for callers whose `Accept` names `application/problem+json`. */
export const problemAnswer = z.object({
  type: z.url(),
  title: z.string(),
  status: z.int(),
  code,
  request_id: z.string(),
  ...extras,
})
export type ProblemAnswer = z.infer<typeof problemAnswer>
