// Reads CSV (RFC 4180) with a heading from numbered lines; a broken record costs its own line and not what follows it.
import { CsvError, parse } from 'csv-parse/sync'
import { AdminError } from '../admin-error.ts'
import type { Line } from './lines.ts'

/** A record as the file has it, by column; cells are text. */
export type CsvRecord = Record<string, string>

/** How many lines a quoted cell may go over, so that a quote that is never closed is found soon. */
const MAX_LINES_A_RECORD = 100
/** Records parsed in one call, as a call costs more than a record. */
const RECORDS_A_CALL = 500

/** Throws AdminError when the first line is not a heading of `columns`. Blank lines are skipped. */
export async function* readCsv(
  lines: AsyncIterable<Line<string>>,
  columns: readonly string[],
): AsyncGenerator<Line<CsvRecord>> {
  let heading: string[] | undefined
  let batch: { line: number; value: string }[] = []
  for await (const record of joinQuotedLines(lines)) {
    if (heading === undefined) {
      heading = parseHeading(record, columns)
      continue
    }
    const isProblem = 'problem' in record
    if (!isProblem && record.value.trim() !== '') batch.push(record)
    if (!isProblem && batch.length < RECORDS_A_CALL) continue
    yield* parseRecords(batch, heading)
    batch = []
    if (isProblem) yield record
  }
  if (heading === undefined)
    throw new AdminError('usage', 'The file is empty: its first line names the columns')
  yield* parseRecords(batch, heading)
}

/** A record's text, over several lines where a quoted cell holds line breaks; it has the number of its first line. */
async function* joinQuotedLines(lines: AsyncIterable<Line<string>>): AsyncGenerator<Line<string>> {
  let open: Line<string>[] = []
  for await (const line of lines) {
    open.push(line)
    // A quote that stays open is the first line's problem; those after it are records of their own.
    for (let settled = settle(open, false); settled !== undefined; settled = settle(open, false)) {
      yield settled.record
      open = open.slice(settled.lines)
    }
  }
  for (let settled = settle(open, true); settled !== undefined; settled = settle(open, true)) {
    yield settled.record
    open = open.slice(settled.lines)
  }
}

/** The record that begins with the first of these lines; undefined when there is none, or the next line must be known. */
function settle(open: Line<string>[], isEnd: boolean): { record: Line<string>; lines: number } | undefined {
  const [first] = open
  if (first === undefined) return undefined
  if ('problem' in first || hasEvenQuotes(first.value)) return { record: first, lines: 1 }
  const last = open.findIndex((line, index) => index > 0 && 'value' in line && !hasEvenQuotes(line.value))
  const joined = last === -1 ? undefined : join(open.slice(0, last + 1))
  if (joined !== undefined && parseRow(joined) !== undefined) {
    return { record: { line: first.line, value: joined }, lines: last + 1 }
  }
  if (last === -1 && !isEnd && open.length < MAX_LINES_A_RECORD) return undefined
  return { record: { line: first.line, problem: 'a quote is opened and not closed' }, lines: 1 }
}

function join(lines: Line<string>[]): string | undefined {
  const values = lines.flatMap((line) => ('value' in line ? [line.value] : []))
  return values.length === lines.length ? values.join('\n') : undefined
}

function hasEvenQuotes(text: string): boolean {
  let isEven = true
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isEven = !isEven
  return isEven
}

function parseHeading(record: Line<string>, columns: readonly string[]): string[] {
  const names = 'value' in record ? parseRow(record.value)?.map((name) => name.trim()) : undefined
  const known = columns.join(',')
  if (names === undefined)
    throw new AdminError('usage', `Line 1 is not CSV: it names the columns, such as ${known}`)
  const [unknown] = names.filter((name) => !columns.includes(name))
  const [twice] = names.filter((name, index) => names.indexOf(name) !== index)
  const wrong = unknown ?? twice
  if (wrong === undefined) return names
  const shown = JSON.stringify(wrong.slice(0, 40))
  throw new AdminError(
    'usage',
    `Line 1 names the column ${shown}${unknown === undefined ? ' twice' : ''}: write a heading of ${known}, with commas`,
  )
}

function parseRecords(batch: { line: number; value: string }[], heading: string[]): Line<CsvRecord>[] {
  const rows = parseRows(batch.map(({ value }) => value).join('\n'))
  const isWhole = rows?.length === batch.length
  return batch.map(({ line, value }, index) => {
    const row = isWhole ? rows[index] : parseRow(value)
    if (row === undefined)
      return { line, problem: 'a quote stands where none may be: double those inside a quoted cell' }
    if (row.length !== heading.length) {
      return { line, problem: `it has ${row.length} cells, and the heading ${heading.length}` }
    }
    return { line, value: Object.fromEntries(heading.map((name, cell) => [name, row[cell] ?? ''])) }
  })
}

/** Undefined when the text is not exactly one record. */
function parseRow(text: string): string[] | undefined {
  const rows = parseRows(text)
  return rows?.length === 1 ? rows[0] : undefined
}

function parseRows(text: string): string[][] | undefined {
  try {
    return parse(text, { relax_column_count: true, record_delimiter: '\n' })
  } catch (error) {
    if (error instanceof CsvError) return undefined
    throw error
  }
}
