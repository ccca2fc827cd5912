// The values of a filter as callers write them: separated by commas, with * as the wildcard and \ as the escape.

import type { Pattern } from './analytics-store.ts'

/**
 * Splits the text of a filter into its values, each a pattern: literal pieces between wildcards. `a*b,c` is `["a","b"]`
 * and `["c"]`; several wildcards in a row are one. `\,`, `\*` and `\\` are the characters themselves; before any other character a backslash is literal.
 */
export function parseFilterValues(text: string): Pattern[] {
  const values: string[][] = []
  let pieces: string[] = []
  let piece = ''
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    const next = text.charAt(i + 1)
    if (char === '\\' && next !== '' && ',*\\'.includes(next)) {
      piece += next
      i++
    } else if (char === '*') {
      if (piece !== '' || pieces.length === 0) pieces.push(piece)
      piece = ''
    } else if (char === ',') {
      values.push([...pieces, piece])
      pieces = []
      piece = ''
    } else piece += char
  }
  return [...values, [...pieces, piece]]
}

/** A pattern as a caller would write it. */
export function formatPattern(pattern: Pattern): string {
  return pattern.map((piece) => piece.replace(/[\\,*]/g, '\\$&')).join('*')
}
