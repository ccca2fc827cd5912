// The filters of the statistics API v1: `event:page==/a|/b;visit:source!=Google`, as the comparisons of v2.
import type { Comparison } from '../filter-tree.ts'
import { unsupported } from '../plausible-refusal.ts'
import { assertFilterDimension, propertyOfDimension } from '../query-dimensions.ts'
import { assertV1Property } from './v1-properties.ts'

const PIPE = /(?<!\\)\|/
const OPERATORS = /==|!=/

/**
 * Parses the `filters` parameter. `==` and `!=` compare, `;` joins filters that must all hold, an unescaped `|`
 * separates alternatives (`\|` is the character), and a value with `*` is a pattern over any characters.
 *
 * Plausible drops a filter that it cannot parse without an error and then counts too much. The stand-in refuses such
 * filters, and those that versions 2 and 3 of Plausible read differently. Throws a `PlausibleRefusal` (400).
 */
export function parseV1Filters(text: string, isVersion2: boolean): Comparison[] {
  if (text.trim() === '') return []
  const comparisons = text.split(';').map((part) => parseOne(part.trim(), isVersion2))
  assertDistinct(comparisons.map(({ dimension }) => dimension))
  return comparisons
}

function parseOne(text: string, isVersion2: boolean): Comparison {
  const [dimension, value, ...rest] = text.split(OPERATORS).map((piece) => piece.trim())
  if (!dimension || !value || rest.length > 0) throw droppedByPlausible(text)
  assertV1Property(dimension, 'filter property', isVersion2)
  const isNegated = text.includes('!=')
  const isPattern = value.includes('*')
  if (value.includes('|') && (isPattern || (isNegated && PIPE.test(value)))) {
    throw unsupported(`"|" together with "*" or "!=" in a filter: ${text}`)
  }
  const operator = `${isPattern ? 'matches' : 'is'}${isNegated ? '_not' : ''}` as const
  assertFilterDimension(dimension, operator, 'filters')
  const values = value.split(PIPE).map((one) => one.replaceAll('\\|', '|'))
  assertValues(dimension, values, text)
  return {
    kind: 'comparison',
    operator,
    dimension,
    clauses: isPattern
      ? [patternOf(value)]
      : values.map((one) => (dimension === 'visit:city' ? Number(one) : one)),
    caseSensitive: true,
  }
}

function assertValues(dimension: string, values: readonly string[], text: string): void {
  if (dimension === 'visit:country' && values.some((value) => value.length !== 2))
    throw droppedByPlausible(text)
  if (dimension === 'visit:city' && values.some((value) => !/^\d+$/.test(value))) {
    throw unsupported(`a city that is not a GeoNames id in a filter: ${text}`)
  }
  if (dimension.startsWith('visit:utm_') && values.includes('Direct / None')) {
    throw unsupported(`"Direct / None" on ${dimension}`)
  }
}

// One asterisk and two are the same: any characters, slashes included.
function patternOf(value: string): string {
  const literals = value.split(/\*+/).map((piece) => piece.replace(/[.\\+?()[\]{}^$|/-]/g, '\\$&'))
  return `^${literals.join('.*')}$`
}

// Version 2 uses only the last of several filters on one property, and only one filter on custom properties.
function assertDistinct(dimensions: readonly string[]): void {
  const names = dimensions.map((name) => (propertyOfDimension(name) === undefined ? name : 'event:props'))
  if (new Set(names).size < names.length) {
    throw unsupported('several filters on one property, or on several custom properties, in the v1 API')
  }
}

function droppedByPlausible(text: string) {
  return unsupported(`a filter that Plausible drops without an error: "${text}"`)
}
