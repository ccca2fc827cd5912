// What Plausible's Stats API v1 can filter by: one filter on each dimension, with a list of values or with one pattern.

import type { JobFilter, Pattern, StatsFilter, StatsQuery, Unsupported } from './analytics-store.ts'
import { keysOfJob } from './job-rows.ts'
import {
  type JobDimension,
  jobKeyOf,
  NAMES,
  noValueNamed,
  PAGE,
  toDimension,
  whyUnsupported,
} from './plausible-query.ts'

/** The most rows in one response of v1. */
export const MAX_V1_ROWS = 1_000

const HERE = 'on this analytics server'
const NO_CHANNELS = `Channels do not exist ${HERE}: use \`source\`.`
const NO_WEEKS = `Weeks do not exist ${HERE}: use \`day\` or \`month\`.`
const NO_MORE_GROUPS = `\`offset\` and \`limit\` reach the first ${MAX_V1_ROWS} groups ${HERE}.`
const ONE_FILTER = `Give one filter ${HERE}, by page, by job or by each of the others.`
const ONE_VALUE = `Give one value to leave out, one with a wildcard, or several without ${HERE}. None may contain "*", "|", ";", "\\", "==" or "!=".`
const ONE_JOB = `Give jobs to keep or one with one page to leave out ${HERE}, whose pages have no "*", ";", "\\", "==" or "!=": or group by job.`

/** Why v1 cannot run a query; undefined when it can. */
export function whyUnsupportedByV1(
  query: Omit<StatsQuery, 'window'>,
  jobDimension: JobDimension,
): Unsupported | undefined {
  const { groupBy, interval, filters = [], jobFilters = [], event, slice } = query
  const isOfKeys = groupBy === 'job' || groupBy === 'job_key'
  const refuse = (about: string, message: string) => ({ about, message })
  if (groupBy === 'channel') return refuse('group_by', NO_CHANNELS)
  // A visit around midnight on Sunday would count in both weeks. Jobs are counted by page views, each of which is in one week.
  if (interval === 'week' && groupBy !== 'job') return refuse('interval', NO_WEEKS)
  if (slice && !isOfKeys && slice.offset + slice.limit > MAX_V1_ROWS) return refuse('offset', NO_MORE_GROUPS)
  const metrics = event === undefined || isPlain(event) ? uncountable(query, jobDimension) : ['applications']
  if (metrics.length > 0) {
    const names = metrics.map((metric) => `\`${metric}\``).join(', ')
    return refuse(
      'metrics',
      `${names} cannot be counted like this ${HERE}: use \`visitors\`, without a page or job.`,
    )
  }
  return (
    whyUnsupported(query, jobDimension) ?? problemOfFilters(filters, isOfKeys ? [] : jobFilters, jobDimension)
  )
}

/** v1 counts visits by properties of page views differently than v2, or not at all. */
function uncountable(
  { metrics, groupBy, interval, filters = [], jobFilters = [] }: Omit<StatsQuery, 'window'>,
  jobDimension: JobDimension,
): readonly string[] {
  const isByPage = groupBy === 'page' || groupBy === 'job' || groupBy === 'job_key'
  const ofJobs = jobFilters.length > 0
  const ofPages = ofJobs || filters.some(({ dimension }) => dimension === 'page')
  if (isByPage || (ofJobs && jobDimension !== PAGE) || (interval && ofPages)) {
    return metrics.filter((metric) => metric !== 'visitors' && metric !== 'pageviews')
  }
  return groupBy && ofPages ? metrics.filter((metric) => metric === 'pageviews') : []
}

function problemOfFilters(
  filters: readonly StatsFilter[],
  jobFilters: readonly JobFilter[],
  jobDimension: JobDimension,
): Unsupported | undefined {
  const used = new Set<string>()
  const problems = [
    ...filters.map((filter) => ({
      about: filter.dimension + (filter.isNegated ? '!' : ''),
      name: toDimension(filter.dimension, PAGE),
      message: problemOfFilter(filter),
    })),
    ...jobFilters.map((filter) => ({
      about: filter.isNegated ? 'job!' : 'job',
      name: jobDimension,
      message: isFilterable(filter, jobDimension) ? undefined : ONE_JOB,
    })),
  ]
  for (const { about, name, message = used.has(name) ? ONE_FILTER : undefined } of problems) {
    if (message) return { about, message }
    used.add(name)
  }
  return undefined
}

function isFilterable({ isNegated, jobs }: JobFilter, jobDimension: JobDimension): boolean {
  const keys = spellings(
    jobs.flatMap((job) => keysOfJob(job, jobKeyOf(jobDimension))),
    jobDimension,
  )
  return keys.every(isPlain) && !(isNegated && (keys.length > 1 || jobDimension !== PAGE))
}

function problemOfFilter({ dimension, isNegated, patterns }: StatsFilter): string | undefined {
  if (dimension === 'channel') return NO_CHANNELS
  const isPattern = patterns.some((pattern) => pattern.length > 1)
  const isAlone = isPattern || isNegated
  const isRight = (piece: string) => isPlain(piece) && !(isAlone && piece.includes('|'))
  // Plausible ignores a country that is not a two-letter code.
  const isWrong = (isAlone && patterns.length > 1) || (isPattern && dimension === 'country')
  return isWrong || !patterns.flat().every(isRight) ? ONE_VALUE : undefined
}

/** The filter of v1 for one that has no problem. */
export function toCondition({ dimension, isNegated, patterns }: StatsFilter): string {
  const values = patterns.map((pattern) => {
    const text = pattern.map(escapePipes).join('**')
    return (NAMES.includes(dimension) ? noValueNamed(text) : undefined) ?? text
  })
  return `${toDimension(dimension, PAGE)}${isNegated ? '!=' : '=='}${values.join('|')}`
}

/** Whether a text matches a pattern as a whole. */
export function matches(text: string, [first = '', ...pieces]: Pattern): boolean {
  const last = pieces.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let at = first.length
  for (const piece of pieces) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= end
}

/** v1 is case-sensitive, so IDs are looked for in the two spellings that programs use. */
export function spellings(keys: readonly string[], jobDimension: JobDimension): readonly string[] {
  return jobDimension === PAGE ? keys : keys.flatMap((key) => [key, key.toUpperCase()])
}

/** Whether v1 can compare with this value: it cannot escape separators or wildcards. */
export function isPlain(value: string): boolean {
  return !/[;*\\]|[=!]=|^[=\s]|\s$/.test(value)
}

/** A value of a list. */
export function escapePipes(value: string): string {
  return value.replaceAll('|', '\\|')
}
