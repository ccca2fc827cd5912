// What GET /analytics/jobs answers.

import * as z from 'zod/mini'
import { INTERVALS, PERIODS } from '../domain/stats-question.ts'

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
