// The response of GET /analytics/jobs. Only the reference and tests use the schema; the Worker uses its type.

import * as z from 'zod/mini'
import { INTERVALS } from '../../analytics/analytics-store.ts'
import { REQUEST_PERIODS } from '../window-parameters.ts'

/** A number of visitors, jobs or other things. */
export const count = z.int().check(z.nonnegative())
const countPerJob = z.record(z.string(), count)
/** A share in percent, to one decimal. */
const percent = z.number().check(z.nonnegative())

/** One point of a job's series; `date` is the first day of its day, week or month. */
const jobPoint = z.object({
  date: z.iso.date(),
  visitors: count,
  pageviews: z.optional(count),
  applications: z.optional(count),
  application_rate: z.optional(percent),
})

/** Figures per job. Each key is the ID as the caller wrote it. */
export const jobVisitorsResponse = z.object({
  data: z.object({
    visitors: countPerJob,
    pageviews: z.optional(countPerJob),
    applications: z.optional(countPerJob),
    application_rate: z.optional(z.record(z.string(), percent)),
    series: z.optional(z.record(z.string(), z.array(jobPoint))),
  }),
  meta: z.object({
    /** Absent if `from` and `to` were given. */
    period: z.optional(z.enum(REQUEST_PERIODS)),
    /** The days that were counted; present unless only `jobIds` and one of the four periods were given. */
    from: z.optional(z.iso.date()),
    to: z.optional(z.iso.date()),
    time_zone: z.optional(z.string()),
    total_jobs: z.int().check(z.minimum(1)),
    interval: z.optional(z.enum(INTERVALS)),
  }),
})
/** The body of a 200. */
export type JobVisitorsResponse = z.infer<typeof jobVisitorsResponse>
