// Tables for people: plain columns without borders, so that they can be copied and piped.
import Table from 'cli-table3'
import { lengthOf, wrapLine } from './wrap-lines.ts'

type Cell = string | number | Date | null | undefined

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}
/** A last column narrower than this is not worth wrapping. */
const MIN_LAST_COLUMN = 24

/**
 * Renders one row for each record, under a heading; `nothing` when there are none. In a terminal of fewer `columns`
 * than the table has, the last column is wrapped, or each record becomes a block of lines.
 */
export function renderTable(
  heading: string[],
  rows: Cell[][],
  nothing: string,
  columns: number | undefined,
): string {
  if (rows.length === 0) return nothing
  const table = render([heading, ...rows])
  const lines = table.split('\n')
  if (columns === undefined || lines.every((line) => lengthOf(line) <= columns)) return table
  const lead = leadOf([heading, ...rows])
  if (columns - lead >= MIN_LAST_COLUMN) return lines.map((line) => wrapLine(line, columns, lead)).join('\n')
  return rows.map((row) => renderBlock(heading, row, columns)).join('\n\n')
}

/** Renders one line for each field: its name and its value. */
export function renderFields(fields: [name: string, value: Cell][]): string {
  return render(fields)
}

function renderBlock(heading: string[], row: Cell[], columns: number): string {
  const fields = heading.map((name, index): [string, Cell] => [name, row[index]])
  return render(fields)
    .split('\n')
    .map((line) => wrapLine(line, columns, leadOf(fields)))
    .join('\n')
}

/** Where the last column begins. */
function leadOf(rows: Cell[][]): number {
  const before = rows[0]?.slice(0, -1) ?? []
  const widths = before.map((_, index) => Math.max(...rows.map((row) => lengthOf(show(row[index])))))
  return widths.reduce((sum, width) => sum + width + NO_BORDERS.middle.length, 0)
}

function render(rows: Cell[][]): string {
  const style = { 'padding-left': 0, 'padding-right': 0, head: [], border: [] }
  const table = new Table({ chars: NO_BORDERS, style })
  table.push(...rows.map((row) => row.map(show)))
  return table.toString().replaceAll(/ +$/gm, '')
}

/** Leaves out control characters: a name in the database must not be able to control the terminal. */
function show(cell: Cell): string {
  if (cell === null || cell === undefined) return '-'
  if (cell instanceof Date) return cell.toISOString().replace(/\.\d+Z$/, 'Z')
  return String(cell).replaceAll(/\p{Cc}/gu, ' ')
}
