// The question of `siteAnalytics` as the API takes it.

import type { Dimension, Interval, Metric, Period } from './wire-types.ts'

/** Values of one dimension to keep or to leave out; `*` stands for anything. */
export interface SiteFilter {
  dimension: Dimension
  operator: 'is' | 'is_not'
  values: readonly string[]
}

/** What to count of the whole board. */
export interface SiteAnalyticsQuery {
  /** Default `30d`. */
  period?: Period
  /** Default `visitors`. */
  metrics?: readonly Metric[]
  /** Adds a break-down, the largest groups first. */
  groupBy?: Dimension
  /** How many groups, at most 1,000. Default 100. */
  limit?: number
  /** Which page of the groups, from 1. */
  page?: number
  /** Adds a series. */
  interval?: Interval
  /** Adds the period before, and the change in percent. */
  compare?: 'previous'
  filters?: readonly SiteFilter[]
}

/** The parameters of `GET /analytics/site`. */
export function siteSearch(query: SiteAnalyticsQuery): [name: string, value: string][] {
  const { period, metrics, groupBy, limit, page, interval, compare, filters = [] } = query
  const named: [string, string | undefined][] = [
    ['period', period],
    ['metrics', metrics?.join(',')],
    ['group_by', groupBy],
    ['limit', limit?.toString()],
    ['page', page?.toString()],
    ['interval', interval],
    ['compare', compare],
    ...filters.map(({ dimension, operator, values }): [string, string] => [
      operator === 'is' ? dimension : `${dimension}!`,
      // A comma belongs to its value; `\` and `*` mean in it what they mean to the API.
      values.map((value) => value.replaceAll(',', '\\,')).join(','),
    ]),
  ]
  return named.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
}
