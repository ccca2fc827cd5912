// The wire of GET /analytics/site: the whole board's figures, broken down, filtered and compared.

import * as z from 'zod/mini'
import { interval, oneOf, period, quote, verbatimParameters, wholeNumber } from '../contract.ts'
import { DIMENSIONS, type Dimension, INTERVALS, METRICS, PERIODS } from '../domain/stats-question.ts'

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

const figure = z.number().check(z.nonnegative())
const figures = z.partial(
  z.object({
    visitors: figure,
    pageviews: figure,
    visits: figure,
    bounce_rate: figure,
    visit_duration: figure,
    views_per_visit: figure,
  }),
)
const change = z.nullable(z.number())

/** The answer of `GET /analytics/site`. Rates are percent, durations seconds; days are the site's own. */
export const siteAnalyticsAnswer = z.object({
  data: z.object({
    totals: figures,
    previous: z.optional(
      z.object({
        totals: figures,
        /** In percent; null where there was nothing before. */
        change: z.record(z.string(), change),
        from: z.iso.date(),
        to: z.iso.date(),
      }),
    ),
    groups: z.optional(z.array(z.extend(figures, { value: z.string() }))),
    series: z.optional(z.array(z.extend(figures, { date: z.iso.date() }))),
  }),
  meta: z.object({
    period: z.enum(PERIODS),
    from: z.iso.date(),
    to: z.iso.date(),
    time_zone_offset: z.string().check(z.regex(/^[+-]\d\d:\d\d$/)),
    metrics: z.array(z.enum(METRICS)),
    group_by: z.optional(z.enum(DIMENSIONS)),
    interval: z.optional(z.enum(INTERVALS)),
    filters: z.array(
      z.object({
        dimension: z.enum(DIMENSIONS),
        operator: z.enum(['is', 'is_not']),
        values: z.array(z.string()),
      }),
    ),
    groups: z.optional(
      z.object({
        page: z.int(),
        limit: z.int(),
        total: z.int().check(z.nonnegative()),
        has_more: z.boolean(),
      }),
    ),
  }),
})
export type SiteAnalyticsAnswer = z.infer<typeof siteAnalyticsAnswer>
