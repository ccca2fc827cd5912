// The parameters of GET /jobs.

import * as z from 'zod/mini'
import { JOB_SORTS, JOB_STATUSES } from '../../directory/directory.ts'
import { list, oneOf, wholeNumber } from '../../http/query-parameters.ts'
import { formatParameter } from '../../http/response-format.ts'
import { windowParameters } from '../window-parameters.ts'

/** The orders of the list: those of the directory, and those by what the analytics store counted. */
export const LIST_SORTS = [...JOB_SORTS, '-visitors', '-applications'] as const
/** The order of the list. */
export type ListSort = (typeof LIST_SORTS)[number]
/** The figures that a list can include. */
export const LIST_METRICS = ['visitors', 'applications'] as const
/** A figure that a list can include. */
export type ListMetric = (typeof LIST_METRICS)[number]

/** The most jobs on one page. */
export const MAX_PER_PAGE = 100
/** The most jobs that page numbers reach. The cost of a page grows with its number; with a cursor it stays the same. */
export const MAX_NUMBERED_ITEMS = 10_000
/** The most matches of a search that are counted. */
export const MAX_COUNTED_MATCHES = 1_000
/** What is wrong with a cursor that the API did not issue. */
export const INVALID_CURSOR = 'Use a cursor from `meta.pagination.next_cursor` without changes.'

const searchWords = z.string().check(
  z.minLength(1, 'Give at least one word of the title.'),
  z.maxLength(200, 'Give at most 200 characters.'),
  // Postgres texts cannot contain NUL, and no title contains another control character.
  z.refine((text) => !/\p{Cc}/u.test(text), 'Must not contain control characters.'),
)

// Checked separately, because many engines, such as RE2, do not compile a pattern with 2,000 repetitions.
const cursorText = z
  .string()
  .check(
    z.maxLength(2_000, { error: INVALID_CURSOR, abort: true }),
    z.regex(/^[\w-]+$/, { error: INVALID_CURSOR }),
  )

/** `cursor` continues a list in the order in which it began. */
export const jobListParameters = z.strictObject({
  status: z.optional(oneOf(JOB_STATUSES)),
  q: z.optional(searchWords),
  sort: z._default(oneOf(LIST_SORTS), '-created_at'),
  page: z.optional(wholeNumber(1, MAX_NUMBERED_ITEMS)),
  per_page: z._default(wholeNumber(1, MAX_PER_PAGE), 20),
  cursor: z.optional(cursorText),
  include: z.optional(
    list(oneOf(LIST_METRICS), {
      most: LIST_METRICS.length,
      none: 'Give at least one figure.',
      tooMany: `Give at most ${LIST_METRICS.length} figures.`,
    }),
  ),
  ...windowParameters,
  ...formatParameter,
})
/** The parsed parameters. */
export type JobListQuery = z.infer<typeof jobListParameters>
