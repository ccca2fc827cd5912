// Reads NDJSON, one JSON object on each line, or a file that holds one JSON array of objects.
import { AdminError } from '../admin-error.ts'
import { type ColumnRules, quote, resolveColumn } from './columns.ts'
import type { JobColumn } from './job-record.ts'
import { readElements } from './json-array.ts'
import type { Line } from './lines.ts'

/** Reads records with their columns renamed as `rules` say. Blank lines are skipped. Throws AdminError. */
export async function* readNdjson(
  lines: AsyncIterable<Line<string>>,
  rules: ColumnRules,
): AsyncGenerator<Line<unknown>> {
  const columns = new Map<string, JobColumn | undefined>()
  for await (const record of readElements(lines, expectObject)) {
    const parsed = 'problem' in record ? record : parse(record.line, record.value)
    yield 'problem' in parsed ? parsed : rename(parsed, rules, columns)
  }
}

/** A first line that opens an object and does not close it is JSON of another layout; each line would be an error. */
function expectObject({ line, value }: { line: number; value: string }): void {
  const text = value.trim()
  if (!text.startsWith('{') || text.endsWith('}')) return
  throw new AdminError(
    'usage',
    `Line ${line} begins a JSON object that goes over several lines: write one object on each line, or one array of objects`,
  )
}

function parse(line: number, text: string): Line<unknown> {
  try {
    return { line, value: JSON.parse(text) }
  } catch {
    return { line, problem: 'it is not JSON' }
  }
}

function rename(
  { line, value }: { line: number; value: unknown },
  rules: ColumnRules,
  columns: Map<string, JobColumn | undefined>,
): Line<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { line, value }
  const renamed: Record<string, unknown> = {}
  for (const [name, cell] of Object.entries(value)) {
    if (!columns.has(name)) columns.set(name, resolveColumn(name, rules))
    const column = columns.get(name)
    if (column === undefined && rules.ignoresExtra) continue
    if (column !== undefined && Object.hasOwn(renamed, column)) {
      return { line, problem: `it names ${column} twice, the second time as ${quote(name)}` }
    }
    renamed[column ?? name] = cell
  }
  return { line, value: renamed }
}
