// What a page of figures shows, as its address says it: days, comparison and filters.

import { type Dimension, type Interval, PERIODS, type Period, type SiteFilter } from 'job-analytics-client'
import { daysBetween } from '../format/dates.ts'
import { isDimension } from '../format/dimensions.ts'

/** A named period, or two days. */
export type Days = { period: Period } | { from: string; to: string }

/** What is shown. Filters hold values as the store has them, without wildcards. */
export interface Selection {
  days: Days
  compares: boolean
  filters: SiteFilter[]
}

const DEFAULT_PERIOD: Period = '30d'
const DAY = /^\d{4}-\d\d-\d\d$/
const MOST_DAILY_POINTS = 92
const MOST_WEEKLY_POINTS = 420

/** The selection of an address. What is not valid there counts as absent. */
export function readSelection(search: URLSearchParams): Selection {
  const filters = new Map<string, SiteFilter>()
  for (const [name, value] of search) {
    const isNegated = name.endsWith('!')
    const dimension = isNegated ? name.slice(0, -1) : name
    if (!isDimension(dimension)) continue
    const values = [...(filters.get(name)?.values ?? []), value]
    filters.set(name, { dimension, operator: isNegated ? 'is_not' : 'is', values })
  }
  return {
    days: readDays(search),
    compares: search.get('compare') !== 'none',
    filters: [...filters.values()],
  }
}

/** The parameters of a selection, without those that have their usual value. */
export function selectionParameters({ days, compares, filters }: Selection): URLSearchParams {
  const search = new URLSearchParams()
  if (!('period' in days)) {
    search.set('from', days.from)
    search.set('to', days.to)
  } else if (days.period !== DEFAULT_PERIOD) search.set('period', days.period)
  if (!compares) search.set('compare', 'none')
  for (const { dimension, operator, values } of filters) {
    for (const value of values) search.append(operator === 'is' ? dimension : `${dimension}!`, value)
  }
  return search
}

/** The selection with one more filter, which replaces those of its dimension. */
export function withFilter(selection: Selection, filter: SiteFilter): Selection {
  return { ...selection, filters: [...withoutDimension(selection.filters, filter.dimension), filter] }
}

/** The filters of all other dimensions. */
export function withoutDimension(filters: readonly SiteFilter[], dimension: Dimension): SiteFilter[] {
  return filters.filter((filter) => filter.dimension !== dimension)
}

/** Filters as the API takes them: there `*` stands for any text, in a selection it is an asterisk. */
export function apiFilters(filters: readonly SiteFilter[]): SiteFilter[] {
  return filters.map((filter) => ({
    ...filter,
    values: filter.values.map((value) => value.replace(/[\\*]/g, String.raw`\$&`)),
  }))
}

/** The interval with a readable number of points. */
export function usualInterval(days: Days): Interval {
  if ('period' in days) return days.period === '6mo' || days.period === '12mo' ? 'week' : 'day'
  const count = daysBetween(days.from, days.to)
  if (count <= MOST_DAILY_POINTS) return 'day'
  return count <= MOST_WEEKLY_POINTS ? 'week' : 'month'
}

function readDays(search: URLSearchParams): Days {
  const from = search.get('from') ?? ''
  const to = search.get('to') ?? ''
  if (isDay(from) && isDay(to) && from <= to) return { from, to }
  const period = PERIODS.find((name) => name === search.get('period'))
  return { period: period ?? DEFAULT_PERIOD }
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(text))
}
