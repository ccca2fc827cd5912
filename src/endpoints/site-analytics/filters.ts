// The filters of the site's figures: parses the callers' texts, or says what is wrong with them.

import {
  DIMENSIONS,
  type Dimension,
  type Pattern,
  type StatsFilter,
} from '../../analytics/analytics-store.ts'
import { formatPattern, parseFilterValues } from '../../analytics/filter-values.ts'
import { distinctJobs, type RequestedJob } from '../../directory/requested-jobs.ts'

/** The texts of each filter parameter, in the order in which they were given. */
export type FilterTexts = Partial<Record<Dimension | `${Dimension}!`, readonly string[] | undefined>>

/** A filter by jobs; whether they are the organization's is checked later. */
export interface RequestedJobFilter {
  isNegated: boolean
  jobs: readonly RequestedJob[]
}

/** A filter as the response repeats it. */
export interface FilterEcho {
  dimension: Dimension
  operator: 'is' | 'is_not'
  values: string[]
}

export interface SiteFilters {
  filters: StatsFilter[]
  jobFilters: RequestedJobFilter[]
  echo: FilterEcho[]
  /** What is wrong, by parameter. */
  problems: { parameter: string; message: string }[]
}

const MAX_VALUES = 100
/** Each one makes the store try every length of text in its position. */
const MAX_WILDCARDS = 10
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const CITY_ID = /^\d{1,9}$/
const COUNTRY_CODE = /^[A-Z]{2}$/
const PATH_DIMENSIONS: readonly Dimension[] = ['page', 'entry_page', 'exit_page']

/** Parses all filters, in the order of the dimensions. */
export function parseSiteFilters(texts: FilterTexts): SiteFilters {
  const parsed: SiteFilters = { filters: [], jobFilters: [], echo: [], problems: [] }
  for (const dimension of DIMENSIONS) {
    for (const isNegated of [false, true]) {
      const parameter = isNegated ? (`${dimension}!` as const) : dimension
      const given = texts[parameter]
      if (given === undefined || given.length === 0) continue
      const patterns = given.flatMap(parseFilterValues)
      const message = problemOf(dimension, patterns)
      if (message) parsed.problems.push({ parameter, message })
      else addFilter(parsed, dimension, isNegated, patterns)
    }
  }
  return parsed
}

function addFilter(parsed: SiteFilters, dimension: Dimension, isNegated: boolean, patterns: Pattern[]): void {
  const values = patterns.map(formatPattern)
  parsed.echo.push({ dimension, operator: isNegated ? 'is_not' : 'is', values })
  if (dimension === 'job') parsed.jobFilters.push({ isNegated, jobs: distinctJobs(values) })
  else parsed.filters.push({ dimension, isNegated, patterns })
}

function problemOf(dimension: Dimension, patterns: readonly Pattern[]): string | undefined {
  if (patterns.length > MAX_VALUES) return `Give at most ${MAX_VALUES} values per filter.`
  if (patterns.some((pattern) => pattern.length > MAX_WILDCARDS + 1)) {
    return `Give at most ${MAX_WILDCARDS} wildcards per value.`
  }
  if (patterns.some((pattern) => pattern.length === 1 && pattern[0] === '')) {
    return 'One of the values is empty. Write a comma that belongs to a value as \\,'
  }
  const isEach = (shape: RegExp) =>
    patterns.every(([text = '', ...more]) => more.length === 0 && shape.test(text))
  if (dimension === 'job' && !isEach(UUID)) return 'Give job IDs (UUIDs) without wildcards.'
  if (dimension === 'city' && !isEach(CITY_ID)) return 'Give the GeoNames ID of the city, which is a number.'
  if (
    dimension === 'country' &&
    patterns.some(([text = '', ...more]) => more.length === 0 && !COUNTRY_CODE.test(text))
  ) {
    return 'Give the two-letter country code (ISO 3166-1) in capitals, such as FR.'
  }
  // Otherwise a mistyped page number would be taken for a page that nobody visited.
  if (
    PATH_DIMENSIONS.includes(dimension) &&
    !patterns.every(([text]) => text === '' || text?.startsWith('/'))
  ) {
    return 'Start the path with /, or with * for any beginning.'
  }
  return undefined
}
