// Tables for people: plain columns, without borders, so that they can be copied and piped.
import Table from 'cli-table3'

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

/** One row a record, under a heading; `nothing` is said when there are none. */
export function renderTable(heading: string[], rows: Cell[][], nothing: string): string {
  if (rows.length === 0) return nothing
  return render([heading, ...rows])
}

/** One line a field: its name and its value. */
export function renderFields(fields: [name: string, value: Cell][]): string {
  return render(fields)
}

function render(rows: Cell[][]): string {
  const style = { 'padding-left': 0, 'padding-right': 0, head: [], border: [] }
  const table = new Table({ chars: NO_BORDERS, style })
  table.push(...rows.map((row) => row.map(show)))
  return table.toString().replaceAll(/ +$/gm, '')
}

/** Control characters are left out: a name in the database must not be able to steer the terminal. */
function show(cell: Cell): string {
  if (cell === null || cell === undefined) return '-'
  if (cell instanceof Date) return cell.toISOString().replace(/\.\d+Z$/, 'Z')
  return String(cell).replaceAll(/\p{Cc}/gu, ' ')
}
