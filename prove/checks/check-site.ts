// Compares a response of GET /analytics/site with figures counted by hand: totals, groups, series and comparison.

import * as z from 'zod/mini'
import { DIMENSIONS } from '../../src/analytics/analytics-store.ts'
import { bucketOf, bucketsOf, type Days, daysBefore } from '../world/days.ts'
import { figuresOf, visitsOf } from '../world/expected-figures.ts'
import { type Tenant, valueIn, type WorldVisit } from '../world/world.ts'
import { describe, matchingWindows } from './check-figures.ts'

const figures = z.record(z.string(), z.number())
const group = z.looseObject({ value: z.string() })
const point = z.looseObject({ date: z.string() })
const siteAnalytics = z.object({
  data: z.object({
    totals: figures,
    previous: z.optional(z.object({ totals: figures, from: z.string(), to: z.string() })),
    groups: z.optional(z.array(group)),
    series: z.optional(z.array(point)),
  }),
  meta: z.object({
    from: z.string(),
    to: z.string(),
    metrics: z.array(z.string()),
    group_by: z.optional(z.enum(DIMENSIONS)),
    interval: z.optional(z.string()),
    filters: z.array(
      z.object({
        dimension: z.enum(DIMENSIONS),
        operator: z.enum(['is', 'is_not']),
        values: z.array(z.string()),
      }),
    ),
    groups: z.optional(
      z.object({ offset: z.number(), limit: z.number(), total: z.number(), has_more: z.boolean() }),
    ),
  }),
})
type Site = z.infer<typeof siteAnalytics>

/** The differences, a sentence each. */
export function checkSite(tenant: Tenant, body: unknown, windows: readonly Days[]): string[] {
  const { data, meta } = siteAnalytics.parse(body)
  const [days] = matchingWindows(windows, meta)
  if (days === undefined) return [`the response is about ${meta.from}..${meta.to}, not ${describe(windows)}`]
  const visits = visitsOf(tenant, days, meta.filters)
  const compare: Compare = (what, given, expected) =>
    meta.metrics.flatMap((metric) =>
      given[metric] === expected[metric]
        ? []
        : [`${metric} of ${what} is ${given[metric]}, not ${expected[metric]}`],
    )
  const { previous, series } = data
  return [
    ...compare(`the site over ${describe([days])}`, data.totals, figuresOf(visits)),
    ...(previous
      ? checkPrevious(previous, days, compare, visitsOf(tenant, daysBefore(days), meta.filters))
      : []),
    ...(data.groups ? checkGroups(tenant, { data, meta }, visits, compare) : []),
    ...(series ? checkSeries(series, meta.interval ?? '', days, visits, compare) : []),
  ]
}

type Compare = (what: string, given: Record<string, unknown>, expected: Record<string, number>) => string[]

function checkPrevious(
  previous: NonNullable<Site['data']['previous']>,
  days: Days,
  compare: Compare,
  visits: readonly WorldVisit[],
): string[] {
  const before = daysBefore(days)
  const isBefore = previous.from === before.from && previous.to === before.to
  return [
    ...(isBefore ? [] : [`the days before are ${describe([previous])}, not ${describe([before])}`]),
    ...compare('the days before', previous.totals, figuresOf(visits)),
  ]
}

function checkGroups(
  tenant: Tenant,
  { data, meta }: Site,
  visits: readonly WorldVisit[],
  compare: Compare,
): string[] {
  const { group_by: dimension, groups: slice, filters, metrics } = meta
  const rows = data.groups ?? []
  if (dimension === undefined || slice === undefined)
    return ['the response has groups without `meta.group_by`']
  const counted = Map.groupBy(visits, (visit) => valueIn(tenant, visit, dimension))
  // A page of no job belongs to none of the jobs.
  if (dimension === 'job') counted.delete('')
  const isAllJobs =
    dimension === 'job' && !filters.some((one) => one.dimension === 'job' && one.operator === 'is')
  // Groups come in the order of the first metric. Without that metric they are left out, unless all jobs are ranked.
  const isByApplications = /^applica/.test(metrics[0] ?? '') && !isAllJobs
  const present = [...counted].filter(
    ([, own]) => !isByApplications || own.some(({ hasApplied }) => hasApplied),
  )
  const wanted = Math.max(0, Math.min(slice.limit, present.length - slice.offset))
  const values = rows.map(({ value }) => value)
  return [
    ...(rows.length === wanted ? [] : [`there are ${rows.length} groups, not ${wanted}`]),
    ...(rows.length === 0 || slice.total === present.length
      ? []
      : [`groups.total is ${slice.total}, not ${present.length}`]),
    ...(new Set(values).size === values.length ? [] : ['a group is there twice']),
    ...rows.flatMap((row) => {
      const own = counted.get(row.value) ?? []
      const expected = dimension === 'job' ? figuresOfJobRow(tenant, row.value, own) : figuresOf(own)
      return compare(`the group ${JSON.stringify(row.value)}`, row, expected)
    }),
    ...(dimension === 'job' ? [] : orderProblems(rows, metrics, present, slice.offset)),
  ]
}

/** Sums over a job's pages, with the rates of its first page that has visits (docs/operations.md, "Pages of a job"). */
function figuresOfJobRow(tenant: Tenant, id: string, visits: readonly WorldVisit[]): Record<string, number> {
  const paths = tenant.jobs.find((job) => job.id === id)?.paths ?? []
  const mainPage = paths.find((path) => visits.some(({ attributes }) => attributes.page === path))
  const ofMainPage = figuresOf(visits.filter(({ attributes }) => attributes.page === mainPage))
  const { bounce_rate = 0, visit_duration = 0 } = ofMainPage
  return { ...figuresOf(visits), bounce_rate, visit_duration }
}

/** Ties have no order, so only the values of the first metric are compared. */
function orderProblems(
  rows: readonly Record<string, unknown>[],
  [leading = '']: readonly string[],
  present: readonly (readonly [string, readonly WorldVisit[]])[],
  offset: number,
): string[] {
  if (leading === 'application_rate') return []
  const sorted = present.map(([, visits]) => figuresOf(visits)[leading] ?? 0).toSorted((a, b) => b - a)
  const isInOrder = rows.every((row, index) => row[leading] === sorted[offset + index])
  return isInOrder ? [] : [`the groups are not those with the most ${leading} from ${offset} on`]
}

function checkSeries(
  series: readonly Record<string, unknown>[],
  interval: string,
  days: Days,
  visits: readonly WorldVisit[],
  compare: Compare,
): string[] {
  const buckets = bucketsOf(days, interval)
  const dates = series.map(({ date }) => date)
  if (dates.join() !== buckets.join())
    return [`the series has the dates ${dates.slice(0, 3)}…, not ${buckets.slice(0, 3)}…`]
  const counted = Map.groupBy(visits, ({ day }) => bucketOf(day, interval, days.from))
  return series.flatMap((one) =>
    compare(`${one['date']}`, one, figuresOf(counted.get(String(one['date'])) ?? [])),
  )
}
