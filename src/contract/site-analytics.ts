// What callers may ask of GET /analytics/site: the whole board's figures, broken down, filtered and compared.

import * as z from 'zod/mini'
import { interval, oneOf, period, quote, verbatimParameters, wholeNumber } from '../contract.ts'
import { DIMENSIONS, type Dimension, METRICS } from '../domain/stats-question.ts'

export const MAX_GROUPS = 1_000
export const MAX_FILTER_LENGTH = 2_000

/** A filter as often as it is given; commas separate values, and `\,` `\*` `\\` stand for the characters themselves. */
function filter() {
  const value = z
    .string()
    .check(
      z.minLength(1, 'Give at least one value.'),
      z.maxLength(MAX_FILTER_LENGTH, `At most ${MAX_FILTER_LENGTH} characters.`),
    )
  const list = z.optional(z.array(value).check(z.maxLength(20, 'Give this filter at most 20 times.')))
  verbatimParameters.add(list, { verbatim: true })
  return list
}

/** `<dimension>=` keeps, `<dimension>!=` leaves out; in the query string the name of the latter ends in `!`. */
const filters = Object.fromEntries(
  DIMENSIONS.flatMap((dimension) => [
    [dimension, filter()],
    [`${dimension}!`, filter()],
  ]),
) as Record<Dimension | `${Dimension}!`, ReturnType<typeof filter>>

/** Parameters of `GET /analytics/site`. A `page` that is a number turns the pages of `group_by`. */
export const siteAnalyticsQuery = z.strictObject({
  period,
  metrics: z._default(z.array(oneOf(METRICS)).check(z.minLength(1, 'Name at least one metric.')), [
    'visitors',
  ]),
  group_by: z.optional(oneOf(DIMENSIONS)),
  interval,
  limit: z.optional(wholeNumber(1, MAX_GROUPS)),
  compare: z.optional(
    z.literal('previous', { error: (issue) => `${quote(issue.input)} is no comparison; previous is.` }),
  ),
  ...filters,
})
export type SiteAnalyticsQuery = z.infer<typeof siteAnalyticsQuery>
