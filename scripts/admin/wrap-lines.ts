// Breaks lines between words where a terminal is too narrow for them.

/** Wraps each line that is longer than `columns` (undefined: none); what follows stands under the text of its line. */
export function wrapLines(text: string, columns: number | undefined): string {
  if (columns === undefined) return text
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns, indentOf(line, columns)))
    .join('\n')
}

/** Wraps one line; the lines after the first begin with `indent` spaces. A word that is too long stays whole. */
export function wrapLine(line: string, columns: number, indent: number): string {
  const wrapped: string[] = []
  let rest = line
  while (lengthOf(rest) > columns) {
    const before = rest.lastIndexOf(' ', columns)
    const at = before > indent ? before : rest.indexOf(' ', Math.max(columns, indent))
    if (at === -1) break
    wrapped.push(rest.slice(0, at).trimEnd())
    rest = ' '.repeat(indent) + rest.slice(at).trimStart()
  }
  return [...wrapped, rest].join('\n')
}

/** The number of characters, where one outside the basic plane is one. */
export function lengthOf(text: string): number {
  return [...text].length
}

/** Where the second of two columns begins; in running text, where the line itself begins. */
function indentOf(line: string, columns: number): number {
  const secondColumn = /^\s*\S.*?\s{2,}(?=\S)/.exec(line)?.[0].length ?? 0
  return secondColumn > 0 && secondColumn < columns / 2 ? secondColumn : line.length - line.trimStart().length
}
