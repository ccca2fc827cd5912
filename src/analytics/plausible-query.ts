// Queries in the grammar of Plausible's Stats API v2 (https://plausible.io/docs/stats-api), and what it cannot express.

import type {
  Dimension,
  JobFilter,
  JobKey,
  Pattern,
  StatsFilter,
  StatsQuery,
  Unsupported,
} from './analytics-store.ts'
import { keysOfJob } from './job-rows.ts'

/** The body of a v2 query. Plausible refuses any other key. */
export interface PlausibleQuery {
  site_id: string
  metrics: readonly string[]
  date_range: readonly [string, string]
  dimensions?: readonly string[]
  filters?: readonly unknown[]
  order_by?: readonly (readonly [string, 'asc' | 'desc'])[]
  include?: { time_labels?: true; total_rows?: true }
  pagination?: { limit: number; offset: number }
}

/** The dimension of pages. */
export const PAGE = 'event:page'

/** Which rows are a job's: those of its path (`event:page`) or those with its ID in a property (`event:props:<name>`). */
export type JobDimension = string

/** What identifies a job in this dimension. */
export function jobKeyOf(jobDimension: JobDimension): JobKey {
  return jobDimension === PAGE ? 'path' : 'id'
}

/** The body that requests one query about one site. */
export function toPlausibleQuery(
  site: string,
  query: StatsQuery,
  jobDimension: JobDimension,
): PlausibleQuery {
  const { metrics, window, groupBy, interval, filters = [], jobFilters = [], event, slice } = query
  const group = groupBy && toDimension(groupBy, jobDimension)
  const dimensions = [...(group ? [group] : []), ...(interval ? [`time:${interval}`] : [])]
  const conditions = [
    ...filters.map(toFilter),
    ...jobFilters.map((filter) => toJobFilter(filter, jobDimension)),
    ...(event === undefined ? [] : [['is', 'event:name', [event]]]),
  ]
  const [firstMetric] = metrics
  // Several jobs may share one value in the store, so their slice is cut after values are mapped back to jobs.
  const pagination = groupBy === 'job' ? undefined : slice
  return {
    site_id: site,
    metrics,
    date_range: [window.from, window.to],
    ...(dimensions.length > 0 && { dimensions }),
    ...(conditions.length > 0 && { filters: conditions }),
    // Plausible does not define the order of equal counts, but the pages of a list need one.
    ...(slice &&
      group &&
      firstMetric && {
        order_by: [
          [firstMetric, 'desc'],
          [group, 'asc'],
        ],
      }),
    ...((pagination || interval) && {
      include: { ...(interval && { time_labels: true }), ...(pagination && { total_rows: true }) },
    }),
    ...(pagination && { pagination }),
  }
}

/** Why no API of Plausible can run a query; undefined when v2 can. */
export function whyUnsupported(
  query: Omit<StatsQuery, 'window'>,
  jobDimension: JobDimension,
): Unsupported | undefined {
  const message = problemOfMetrics(query, jobDimension)
  return message === undefined ? undefined : { about: 'metrics', message }
}

function problemOfMetrics(query: Omit<StatsQuery, 'window'>, jobDimension: JobDimension): string | undefined {
  const { metrics, groupBy, interval, filters = [], jobFilters = [] } = query
  const byPage = filters.some(({ dimension }) => dimension === 'page')
  const byJobPage = jobFilters.length > 0 && jobDimension === PAGE
  if (metrics.includes('views_per_visit')) {
    if (groupBy || interval)
      return '`views_per_visit` is available for the whole site only: leave out `group_by` and `interval`.'
    if (byPage || byJobPage)
      return '`views_per_visit` cannot be filtered by page or job: use `entry_page`, or `pageviews` and `visits`.'
  }
  const ofVisits = metrics.filter((metric) => metric === 'bounce_rate' || metric === 'visit_duration')
  if (groupBy === 'job' && jobDimension !== PAGE && ofVisits.length > 0) {
    return `${ofVisits.join(' and ')} cannot be grouped by job: group by \`entry_page\`, or use \`visitors\`, \`visits\` or \`pageviews\`.`
  }
  if (metrics.includes('pageviews') && (groupBy === 'entry_page' || groupBy === 'exit_page')) {
    return `\`pageviews\` cannot be grouped by ${groupBy}: group by \`page\`, or use \`visitors\` or \`visits\`.`
  }
  return undefined
}

/** The name of a dimension in both APIs. */
export function toDimension(dimension: Dimension | 'job_key', jobDimension: JobDimension): string {
  if (dimension === 'job' || dimension === 'job_key') return jobDimension
  return dimension === 'page' ? PAGE : `visit:${dimension}`
}

function toJobFilter({ isNegated, jobs }: JobFilter, jobDimension: JobDimension): unknown[] {
  const values = new Set(jobs.flatMap((job) => keysOfJob(job, jobKeyOf(jobDimension))))
  // Trackers may send an ID in upper or lower case.
  const options = jobDimension === PAGE ? [] : [{ case_sensitive: false }]
  return [isNegated ? 'is_not' : 'is', jobDimension, [...values], ...options]
}

/** Dimensions whose values are names, which are compared case-insensitively. Paths and codes are compared as they are. */
export const NAMES: readonly Dimension[] = [
  'source',
  'channel',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'device',
  'browser',
  'os',
]

/** Plausible's names for visits without a value. It compares them as they are, never by a regular expression. */
const NO_VALUE = ['Direct / None', '(none)', '(not set)']

/** Values without a wildcard are compared as a whole. With one wildcard, all values of the filter become regular expressions. */
function toFilter({ dimension, isNegated, patterns }: StatsFilter): unknown[] {
  const name = toDimension(dimension, PAGE)
  const isName = NAMES.includes(dimension)
  const isExact = patterns.every((pattern) => pattern.length === 1)
  const values = patterns.map(([text = '']) => (isName ? noValueNamed(text) : undefined) ?? text)
  const hasNoValue = values.some((value) => NO_VALUE.includes(value))
  // Plausible's case-insensitive comparison supports ASCII only: it finds no other name, not even an identical one.
  const isAscii = values.every((value) => !/[^\0-\x7f]/.test(value))
  if (isExact && (!isName || isAscii || hasNoValue)) {
    const options = isName && isAscii ? [{ case_sensitive: false }] : []
    return [isNegated ? 'is_not' : 'is', name, dimension === 'city' ? values.map(Number) : values, ...options]
  }
  const flags = isName ? 'is' : 's'
  return [
    isNegated ? 'matches_not' : 'matches',
    name,
    patterns.map((pattern) => toExpression(pattern, flags)),
  ]
}

/** Plausible's name for visits without a value, if this text is that name in upper or lower case. */
export function noValueNamed(text: string): string | undefined {
  return NO_VALUE.find((value) => value.toLowerCase() === text.toLowerCase())
}

/** RE2 (https://github.com/google/re2/wiki/Syntax): matches the whole text. `.` matches line breaks too; `i` ignores case. */
function toExpression(pattern: Pattern, flags: string): string {
  return `(?${flags})^${pattern.map(escapeExpression).join('.*')}\\z`
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
