// The port to the analytics store: queries and results in the product's own words.

import type { StoreError } from '../stores/store-error.ts'
import type { Signal } from './circuit-breaker.ts'
import type { Window } from './windows.ts'

/** What the store counts. Rates are percent, durations seconds. */
export const STATS_METRICS = [
  'visitors',
  'pageviews',
  'visits',
  'bounce_rate',
  'visit_duration',
  'views_per_visit',
] as const
/** What the store counts. */
export type StatsMetric = (typeof STATS_METRICS)[number]

/** What visits can be grouped and filtered by. */
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
/** What visits can be grouped and filtered by. */
export type Dimension = (typeof DIMENSIONS)[number]

/** The lengths of a series' buckets. */
export const INTERVALS = ['day', 'week', 'month'] as const
/** The length of a series' buckets. */
export type Interval = (typeof INTERVALS)[number]

/** A job as a store may identify it: by its pages or by its ID. */
export interface StatsJob {
  id: string
  /** The paths of its pages. Its figure is the sum of theirs. */
  paths: readonly string[]
}

/** Literal pieces of text with anything between them. A single piece is the text itself. */
export type Pattern = readonly string[]

/** Keeps, or with `isNegated` drops, what one of these patterns matches as a whole. */
export interface StatsFilter {
  dimension: Exclude<Dimension, 'job'>
  isNegated: boolean
  patterns: readonly Pattern[]
}

/** Keeps, or with `isNegated` drops, what belongs to these jobs. */
export interface JobFilter {
  isNegated: boolean
  jobs: readonly StatsJob[]
}

/** What the store holds for a job: the paths of its pages, or its ID in lower case. */
export type JobKey = 'path' | 'id'

/** One query to the store. */
export interface StatsQuery {
  metrics: readonly StatsMetric[]
  window: Window
  /** `job` requires a filter by the jobs to group by; `job_key` returns what stands for jobs, whoever they belong to. */
  groupBy?: Dimension | 'job_key'
  interval?: Interval
  filters?: readonly StatsFilter[]
  jobFilters?: readonly JobFilter[]
  /** Counts only visitors who sent an event of this name there. */
  event?: string
  /** Which of the groups to return, the most visited first. */
  slice?: { limit: number; offset: number }
}

/** One row of a result; `group` and `time` if the query names them, `metrics` in the query's order. */
export interface StatsRow {
  group?: string
  time?: string
  metrics: readonly number[]
}

/** A result. Rows that would be all zero are left out, except the one row of a query without groups. */
export interface StatsResult {
  rows: readonly StatsRow[]
  /** First and last moment, ISO 8601 with the site's offset from UTC at that moment. */
  from: string
  to: string
  /** All buckets of the interval in order, those without a row included. */
  labels?: readonly string[]
  /** How many groups there are in all; 0 if the slice begins after the last one. */
  totalGroups?: number
  /** The store may hold more groups than the result and `totalGroups` say. */
  isTruncated?: boolean
}

/** What a store cannot run. `about` is the part of the query, as callers name it: a dimension, `metrics`, `interval`, `offset`. */
export interface Unsupported {
  about: string
  /** A sentence that says what it can run. */
  message: string
}

/** The analytics store. */
export interface AnalyticsStore {
  /** The most rows in one result. */
  readonly maxRows: number
  /** The most rows in a result by job and time. */
  readonly maxPoints: number
  /** What the store holds for a job. */
  readonly jobKey: JobKey
  /** Runs one query about one site, which is named by its domain. Throws `StoreError`. */
  query(site: string, query: StatsQuery, signal: AbortSignal): Promise<StatsResult>
  /** Why the store cannot run such a query; undefined when it can. A job filter without jobs stands for any jobs. */
  whyUnsupported(query: Omit<StatsQuery, 'window'>): Unsupported | undefined
  /** How many requests `query` sends, each of which counts for the store's quota; infinite if none can hold the query. */
  costOf(site: string, query: StatsQuery): number
  /** What an error of `query` says about the store's health; undefined for nothing. */
  signalOf(error: StoreError): Signal | undefined
}
