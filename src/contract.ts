// The wire: what callers may send and what they get back. Everything they read about it is generated from here.

import * as z from 'zod/mini'
import { INTERVALS, PERIODS } from './domain/stats-question.ts'

export const MAX_JOB_IDS = 100

const jobId = z.guid({ error: (issue) => `${quote(issue.input)} is not a UUID.` })

/** What can be counted of a job. */
export const JOB_METRICS = ['visitors', 'pageviews'] as const
export type JobMetric = (typeof JOB_METRICS)[number]

/** Parameters that are read as they stand, each time they are given, because their commas can be escaped. */
export const verbatimParameters = z.registry<{ verbatim: true }>()

/** A choice of one of these words; the error names them. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: (issue) => `${quote(issue.input)} is not one of ${words.join(', ')}.` })
}

/** A whole number from `minimum` to `maximum`. */
export function wholeNumber(minimum: number, maximum: number) {
  const error = (issue: { input?: unknown }) =>
    `${quote(issue.input)} is not a whole number from ${minimum} to ${maximum}.`
  const digits = z.string().check(z.regex(/^\d{1,9}$/, { error }))
  return z.pipe(
    z.pipe(digits, z.transform(Number)),
    z.int().check(z.minimum(minimum, { error }), z.maximum(maximum, { error })),
  )
}

export const period = z._default(oneOf(PERIODS), '30d')

export const interval = z.optional(oneOf(INTERVALS))

/** Parameters of `GET /analytics/jobs`. IDs are kept as the caller wrote them; equal ones are already one. */
export const jobVisitorsQuery = z.object({
  jobIds: z
    .array(jobId, { error: 'Give the IDs of 1 to 100 jobs, comma-separated.' })
    .check(
      z.minLength(1, 'Give the IDs of 1 to 100 jobs, comma-separated.'),
      z.maxLength(MAX_JOB_IDS, 'At most 100 jobs a request; split the list.'),
    ),
  period,
  metrics: z.optional(z.array(oneOf(JOB_METRICS)).check(z.minLength(1, 'Name at least one metric.'))),
  interval,
})
export type JobVisitorsQuery = z.infer<typeof jobVisitorsQuery>

export const count = z.int().check(z.nonnegative())
const countPerJob = z.record(z.string(), count)

/** One point of a job's series; `date` is the first day of its day, week or month. */
const jobPoint = z.object({ date: z.iso.date(), visitors: count, pageviews: z.optional(count) })

/** The answer of `GET /analytics/jobs`: figures per job, keyed by the ID as the caller wrote it. */
export const jobVisitorsAnswer = z.object({
  data: z.object({
    visitors: countPerJob,
    pageviews: z.optional(countPerJob),
    series: z.optional(z.record(z.string(), z.array(jobPoint))),
  }),
  meta: z.object({
    period: z.enum(PERIODS),
    total_jobs: z.int().check(z.minimum(1)),
    interval: z.optional(z.enum(INTERVALS)),
  }),
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
export function quote(input: unknown): string {
  const text = String(input)
  return JSON.stringify(text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text)
}
