// The filters of a query: a tree of `and`, `or`, `not` over comparisons, parsed from nested JSON arrays.
import { z } from 'zod'
import { PlausibleRefusal, unsupported } from './plausible-refusal.ts'
import { assertFilterDimension } from './query-dimensions.ts'

const OPERATORS = ['is', 'is_not', 'contains', 'contains_not', 'matches', 'matches_not'] as const

/** One comparison: some clause holds (`is`, `contains`, `matches`), or none does (`..._not`). */
export type Comparison = {
  readonly kind: 'comparison'
  readonly operator: (typeof OPERATORS)[number]
  readonly dimension: string
  readonly clauses: readonly (string | number)[]
  readonly caseSensitive: boolean
}

/** A filter: a comparison, or other filters joined or negated. */
export type FilterTree =
  | Comparison
  | { readonly kind: 'and' | 'or'; readonly trees: readonly FilterTree[] }
  | { readonly kind: 'not'; readonly tree: FilterTree }

const junction = z.tuple([z.enum(['and', 'or']), z.array(z.unknown()).min(1)])
const negation = z.tuple([z.literal('not'), z.unknown()])
const comparison = z.union([
  z.tuple([z.enum(OPERATORS), z.string(), z.array(z.union([z.string(), z.int()]))]),
  z.tuple([
    z.enum(OPERATORS),
    z.string(),
    z.array(z.union([z.string(), z.int()])),
    z.strictObject({ case_sensitive: z.boolean().default(true) }),
  ]),
])

/** Parses one filter; `path` is its position in the body, for the error. Throws a `PlausibleRefusal` (400). */
export function parseFilterTree(value: unknown, path: string): FilterTree {
  const operator: unknown = Array.isArray(value) ? value[0] : undefined
  if (operator === 'and' || operator === 'or') {
    const parsed = junction.safeParse(value)
    if (!parsed.success) throw invalid(path, value)
    const [kind, trees] = parsed.data
    return { kind, trees: trees.map((tree, index) => parseFilterTree(tree, `${path}/1/${index}`)) }
  }
  if (operator === 'not') {
    const parsed = negation.safeParse(value)
    if (!parsed.success) throw invalid(path, value)
    return { kind: 'not', tree: parseFilterTree(parsed.data[1], `${path}/1`) }
  }
  return parseComparison(value, path)
}

function parseComparison(value: unknown, path: string): Comparison {
  const parsed = comparison.safeParse(value)
  if (!parsed.success) throw invalid(path, value)
  const [operator, dimension, clauses, modifiers] = parsed.data
  assertFilterDimension(dimension, operator, `${path}/1`)
  const isCity = dimension === 'visit:city'
  if (clauses.some((clause) => (typeof clause === 'number') !== isCity)) throw invalid(path, value)
  if (isCity && !operator.startsWith('is')) throw unsupported(`"${operator}" on visit:city`)
  if (operator.startsWith('matches') && modifiers !== undefined) {
    throw new PlausibleRefusal(
      400,
      `Invalid filters. The case_sensitive modifier is not allowed with pattern operators (${path})`,
    )
  }
  if (dimension === 'visit:country' && operator.startsWith('is')) {
    if (clauses.some((clause) => String(clause).length !== 2)) {
      throw new PlausibleRefusal(400, 'Invalid visit:country filter: expected 2-letter country codes')
    }
  }
  return {
    kind: 'comparison',
    operator,
    dimension,
    clauses,
    caseSensitive: modifiers?.case_sensitive ?? true,
  }
}

function invalid(path: string, value: unknown): PlausibleRefusal {
  return new PlausibleRefusal(400, `${path}: Invalid filter ${JSON.stringify(value)}`)
}
