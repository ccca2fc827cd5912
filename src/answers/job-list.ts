// What GET /jobs answers.

import * as z from 'zod/mini'
import { JOB_STATUSES } from '../domain/job-selection.ts'
import { PERIODS } from '../domain/stats-question.ts'
import { count } from './job-visitors.ts'

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
})

/** The answer of `GET /jobs`. */
export const jobListAnswer = z.object({
  data: z.array(listedJob),
  meta: z.object({
    pagination: z.object({
      current_page: z.int().check(z.minimum(1)),
      per_page: z.int().check(z.minimum(1)),
      /** Exact, but where `total_items_capped` is true: a search counted some and there may be more. */
      total_items: count,
      total_pages: count,
      has_more: z.boolean(),
      total_items_capped: z.optional(z.literal(true)),
      next_cursor: z.nullable(z.string()),
    }),
    period: z.optional(z.enum(PERIODS)),
  }),
})
export type JobListAnswer = z.infer<typeof jobListAnswer>
