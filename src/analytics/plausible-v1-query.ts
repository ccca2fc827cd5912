// The requests of a query in the grammar of Plausible's Stats API v1 (https://plausible.io/docs/stats-api-v1).

import type { JobFilter, StatsQuery } from './analytics-store.ts'
import { foldKey, keysOfJob } from './job-rows.ts'
import { type JobDimension, jobKeyOf, PAGE, toDimension } from './plausible-query.ts'
import { escapePipes, isPlain, MAX_V1_ROWS, matches, spellings, toCondition } from './plausible-v1-filters.ts'
import { bucketsOf } from './series.ts'
import type { Window } from './windows.ts'

/** Servers and proxies refuse longer request lines, most of them beyond 8,192 bytes. */
const MAX_URL_LENGTH = 8_000

/** One request, and what all rows of its response have in common. */
export interface V1Request {
  path: string
  /** The field of a row that holds its group. */
  groupField?: string
  group?: string
  time?: string
  /** The one value that this request is for: its pattern may match others too. */
  soughtKey?: string
}

type Parameters = Record<string, string>

/** The requests of a query, all of which may be sent at once; undefined if one of them would be too long. */
export function toV1Requests(
  baseUrl: string,
  site: string,
  query: StatsQuery,
  jobDimension: JobDimension,
): V1Request[] | undefined {
  const { window, groupBy, interval, filters = [], jobFilters = [], event, slice } = query
  const isByKey = groupBy === 'job'
  const isOfKeys = isByKey || groupBy === 'job_key'
  const conditions = [
    ...filters
      // The keys of jobs are filtered here, because v1 allows only one filter per dimension.
      .filter(({ dimension }) => !(isByKey && jobDimension === PAGE && dimension === 'page'))
      .map(toCondition),
    ...(isOfKeys ? [] : jobFilters.map((filter) => jobCondition(filter, jobDimension))),
    ...(event === undefined ? [] : [`event:name==${escapePipes(event)}`]),
  ]
  const dimension = groupBy && toDimension(groupBy, jobDimension)
  const groupField = dimension?.slice(dimension.lastIndexOf(':') + 1)
  const request = (
    endpoint: string,
    { from, to }: Window,
    own: Parameters,
    more: readonly string[] = [],
  ): string => {
    const all = [...conditions, ...more].join(';')
    const parameters = {
      ...{ site_id: site, period: 'custom', date: `${from},${to}`, metrics: v1Metrics(query).join(',') },
      ...own,
      ...(all && { filters: all }),
    }
    const search = Object.entries(parameters).map(([name, value]) => `${name}=${encode(value)}`)
    return `/api/v1/stats/${endpoint}?${search.join('&')}`
  }
  const breakdown = (days: Window, more?: readonly string[]) =>
    request(
      'breakdown',
      days,
      { property: dimension ?? '', limit: String(MAX_V1_ROWS), ...pageOf(slice) },
      more,
    )
  const byTime = interval === 'month' ? { interval } : {}

  const requests = ((): V1Request[] => {
    if (isByKey) {
      const left = MAX_URL_LENGTH - baseUrl.length - breakdown(window, [`${jobDimension}==`]).length
      const batches = batchesOf(spellings(keysOf(query, jobDimension), jobDimension), left)
      const ofBatches = (days: Window, time?: string) =>
        batches.map(({ value, soughtKey }) => ({
          path: breakdown(days, [`${jobDimension}==${value}`]),
          ...(groupField && { groupField }),
          ...(time !== undefined && { time }),
          ...(soughtKey !== undefined && { soughtKey }),
        }))
      if (!interval) return ofBatches(window)
      const buckets = bucketsOf(window, interval)
      const keys = spellings(keysOf(query, jobDimension), jobDimension)
      if (interval !== 'week' && keys.every(isPlain) && keys.length < buckets.length * batches.length) {
        return keys.map((group) => ({
          path: request('timeseries', window, byTime, [`${jobDimension}==${escapePipes(group)}`]),
          group,
        }))
      }
      return buckets.flatMap((bucket) => ofBatches(bucket, bucket.label))
    }
    if (groupField) return [{ path: breakdown(window), groupField }]
    if (!interval) return [{ path: request('aggregate', window, {}) }]
    return [{ path: request('timeseries', window, byTime) }]
  })()
  return requests.every(({ path }) => baseUrl.length + path.length <= MAX_URL_LENGTH) ? requests : undefined
}

/** The metrics to request: breakdowns are sorted by visitors. */
export function v1Metrics({ metrics, groupBy }: StatsQuery): readonly string[] {
  return groupBy ? [...new Set(['visitors', ...metrics])] : metrics
}

/** What the store holds for the jobs that a query groups by: those of its first filter which all others keep. */
export function keysOf(
  { filters = [], jobFilters = [] }: StatsQuery,
  jobDimension: JobDimension,
): readonly string[] {
  const [first, ...others] = jobFilters
  const isKept = keyFilter(others, jobDimension)
  const ofPages = filters.filter(({ dimension }) => jobDimension === PAGE && dimension === 'page')
  return allKeys(first ? [first] : [], jobDimension).filter(
    (key) =>
      isKept(key) &&
      ofPages.every(
        ({ isNegated, patterns }) => patterns.some((pattern) => matches(key, pattern)) !== isNegated,
      ),
  )
}

/** Whether these filters keep what the store holds for a job. */
export function keyFilter(
  jobFilters: readonly JobFilter[],
  jobDimension: JobDimension,
): (key: string) => boolean {
  const sets = jobFilters.map((filter) => ({
    isNegated: filter.isNegated,
    keys: new Set(allKeys([filter], jobDimension)),
  }))
  const jobKey = jobKeyOf(jobDimension)
  return (key) => sets.every(({ isNegated, keys }) => keys.has(foldKey(key, jobKey)) !== isNegated)
}

function jobCondition({ isNegated, jobs }: JobFilter, jobDimension: JobDimension): string {
  const values = spellings(allKeys([{ isNegated, jobs }], jobDimension), jobDimension)
  return `${jobDimension}${isNegated ? '!=' : '=='}${values.map(escapePipes).join('|')}`
}

function allKeys(jobFilters: readonly JobFilter[], jobDimension: JobDimension): string[] {
  const keys = jobFilters.flatMap(({ jobs }) => jobs.flatMap((job) => keysOfJob(job, jobKeyOf(jobDimension))))
  return [...new Set(keys)]
}

/** Splits values into lists that each fit into this many characters of a URL. A value that cannot be in a list becomes a pattern. */
function batchesOf(keys: readonly string[], length: number): { value: string; soughtKey?: string }[] {
  const lists: string[][] = []
  let left = 0
  for (const key of keys.filter(isPlain)) {
    const escaped = escapePipes(key)
    const needed = encode(`|${escaped}`).length
    if (left < needed || lists.at(-1)?.length === MAX_V1_ROWS) {
      lists.push([])
      left = length
    }
    lists.at(-1)?.push(escaped)
    left -= needed
  }
  const patterns = keys.filter((key) => !isPlain(key))
  return [
    ...lists.map((values) => ({ value: values.join('|') })),
    ...patterns.map((key) => ({ value: key.replace(/[;*|\\]|[=!]=|^[=\s]+|\s+$/g, '**'), soughtKey: key })),
  ]
}

function pageOf(slice: StatsQuery['slice']): Parameters {
  const page = Math.floor((slice?.offset ?? 0) / MAX_V1_ROWS) + 1
  return page === 1 ? {} : { page: String(page) }
}

/** The shortest form that a query string allows. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(/%(2F|3A|2C)/g, decodeURIComponent)
}
