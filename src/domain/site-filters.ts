// The filters of a board's figures: the callers' texts into what the store is asked, or what is wrong with them.

import { formatPattern, parseFilterValues } from './filter-values.ts'
import { distinctJobs, type RequestedJob } from './job-ids.ts'
import { DIMENSIONS, type Dimension, type Pattern, type StatsFilter } from './stats-question.ts'

/** The texts of one parameter, as often as it was given. */
export type FilterTexts = Partial<Record<Dimension | `${Dimension}!`, readonly string[] | undefined>>

/** A filter by jobs that are not known to be the organization's yet. */
export interface RequestedJobFilter {
  isNegated: boolean
  jobs: readonly RequestedJob[]
}

/** Filters as they go back over the wire. */
export interface FilterEcho {
  dimension: Dimension
  operator: 'is' | 'is_not'
  values: string[]
}

export interface SiteFilters {
  filters: StatsFilter[]
  jobFilters: RequestedJobFilter[]
  echo: FilterEcho[]
  /** What stands in the way, by parameter. */
  problems: { parameter: string; message: string }[]
}

const MAX_VALUES = 100
/** Each lets the store try every length of what it stands for. */
const MAX_WILDCARDS = 10
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const CITY_ID = /^\d{1,9}$/
const COUNTRY_CODE = /^[A-Z]{2}$/
const PATH_DIMENSIONS: readonly Dimension[] = ['page', 'entry_page', 'exit_page']

/** Reads all filters, in the order of the dimensions. */
export function readSiteFilters(texts: FilterTexts): SiteFilters {
  const read: SiteFilters = { filters: [], jobFilters: [], echo: [], problems: [] }
  for (const dimension of DIMENSIONS) {
    for (const isNegated of [false, true]) {
      const parameter = isNegated ? (`${dimension}!` as const) : dimension
      const given = texts[parameter]
      if (given === undefined || given.length === 0) continue
      const patterns = given.flatMap(parseFilterValues)
      const message = problemOf(dimension, patterns)
      if (message) read.problems.push({ parameter, message })
      else addFilter(read, dimension, isNegated, patterns)
    }
  }
  return read
}

function addFilter(read: SiteFilters, dimension: Dimension, isNegated: boolean, patterns: Pattern[]): void {
  const values = patterns.map(formatPattern)
  read.echo.push({ dimension, operator: isNegated ? 'is_not' : 'is', values })
  if (dimension === 'job') read.jobFilters.push({ isNegated, jobs: distinctJobs(values) })
  else read.filters.push({ dimension, isNegated, patterns })
}

function problemOf(dimension: Dimension, patterns: readonly Pattern[]): string | undefined {
  if (patterns.length > MAX_VALUES) return `At most ${MAX_VALUES} values a filter.`
  if (patterns.some((pattern) => pattern.length > MAX_WILDCARDS + 1)) {
    return `At most ${MAX_WILDCARDS} wildcards a value.`
  }
  if (patterns.some((pattern) => pattern.length === 1 && pattern[0] === '')) {
    return 'One of the values is empty. A comma that belongs to a value is written \\,'
  }
  const isEach = (shape: RegExp) =>
    patterns.every(([text = '', ...more]) => more.length === 0 && shape.test(text))
  if (dimension === 'job' && !isEach(UUID)) return 'Jobs are named by their IDs, without wildcards.'
  if (dimension === 'city' && !isEach(CITY_ID)) return 'Cities are named by their GeoNames numbers.'
  if (
    dimension === 'country' &&
    patterns.some(([text = '', ...more]) => more.length === 0 && !COUNTRY_CODE.test(text))
  ) {
    return 'Countries are named by two capital letters (ISO 3166-1), as in FR.'
  }
  // So that no mistyped page number is taken for a page that nobody visited.
  if (
    PATH_DIMENSIONS.includes(dimension) &&
    !patterns.every(([text]) => text === '' || text?.startsWith('/'))
  ) {
    return 'A path begins with /, or with * for anything before.'
  }
  return undefined
}
