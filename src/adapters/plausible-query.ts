// A question in Plausible's Stats API v2 grammar (https://plausible.io/docs/stats-api), and what that cannot express.

import type {
  Dimension,
  JobFilter,
  Pattern,
  StatsFilter,
  StatsJob,
  StatsQuestion,
} from '../domain/stats-question.ts'

/** The keys of a v2 query that are sent; Plausible refuses any other. */
export interface PlausibleQuery {
  site_id: string
  metrics: readonly string[]
  date_range: string | readonly [string, string]
  dimensions?: readonly string[]
  filters?: readonly unknown[]
  order_by?: readonly (readonly [string, 'asc' | 'desc'])[]
  include?: { time_labels?: true; total_rows?: true }
  pagination?: { limit: number; offset: number }
}

const PAGE = 'event:page'

/** Which rows are a job's: those of its path (`event:page`) or those with its ID in a property (`event:props:<name>`). */
export type JobDimension = string

/** How the store knows a job. */
export function nameOfJob(job: StatsJob, jobDimension: JobDimension): string {
  return jobDimension === PAGE ? job.path : job.id
}

/** The query for one question about one site. */
export function toPlausibleQuery(
  site: string,
  question: StatsQuestion,
  jobDimension: JobDimension,
): PlausibleQuery {
  const { metrics, range, groupBy, interval, filters = [], jobFilters = [], slice } = question
  const group = groupBy && nameOfDimension(groupBy, jobDimension)
  const dimensions = [...(group ? [group] : []), ...(interval ? [`time:${interval}`] : [])]
  const conditions = [
    ...filters.map(toFilter),
    ...jobFilters.map((filter) => toJobFilter(filter, jobDimension)),
  ]
  const [firstMetric] = metrics
  // Several jobs may be one name to the store, so their slice is cut when the names are jobs again.
  const pagination = groupBy === 'job' ? undefined : slice
  return {
    site_id: site,
    metrics,
    date_range: range,
    ...(dimensions.length > 0 && { dimensions }),
    ...(conditions.length > 0 && { filters: conditions }),
    // The store leaves the order of equal counts open; pages of a list need one.
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

/** Why Plausible cannot answer a question, as a sentence that says what it can; undefined when it can. */
export function refusalOf(
  question: Omit<StatsQuestion, 'range'>,
  jobDimension: JobDimension,
): string | undefined {
  const { metrics, groupBy, interval, filters = [], jobFilters = [] } = question
  const byPage = filters.some(({ dimension }) => dimension === 'page')
  const byJobPage = jobFilters.length > 0 && jobDimension === PAGE
  if (metrics.includes('views_per_visit')) {
    if (groupBy || interval)
      return 'views_per_visit is known of the whole board only: leave out group_by and interval.'
    if (byPage || byJobPage)
      return 'views_per_visit cannot be filtered by page or job: use entry_page, or pageviews and visits.'
  }
  const ofVisits = metrics.filter((metric) => metric === 'bounce_rate' || metric === 'visit_duration')
  if (groupBy === 'job' && jobDimension !== PAGE && ofVisits.length > 0) {
    return `${ofVisits.join(' and ')} cannot be grouped by job: group by entry_page, or take visitors, visits or pageviews.`
  }
  if (metrics.includes('pageviews') && (groupBy === 'entry_page' || groupBy === 'exit_page')) {
    return `pageviews cannot be grouped by ${groupBy}: group by page, or take visitors or visits.`
  }
  return undefined
}

function nameOfDimension(dimension: Dimension, jobDimension: JobDimension): string {
  if (dimension === 'job') return jobDimension
  return dimension === 'page' ? PAGE : `visit:${dimension}`
}

function toJobFilter({ isNegated, jobs }: JobFilter, jobDimension: JobDimension): unknown[] {
  const names = new Set(jobs.map((job) => nameOfJob(job, jobDimension)))
  return [isNegated ? 'is_not' : 'is', jobDimension, [...names]]
}

/** Values without a wildcard are compared as they are; with one, all of a filter become regular expressions. */
function toFilter({ dimension, isNegated, patterns }: StatsFilter): unknown[] {
  const name = nameOfDimension(dimension, PAGE)
  if (patterns.every((pattern) => pattern.length === 1)) {
    const values = patterns.map(([text = '']) => (dimension === 'city' ? Number(text) : text))
    return [isNegated ? 'is_not' : 'is', name, values]
  }
  return [isNegated ? 'matches_not' : 'matches', name, patterns.map(toExpression)]
}

/** RE2 (https://github.com/google/re2/wiki/Syntax): the whole text, `.` taking in line ends. */
function toExpression(pattern: Pattern): string {
  return `(?s)^${pattern.map(escapeExpression).join('.*')}\\z`
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
