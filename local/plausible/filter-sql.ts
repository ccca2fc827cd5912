// Filters as SQL conditions, on either side of the store: over single events or over whole visits.
import { RE2JS } from 're2js'
import type { Comparison, FilterTree } from './filter-tree.ts'
import { PlausibleRefusal, unsupported } from './plausible-refusal.ts'
import { columnOfDimension, isBlankClause, propertyOfDimension, sideOfDimension } from './query-dimensions.ts'
import { joinSql, type SqlFragment, sql, sqlList, sqlName } from './sql-fragment.ts'

/** The rows that a condition filters: `events e` with their `sessions s`, or `sessions s` alone. */
export type QuerySide = 'events' | 'sessions'

// ClickHouse's multiSearchAny takes at most 255 needles.
const MAX_CONTAINS_CLAUSES = 255

/** All dimensions that the filters name. */
export function dimensionsOfFilters(filters: readonly FilterTree[]): string[] {
  return filters.flatMap((tree) => {
    if (tree.kind === 'comparison') return [tree.dimension]
    return dimensionsOfFilters(tree.kind === 'not' ? [tree.tree] : tree.trees)
  })
}

/** Returns the filters with one dimension replaced by another. */
export function renameInFilters(filters: readonly FilterTree[], from: string, to: string): FilterTree[] {
  return filters.map((tree) => {
    if (tree.kind === 'comparison') return tree.dimension === from ? { ...tree, dimension: to } : tree
    if (tree.kind === 'not') {
      const [renamed = tree.tree] = renameInFilters([tree.tree], from, to)
      return { kind: 'not', tree: renamed }
    }
    return { kind: tree.kind, trees: renameInFilters(tree.trees, from, to) }
  })
}

/**
 * Joins all filters into one condition. On the sessions' side a comparison of events is always true, because a
 * separate condition selects the visits with such events. Below `or` and `not` this would change the meaning, so it
 * throws a `PlausibleRefusal` (400) there.
 */
export function filtersSql(filters: readonly FilterTree[], side: QuerySide): SqlFragment {
  return joinSql([sql`1`, ...filters.map((tree) => treeSql(tree, side, false))], ' and ')
}

/** Returns one comparison as SQL over the given column. */
export function comparisonSql(comparison: Comparison, column: SqlFragment): SqlFragment {
  const { operator } = comparison
  const holds = anyClauseSql(comparison, column)
  return operator.endsWith('_not') ? sql`not ${holds}` : holds
}

function treeSql(tree: FilterTree, side: QuerySide, belowOrNot: boolean): SqlFragment {
  switch (tree.kind) {
    case 'not':
      return sql`not (${treeSql(tree.tree, side, true)})`
    case 'and': {
      const parts = tree.trees.map((part) => treeSql(part, side, belowOrNot))
      return sql`(${joinSql(parts, ' and ')})`
    }
    case 'or': {
      const parts = tree.trees.map((part) => treeSql(part, side, true))
      return sql`(${joinSql(parts, ' or ')})`
    }
    case 'comparison':
      return leafSql(tree, side, belowOrNot)
  }
}

function leafSql(comparison: Comparison, side: QuerySide, belowOrNot: boolean): SqlFragment {
  const { dimension } = comparison
  const foreignSide = side === 'events' ? 'session' : 'event'
  if (sideOfDimension(dimension) === foreignSide) {
    if (belowOrNot) throw unsupported(`${dimension} below "or" or "not" with these metrics and dimensions`)
    if (side === 'sessions') return sql`1`
  }
  const property = propertyOfDimension(dimension)
  if (property !== undefined) return propertySql(comparison, property)
  return comparisonSql(comparison, sqlName(columnOfDimension(dimension)))
}

// An event without the property satisfies `is_not`, unless "(none)" is among the clauses, and no other comparison.
function propertySql(comparison: Comparison, property: string): SqlFragment {
  const holds = comparisonSql(comparison, sqlName('value'))
  const withProperty = sql`e.property_set_id in (select set_id from properties where key = ${property} and ${holds})`
  const without = sql`e.property_set_id not in (select set_id from properties where key = ${property})`
  const asksForNone = comparison.clauses.includes('(none)')
  const includesNone =
    comparison.operator === 'is' ? asksForNone : comparison.operator === 'is_not' && !asksForNone
  return includesNone ? sql`(${withProperty} or ${without})` : withProperty
}

function anyClauseSql({ operator, dimension, clauses, caseSensitive }: Comparison, column: SqlFragment) {
  switch (operator) {
    case 'is':
    case 'is_not': {
      const values = clauses.map((clause) => (isBlankClause(dimension, clause) ? '' : clause))
      if (caseSensitive) return sql`(${column} in (${sqlList(values)}))`
      return sql`(lower(${column}) in (${sqlList(values.map((value) => String(value).toLowerCase()))}))`
    }
    case 'contains':
    case 'contains_not':
      return containsSql(clauses.map(String), column, caseSensitive)
    case 'matches':
    case 'matches_not':
      return matchesSql(clauses.map(String), column)
  }
}

// Like `lower` in SQLite and ClickHouse, this ignores the case of ASCII letters only.
function containsSql(clauses: readonly string[], column: SqlFragment, caseSensitive: boolean): SqlFragment {
  if (clauses.length > MAX_CONTAINS_CLAUSES) throw new PlausibleRefusal(500, 'internal server error')
  const found = clauses.map((clause) =>
    caseSensitive ? sql`instr(${column}, ${clause}) > 0` : sql`instr(lower(${column}), lower(${clause})) > 0`,
  )
  return sql`(${joinSql([sql`0`, ...found], ' or ')})`
}

function matchesSql(clauses: readonly string[], column: SqlFragment): SqlFragment {
  for (const clause of clauses) assertPattern(clause)
  return sql`matches_any(${column}, ${JSON.stringify(clauses)})`
}

function assertPattern(pattern: string): void {
  try {
    RE2JS.compile(pattern)
  } catch {
    throw new PlausibleRefusal(400, `Invalid filters. Not an RE2 expression: ${JSON.stringify(pattern)}`)
  }
}
