// Finds which column of a job a name in a file stands for: in any case, by --map, or none.
import { AdminError } from '../admin-error.ts'
import { JOB_COLUMNS, type JobColumn } from './job-record.ts'

/** How the names in a file are read. */
export interface ColumnRules {
  /** By the name in the file, in lower case, the column it stands for. */
  renamed: ReadonlyMap<string, JobColumn>
  /** Whether other columns are left out; otherwise they are an error. */
  ignoresExtra: boolean
}

/** Reads the values of --map, each `column=name in the file`, with commas between pairs. Throws AdminError. */
export function parseColumnRules(maps: readonly string[], ignoresExtra: boolean): ColumnRules {
  const renamed = new Map<string, JobColumn>()
  for (const pair of maps.flatMap((map) => map.split(','))) {
    const [, target = '', source = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? []
    const column = JOB_COLUMNS.find((known) => known === normalize(target))
    if (column === undefined || source.trim() === '') {
      throw new AdminError(
        'usage',
        `--map ${quote(pair)} is not <column>=<name in the file>: write --map id=job_id,title=name; the columns are ${JOB_COLUMNS.join(', ')}`,
      )
    }
    if (renamed.has(normalize(source)) || [...renamed.values()].includes(column)) {
      throw new AdminError('usage', `--map names ${quote(pair)} twice: give each column once`)
    }
    renamed.set(normalize(source), column)
  }
  return { renamed, ignoresExtra }
}

/** Returns the column that a name stands for; undefined for an extra one. A column that --map replaces is extra itself. */
export function resolveColumn(name: string, { renamed }: ColumnRules): JobColumn | undefined {
  const plain = normalize(name)
  const mapped = renamed.get(plain)
  if (mapped !== undefined) return mapped
  const column = JOB_COLUMNS.find((known) => known === plain)
  return column !== undefined && [...renamed.values()].includes(column) ? undefined : column
}

/** "Created At", "created-at" and "CREATED_AT" are the same. */
export function normalize(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
}

/** Shows a text from a file or the command line, cut to a length that fits a message. */
export function quote(text: string | undefined): string {
  const shown = text ?? ''
  return JSON.stringify(shown.length > 40 ? `${shown.slice(0, 40)}…` : shown)
}
