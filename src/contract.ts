// The wire: what callers may send and what they get back. Everything they read about it is generated from here.

import * as z from 'zod/mini'

/** Periods as the analytics store names them; `7d` and `30d` end yesterday, `6mo` and `12mo` with the last full month. */
export const PERIODS = ['7d', '30d', '6mo', '12mo'] as const
export type Period = (typeof PERIODS)[number]

export const MAX_JOB_IDS = 100

const jobId = z.guid({ error: (issue) => `${quote(issue.input)} is not a UUID.` })

const period = z._default(
  z.enum(PERIODS, { error: (issue) => `${quote(issue.input)} is not one of ${PERIODS.join(', ')}.` }),
  '30d',
)

/** Parameters of `GET /analytics/jobs`. IDs are kept as the caller wrote them; equal ones are already one. */
export const jobVisitorsQuery = z.object({
  jobIds: z
    .array(jobId, { error: 'Give the IDs of 1 to 100 jobs, comma-separated.' })
    .check(
      z.minLength(1, 'Give the IDs of 1 to 100 jobs, comma-separated.'),
      z.maxLength(MAX_JOB_IDS, 'At most 100 jobs a request; split the list.'),
    ),
  period,
})
export type JobVisitorsQuery = z.infer<typeof jobVisitorsQuery>

/** The answer of `GET /analytics/jobs`: visitors per job, keyed by the ID as the caller wrote it. */
export const jobVisitorsAnswer = z.object({
  data: z.object({ visitors: z.record(z.string(), z.int().check(z.nonnegative())) }),
  meta: z.object({ period: z.enum(PERIODS), total_jobs: z.int().check(z.minimum(1)) }),
})
export type JobVisitorsAnswer = z.infer<typeof jobVisitorsAnswer>

/** One wrong parameter, in the `details` of a 400. */
export const parameterProblem = z.object({ parameter: z.string(), message: z.string() })
export type ParameterProblem = z.infer<typeof parameterProblem>

/** The answer of `GET /health`. */
export const healthAnswer = z.object({ status: z.literal('ok'), release: z.string() })
export type HealthAnswer = z.infer<typeof healthAnswer>

const storeState = z.enum(['ok', 'unreachable'])

/** The answer of `GET /ready`. */
export const readyAnswer = z.object({
  status: z.enum(['ready', 'not_ready']),
  stores: z.object({ database: storeState, redis: storeState, analytics: storeState }),
})
export type ReadyAnswer = z.infer<typeof readyAnswer>

const MAX_QUOTED_LENGTH = 40

/** What the caller sent, short enough to read in a message. */
function quote(input: unknown): string {
  const text = String(input)
  return JSON.stringify(text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text)
}
