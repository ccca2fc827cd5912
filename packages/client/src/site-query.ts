// The query of `siteAnalytics`, and how the API takes it.

import { isObject } from './api-error.ts'
import { checkOptions, invalidArgument } from './arguments.ts'
import { type Search, searchOf } from './search-parameters.ts'
import { type Dimension, SITE_ANALYTICS_PARAMETERS, type SiteAnalyticsParameters } from './wire-types.ts'

/** Keeps or leaves out visits by the values of one dimension. In a value, `*` stands for any text and `\*` for an asterisk. */
export interface SiteFilter {
  dimension: Dimension
  operator: 'is' | 'is_not'
  values: readonly string[]
}

/** What to count on the whole site. */
export interface SiteAnalyticsQuery extends SiteAnalyticsParameters {
  /** With `groupBy`: which page of the groups, from 1. */
  page?: number | undefined
  filters?: readonly SiteFilter[] | undefined
}

const PARAMETERS = [...new Set([...SITE_ANALYTICS_PARAMETERS, 'page'])]

/** The parameters of `GET /analytics/site`. Throws `invalid_argument` if a part of the query has the wrong type. */
export function siteSearch(query: SiteAnalyticsQuery): Search {
  checkOptions('query', query, [...PARAMETERS, 'filters'])
  const { filters = [] } = query
  if (!Array.isArray(filters)) throw invalidArgument('query.filters', 'must be a list of filters')
  return [...searchOf('query', query, PARAMETERS), ...filters.map(filterParameter)]
}

function filterParameter(filter: unknown, index: number): [name: string, value: string] {
  const argument = `query.filters[${index}]`
  if (!isObject(filter)) throw invalidArgument(argument, 'must be an object')
  const { dimension, operator, values } = filter
  if (typeof dimension !== 'string') throw invalidArgument(`${argument}.dimension`, 'must be a string')
  if (operator !== 'is' && operator !== 'is_not') {
    throw invalidArgument(`${argument}.operator`, 'must be is or is_not')
  }
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
    throw invalidArgument(`${argument}.values`, 'must be a list of strings')
  }
  // Commas separate values; a comma in a value is escaped. `\` and `*` keep the meaning that they have for the API.
  const text = values.map((value) => value.replaceAll(',', '\\,')).join(',')
  return [operator === 'is' ? dimension : `${dimension}!`, text]
}
