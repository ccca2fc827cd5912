// What GET /analytics/site answers.

import * as z from 'zod/mini'
import { DIMENSIONS, INTERVALS, METRICS, PERIODS } from '../domain/stats-question.ts'

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
