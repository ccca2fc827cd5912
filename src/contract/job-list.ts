// What callers may ask of GET /jobs: an organization's jobs, a page at a time.

import * as z from 'zod/mini'
import { oneOf, quote, wholeNumber } from '../contract.ts'
import { JOB_SORTS, JOB_STATUSES } from '../domain/job-selection.ts'
import { PERIODS } from '../domain/stats-question.ts'

export const MAX_PER_PAGE = 100
/** Beyond this many jobs a page by its number would cost more and more; a cursor costs the same everywhere. */
export const MAX_NUMBERED_ITEMS = 10_000
/** The most matches of a search that are counted. */
export const MAX_COUNTED_MATCHES = 1_000

const searchWords = z.string().check(
  z.minLength(1, 'Give at least one word of the title.'),
  z.maxLength(200, 'At most 200 characters.'),
  // Postgres has no NUL in a text, and no title has any of the others.
  z.regex(/^\P{Cc}*$/u, 'Control characters are in no title.'),
)

/** Parameters of `GET /jobs`. */
export const jobListQuery = z.strictObject({
  status: z.optional(oneOf(JOB_STATUSES)),
  q: z.optional(searchWords),
  sort: z._default(oneOf(JOB_SORTS), '-created_at'),
  page: z.optional(wholeNumber(1, MAX_NUMBERED_ITEMS)),
  per_page: z._default(wholeNumber(1, MAX_PER_PAGE), 20),
  cursor: z.optional(
    z.string().check(z.regex(/^[\w-]{1,2000}$/, 'Take a cursor from meta.pagination.next_cursor, as it is.')),
  ),
  include: z.optional(
    z.literal('visitors', { error: (issue) => `${quote(issue.input)} cannot be included; visitors can.` }),
  ),
  period: z.optional(oneOf(PERIODS)),
})
export type JobListQuery = z.infer<typeof jobListQuery>
