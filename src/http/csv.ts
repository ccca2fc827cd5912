// CSV files (RFC 4180) whose cells no spreadsheet runs as a formula.

/** A table: the names of the columns, then the cells of each row in their order. */
export interface Table {
  columns: readonly string[]
  rows: readonly (readonly (string | number | null)[])[]
}

/** Characters with which spreadsheets begin a formula (https://owasp.org/www-community/attacks/CSV_Injection). */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

/** The text of the file: a header line, then a line for each row, each ending in CRLF. Null is an empty cell. */
export function toCsv({ columns, rows }: Table): string {
  return [columns, ...rows].map((cells) => `${cells.map(toCell).join(',')}\r\n`).join('')
}

/** An apostrophe before a formula makes it text. Numbers come from the API and stay numbers. */
function toCell(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
