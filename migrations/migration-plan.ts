// Reads the migration files and decides, from the records in the database, which are applied and which are pending.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A file `NNNN_name.sql`; `name` is its name without `.sql`. */
export interface Migration {
  version: number
  name: string
  /** SHA-256 of the text, in hex. */
  checksum: string
  text: string
}

/** A row of `schema_migrations`. */
export type AppliedMigration = Pick<Migration, 'version' | 'name' | 'checksum'>

/** Files and records contradict each other, or Postgres refused a file. The message names the file and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/** Returns which files are applied and which are pending. Throws MigrationError when files and records contradict each other. */
export function planMigrations(
  files: Migration[],
  records: AppliedMigration[],
): { applied: string[]; pending: Migration[] } {
  const recorded = new Set(records.map(({ version }) => version))
  const pending = files.filter(({ version }) => !recorded.has(version))
  for (const record of records) {
    const file = files[record.version - 1]
    if (file?.name !== record.name) {
      throw new MigrationError(
        `${record.name}.sql was applied but is missing: update this checkout or restore the file`,
      )
    }
    if (file.checksum !== record.checksum) {
      throw new MigrationError(
        `${record.name}.sql was edited after it was applied: undo that and add a new file instead`,
      )
    }
    if (pending[0] && pending[0].version < record.version) {
      throw new MigrationError(
        `${record.name}.sql was applied before ${pending[0].name}.sql: give the latter the next free number`,
      )
    }
  }
  return { applied: files.filter((file) => !pending.includes(file)).map(({ name }) => name), pending }
}

/**
 * Reads the `.sql` files of the directory in the order of their numbers.
 * @throws MigrationError for a name of another form, a gap, or a number used twice
 */
export async function readMigrations(directory: string = import.meta.dirname): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort()
  const files = await Promise.all(names.map((name) => readMigration(directory, name)))
  files.forEach(({ name, version }, index) => {
    if (version === index + 1) return
    const expected = String(index + 1).padStart(4, '0')
    throw new MigrationError(
      `${name}.sql comes where ${expected} should be: number the files without gaps or duplicates`,
    )
  })
  return files
}

async function readMigration(directory: string, file: string): Promise<Migration> {
  const [, version] = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file) ?? []
  if (version === undefined) {
    throw new MigrationError(`${file}: name a migration NNNN_name.sql, lower case`)
  }
  // A checkout on Windows may have other line ends; the text is the same.
  const text = (await readFile(join(directory, file), 'utf8')).replaceAll('\r\n', '\n')
  const checksum = createHash('sha256').update(text).digest('hex')
  return { version: Number(version), name: file.slice(0, -'.sql'.length), checksum, text }
}
