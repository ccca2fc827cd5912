// The response of GET /jobs. Only the reference and tests use the schema; the Worker uses its type.

import * as z from 'zod/mini'
import { JOB_STATUSES } from '../../directory/directory.ts'
import { count } from '../job-visitors/response.ts'
import { REQUEST_PERIODS } from '../window-parameters.ts'

/** One job of the list. `url` is null while the organization has no verified domain. */
export const listedJob = z.object({
  id: z.guid(),
  title: z.string(),
  slug: z.string(),
  status: z.enum(JOB_STATUSES),
  url: z.nullable(z.string()),
  created_at: z.iso.datetime(),
  expires_at: z.nullable(z.iso.datetime()),
  visitors: z.optional(count),
  applications: z.optional(count),
})

/** A page of jobs. */
export const jobListResponse = z.object({
  data: z.array(listedJob),
  meta: z.object({
    pagination: z.object({
      current_page: z.int().check(z.minimum(1)),
      per_page: z.int().check(z.minimum(1)),
      /** Exact, unless `total_items_capped` is true: then a search stopped counting, and there may be more. */
      total_items: count,
      total_pages: count,
      has_more: z.boolean(),
      total_items_capped: z.optional(z.literal(true)),
      next_cursor: z.nullable(z.string()),
    }),
    /** With `include`: the days that were counted. `period` is absent if `from` and `to` were given. */
    period: z.optional(z.enum(REQUEST_PERIODS)),
    from: z.optional(z.iso.date()),
    to: z.optional(z.iso.date()),
    time_zone: z.optional(z.string()),
  }),
})
/** The body of a 200. */
export type JobListResponse = z.infer<typeof jobListResponse>
