// Reads CSV (RFC 4180) with a heading from numbered lines; a broken record costs its own line and not what follows it.
import { CsvError, parse } from 'csv-parse/sync'
import { AdminError } from '../admin-error.ts'
import { type ColumnRules, normalize, quote, resolveColumn } from './columns.ts'
import { JOB_COLUMNS, type JobColumn, splitPaths } from './job-record.ts'
import type { Line } from './lines.ts'

/** A record of the file by column; cells are text, and `paths` an array, undefined for a blank cell. */
export type CsvRecord = Record<string, string | string[] | undefined>

/** How many lines a quoted cell may span, so that a quote that is never closed is found soon. */
const MAX_LINES_A_RECORD = 100
/** Records parsed in one call, because a call costs more than a record. */
const RECORDS_A_CALL = 500
const DELIMITERS = [',', ';', '\t', '|']
const REQUIRED: readonly JobColumn[] = ['id', 'title', 'slug']

/** What the first lines of the file say about the others. */
interface Dialect {
  delimiter: string
  /** The column of each cell; undefined for an extra one. */
  heading: (JobColumn | undefined)[]
}

/**
 * Reads the records after the heading. Blank lines and rows of blank cells are skipped everywhere; a first line such as
 * `sep=;` sets the delimiter. Throws AdminError when the heading is missing or wrong.
 */
export async function* readCsv(
  lines: AsyncIterable<Line<string>>,
  rules: ColumnRules,
): AsyncGenerator<Line<CsvRecord>> {
  const dialect: Dialect = { delimiter: ',', heading: [] }
  let batch: { line: number; value: string }[] = []
  for await (const record of joinQuotedLines(lines, dialect)) {
    if ('value' in record && record.value.trim() === '') continue
    if (dialect.heading.length === 0) {
      readHead(record, dialect, rules)
      continue
    }
    const isProblem = 'problem' in record
    if (!isProblem) batch.push(record)
    if (!isProblem && batch.length < RECORDS_A_CALL) continue
    yield* parseRecords(batch, dialect)
    batch = []
    if (isProblem) yield record
  }
  if (dialect.heading.length === 0)
    throw new AdminError('usage', 'The file is empty: its first line must name the columns')
  yield* parseRecords(batch, dialect)
}

/** Yields a record's text, over several lines if a quoted cell holds line breaks, with the number of its first line. */
async function* joinQuotedLines(
  lines: AsyncIterable<Line<string>>,
  dialect: Dialect,
): AsyncGenerator<Line<string>> {
  let open: Line<string>[] = []
  for await (const line of lines) {
    open.push(line)
    // A quote that stays open is a problem of the first line; those after it are records of their own.
    for (let next = settle(open, dialect, false); next !== undefined; next = settle(open, dialect, false)) {
      yield next.record
      open = open.slice(next.lines)
    }
  }
  for (let next = settle(open, dialect, true); next !== undefined; next = settle(open, dialect, true)) {
    yield next.record
    open = open.slice(next.lines)
  }
}

/** The record that begins with the first of these lines; undefined when there is none, or when the next line decides. */
function settle(
  open: Line<string>[],
  { delimiter }: Dialect,
  isEnd: boolean,
): { record: Line<string>; lines: number } | undefined {
  const [first] = open
  if (first === undefined) return undefined
  if ('problem' in first || hasEvenQuotes(first.value)) return { record: first, lines: 1 }
  const last = open.findIndex((line, index) => index > 0 && 'value' in line && !hasEvenQuotes(line.value))
  const joined = last === -1 ? undefined : join(open.slice(0, last + 1))
  if (joined !== undefined && parseRow(joined, delimiter) !== undefined) {
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

/** Reads a line before the records: Excel's `sep=;`, a row of blank cells, or the heading. */
function readHead(record: Line<string>, dialect: Dialect, rules: ColumnRules): void {
  const [, separator] = ('value' in record && /^"?sep=(.)"?\s*$/i.exec(record.value)) || []
  if (separator !== undefined && DELIMITERS.includes(separator)) {
    dialect.delimiter = separator
    return
  }
  const names = 'value' in record ? parseRow(record.value, dialect.delimiter) : undefined
  if (names === undefined) {
    const known = JOB_COLUMNS.join(',')
    throw new AdminError(
      'usage',
      `Line ${record.line} is not CSV: it must name the columns, such as ${known}`,
    )
  }
  if (!names.every((name) => name.trim() === '')) dialect.heading = parseHeading(names, record.line, rules)
}

function parseHeading(names: string[], line: number, rules: ColumnRules): (JobColumn | undefined)[] {
  const heading = names.map((name) => resolveColumn(name, rules))
  const known = JOB_COLUMNS.join(',')
  const extra = names.filter((name, index) => heading[index] === undefined && name.trim() !== '')
  if (extra.length > 0 && !rules.ignoresExtra) {
    const separators = /[;\t|]/.test(names.join('')) ? ' (or put a line such as "sep=;" before it)' : ''
    throw new AdminError(
      'usage',
      `Line ${line} names the column${extra.length > 1 ? 's' : ''} ${extra.map((name) => quote(name.trim())).join(', ')}: write a heading of ${known}, with commas${separators}, rename columns with --map id=<name>, or leave them out with --ignore-extra-columns`,
    )
  }
  const twice = names.find((_, index) => heading[index] && heading.indexOf(heading[index]) !== index)
  if (twice !== undefined) {
    throw new AdminError(
      'usage',
      `Line ${line} names the column ${quote(twice.trim())} twice: remove one of them`,
    )
  }
  const unused = [...rules.renamed.keys()].find((source) => !names.some((name) => normalize(name) === source))
  if (unused !== undefined) {
    throw new AdminError(
      'usage',
      `--map names ${quote(unused)}, but line ${line} has no such column: correct --map`,
    )
  }
  const missing = REQUIRED.find((column) => !heading.includes(column))
  if (missing !== undefined) {
    throw new AdminError(
      'usage',
      `Line ${line} does not name the column ${missing}: add it, or rename another with --map ${missing}=<name>`,
    )
  }
  return heading
}

function parseRecords(
  batch: { line: number; value: string }[],
  { delimiter, heading }: Dialect,
): Line<CsvRecord>[] {
  const rows = parseRows(batch.map(({ value }) => value).join('\n'), delimiter)
  const isWhole = rows?.length === batch.length
  return batch.flatMap(({ line, value }, index): Line<CsvRecord>[] => {
    const row = isWhole ? rows[index] : parseRow(value, delimiter)
    if (row === undefined)
      return [{ line, problem: 'a quote is not allowed here: double the quotes inside a quoted cell' }]
    if (row.every((cell) => cell.trim() === '')) return []
    if (row.length !== heading.length) {
      return [{ line, problem: `it has ${row.length} cells, and the heading ${heading.length}` }]
    }
    const cells = heading.flatMap((column, index) => {
      const cell = row[index] ?? ''
      return column ? [[column, column === 'paths' ? splitPaths(cell) : cell]] : []
    })
    return [{ line, value: Object.fromEntries(cells) }]
  })
}

/** Undefined when the text is not exactly one record. */
function parseRow(text: string, delimiter: string): string[] | undefined {
  const rows = parseRows(text, delimiter)
  return rows?.length === 1 ? rows[0] : undefined
}

function parseRows(text: string, delimiter: string): string[][] | undefined {
  try {
    return parse(text, { delimiter, relax_column_count: true, record_delimiter: '\n' })
  } catch (error) {
    if (error instanceof CsvError) return undefined
    throw error
  }
}
