// A question to the analytics store in the product's own words; how a store is asked it is its adapter's to know.

/** Periods as the analytics store names them; `7d` and `30d` end yesterday, `6mo` and `12mo` with the last full month. */
export const PERIODS = ['7d', '30d', '6mo', '12mo'] as const
export type Period = (typeof PERIODS)[number]

/** What can be counted. Rates are percent, durations seconds. */
export const METRICS = [
  'visitors',
  'pageviews',
  'visits',
  'bounce_rate',
  'visit_duration',
  'views_per_visit',
] as const
export type Metric = (typeof METRICS)[number]

/** What visits can be told apart by. */
export const DIMENSIONS = [
  'page',
  'entry_page',
  'exit_page',
  'source',
  'referrer',
  'channel',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'country',
  'region',
  'city',
  'device',
  'browser',
  'os',
  'job',
] as const
export type Dimension = (typeof DIMENSIONS)[number]

export const INTERVALS = ['day', 'week', 'month'] as const
export type Interval = (typeof INTERVALS)[number]

/** A job as the store may know it, by its path or by its ID. */
export interface StatsJob {
  id: string
  path: string
}

/** Literal pieces of text; between two of them anything may stand. One piece is the text itself. */
export type Pattern = readonly string[]

/** Keeps, or with `isNegated` leaves out, what one of these patterns matches wholly. */
export interface StatsFilter {
  dimension: Exclude<Dimension, 'job'>
  isNegated: boolean
  patterns: readonly Pattern[]
}

/** Keeps, or with `isNegated` leaves out, what belongs to these jobs. */
export interface JobFilter {
  isNegated: boolean
  jobs: readonly StatsJob[]
}

/** One question; it takes one query. */
export interface StatsQuestion {
  metrics: readonly Metric[]
  /** A period the store knows by name, or the first and the last day, both included, in the site's time zone. */
  range: Period | readonly [string, string]
  groupBy?: Dimension
  interval?: Interval
  filters?: readonly StatsFilter[]
  jobFilters?: readonly JobFilter[]
  /** Which part of the groups: the most visited first. */
  slice?: { limit: number; offset: number }
}

/** One row of an answer; `group` and `time` where they were asked for, `metrics` in the question's order. */
export interface StatsRow {
  group?: string
  time?: string
  metrics: readonly number[]
}

/** An answer. Rows that would be all zero are not among them, but for the one row of a question without groups. */
export interface Stats {
  rows: readonly StatsRow[]
  /** First and last moment, ISO 8601 with the site's offset from UTC at that moment. */
  from: string
  to: string
  /** All buckets of the interval, in order, those without a row included. */
  labels?: readonly string[]
  /** How many groups there are in all; 0 where the slice lies behind the last. */
  totalGroups?: number
}
