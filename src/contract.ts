// The wire: what callers may send; what they get back is in answers/. Everything they read about both is generated.

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

const MAX_QUOTED_LENGTH = 40

/** What the caller sent, short enough to read in a message. */
export function quote(input: unknown): string {
  const text = String(input)
  return JSON.stringify(text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text)
}
