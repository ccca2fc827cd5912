// The parameters of GET /analytics/site.

import * as z from 'zod/mini'
import { DIMENSIONS, type Dimension, INTERVALS } from '../../analytics/analytics-store.ts'
import { METRICS } from '../../analytics/figures.ts'
import { list, oneOf, quote, verbatim, wholeNumber } from '../../http/query-parameters.ts'
import { formatParameter } from '../../http/response-format.ts'
import { windowParameters } from '../window-parameters.ts'

/** The most groups in one response. */
export const MAX_GROUPS = 1_000
/** The largest offset of the first group. */
export const MAX_OFFSET = 1_000_000
/** The most characters of one filter. */
export const MAX_FILTER_LENGTH = 2_000
const MAX_REPEATS = 20

const filterText = z
  .string()
  .check(
    z.minLength(1, 'Give at least one value.'),
    z.maxLength(MAX_FILTER_LENGTH, `Give at most ${MAX_FILTER_LENGTH} characters.`),
  )

/** `<dimension>=` keeps what matches, `<dimension>!=` drops it. In a query string the latter's name ends in `!`. */
const filters = Object.fromEntries(
  DIMENSIONS.flatMap((dimension) => [
    [dimension, filter()],
    [`${dimension}!`, filter()],
  ]),
) as Record<Dimension | `${Dimension}!`, ReturnType<typeof filter>>

function filter() {
  return z.optional(verbatim(filterText, MAX_REPEATS))
}

/** Every dimension is a filter as well. */
export const siteAnalyticsParameters = z.strictObject({
  ...windowParameters,
  metrics: z._default(
    list(oneOf(METRICS), {
      most: METRICS.length,
      none: 'Give at least one metric.',
      tooMany: `Give at most ${METRICS.length} metrics.`,
    }),
    ['visitors'],
  ),
  group_by: z.optional(oneOf(DIMENSIONS)),
  interval: z.optional(oneOf(INTERVALS)),
  limit: z.optional(wholeNumber(1, MAX_GROUPS)),
  offset: z.optional(wholeNumber(0, MAX_OFFSET)),
  compare: z.optional(
    z.literal('previous', { error: (issue) => `${quote(issue.input)} must be \`previous\`.` }),
  ),
  ...formatParameter,
  ...filters,
})
/** The parsed parameters. */
export type SiteAnalyticsQuery = z.infer<typeof siteAnalyticsParameters>
