// The response of GET /analytics/site. Only the reference and tests use the schema; the Worker uses its type.

import * as z from 'zod/mini'
import { DIMENSIONS, INTERVALS } from '../../analytics/analytics-store.ts'
import { METRICS } from '../../analytics/figures.ts'
import { REQUEST_PERIODS } from '../window-parameters.ts'

const figure = z.number().check(z.nonnegative())
const figures = z.partial(
  z.object({
    visitors: figure,
    pageviews: figure,
    visits: figure,
    bounce_rate: figure,
    visit_duration: figure,
    views_per_visit: figure,
    applications: figure,
    application_rate: figure,
  }),
)
const change = z.nullable(z.number())

/** Rates are percent, durations seconds; days are in the site's time zone. */
export const siteAnalyticsResponse = z.object({
  data: z.object({
    totals: figures,
    previous: z.optional(
      z.object({
        totals: figures,
        /** In percent; null if the period before has nothing. */
        change: z.record(z.string(), change),
        from: z.iso.date(),
        to: z.iso.date(),
      }),
    ),
    groups: z.optional(
      z.array(
        z.extend(figures, {
          value: z.string(),
          /** With `group_by=job`: the job. */
          id: z.optional(z.guid()),
          title: z.optional(z.string()),
          url: z.optional(z.string()),
        }),
      ),
    ),
    series: z.optional(z.array(z.extend(figures, { date: z.iso.date() }))),
  }),
  meta: z.object({
    /** Absent if `from` and `to` were given. */
    period: z.optional(z.enum(REQUEST_PERIODS)),
    from: z.iso.date(),
    to: z.iso.date(),
    time_zone: z.string(),
    /** The offset at the end of the last day. */
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
        offset: z.int().check(z.nonnegative()),
        limit: z.int(),
        total: z.int().check(z.nonnegative()),
        /** There may be more groups with fewer visitors: the site has very many pages or other groups. */
        total_capped: z.optional(z.literal(true)),
        has_more: z.boolean(),
      }),
    ),
  }),
})
/** The body of a 200. */
export type SiteAnalyticsResponse = z.infer<typeof siteAnalyticsResponse>
