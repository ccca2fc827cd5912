// SQL text with its bound values, so that text from a caller never becomes part of a statement.
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

/** Joins fragments with a separator, which must never be text from a caller. */
export function joinSql(fragments: readonly SqlFragment[], separator: string): SqlFragment {
  return {
    text: fragments.map((fragment) => fragment.text).join(separator),
    values: fragments.flatMap((fragment) => fragment.values),
  }
}

/** Returns a list of bound values for `in (...)`; an empty list matches nothing. */
export function sqlList(values: readonly SQLInputValue[]): SqlFragment {
  return { text: values.map(() => '?').join(', '), values }
}

/** Returns a name of a table or column as SQL; it must never be text from a caller. */
export function sqlName(name: string): SqlFragment {
  return { text: name, values: [] }
}

function isFragment(part: SqlFragment | SQLInputValue): part is SqlFragment {
  return typeof part === 'object' && part !== null && 'text' in part && 'values' in part
}
