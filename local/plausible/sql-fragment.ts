// SQL text together with its bound values, so that nothing a caller sends is ever spliced into a statement.
import type { SQLInputValue } from 'node:sqlite'

/** A piece of SQL and the values of its `?` placeholders, in order. */
export type SqlFragment = { readonly text: string; readonly values: readonly SQLInputValue[] }

/** Template tag: fragments are embedded as they are, everything else becomes a bound value. */
export function sql(
  strings: TemplateStringsArray,
  ...parts: readonly (SqlFragment | SQLInputValue)[]
): SqlFragment {
  let text = strings[0] ?? ''
  const values: SQLInputValue[] = []
  parts.forEach((part, index) => {
    if (isFragment(part)) {
      text += part.text
      values.push(...part.values)
    } else {
      text += '?'
      values.push(part)
    }
    text += strings[index + 1] ?? ''
  })
  return { text, values }
}

/** Puts a separator of our own (never a caller's text) between fragments. */
export function joinSql(fragments: readonly SqlFragment[], separator: string): SqlFragment {
  return {
    text: fragments.map((fragment) => fragment.text).join(separator),
    values: fragments.flatMap((fragment) => fragment.values),
  }
}

/** A list of bound values for `in (...)`; the empty list is a set that holds nothing. */
export function sqlList(values: readonly SQLInputValue[]): SqlFragment {
  return { text: values.map(() => '?').join(', '), values }
}

/** Names of tables and columns, which only our own code writes. */
export function sqlName(name: string): SqlFragment {
  return { text: name, values: [] }
}

function isFragment(part: SqlFragment | SQLInputValue): part is SqlFragment {
  return typeof part === 'object' && part !== null && 'text' in part && 'values' in part
}
