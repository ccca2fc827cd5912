// The forward-only migration runner: applies each SQL file once, in order, in one transaction with its record.
import { NeonDbError, type NeonQueryFunction } from '@neondatabase/serverless'
import * as z from 'zod/mini'
import {
  type AppliedMigration,
  type Migration,
  MigrationError,
  planMigrations,
  readMigrations,
} from './migration-plan.ts'

/** The database, over Neon's HTTP driver with the login that owns the schema, and the directory of the files if they are others. */
export interface MigrationSource {
  sql: NeonQueryFunction<false, false>
  directory?: string
}

/**
 * Applies every file that is not applied yet. Several runners may work at once: one of them applies each file.
 * @returns the names that this call applied and those that were applied before, in order
 * @throws MigrationError, also when the database cannot be reached; files applied before the error stay applied
 */
export async function migrate({ sql, directory }: MigrationSource): Promise<{
  applied: string[]
  already: string[]
}> {
  const files = await readMigrations(directory)
  const applied: string[] = []
  await createRecordTable(sql)
  for (;;) {
    const plan = planMigrations(files, await readApplied(sql))
    const next = plan.pending[0]
    if (!next) return { applied, already: plan.applied.filter((name) => !applied.includes(name)) }
    if (await apply(sql, next)) applied.push(next.name)
  }
}

/** Returns what `migrate` would find and do; changes nothing. Throws MigrationError as `migrate` does. */
export async function migrationStatus({ sql, directory }: MigrationSource): Promise<{
  applied: string[]
  pending: string[]
}> {
  const files = await readMigrations(directory)
  const rows = await send(sql.query(`SELECT to_regclass('schema_migrations') IS NOT NULL AS "isPresent"`))
  const [table] = presenceSchema.parse(rows)
  const { applied, pending } = planMigrations(files, table?.isPresent ? await readApplied(sql) : [])
  return { applied, pending: pending.map(({ name }) => name) }
}

const presenceSchema = z.array(z.object({ isPresent: z.boolean() }))
const appliedSchema = z.array(z.object({ version: z.number(), name: z.string(), checksum: z.string() }))

async function readApplied(sql: MigrationSource['sql']): Promise<AppliedMigration[]> {
  const rows = await send(sql.query('SELECT version, name, checksum FROM schema_migrations ORDER BY version'))
  return appliedSchema.parse(rows)
}

/** Held to the end of the transaction: IF NOT EXISTS alone fails when two runners create the table at once. */
const takeLock = `SELECT pg_advisory_xact_lock(hashtext('schema_migrations'))`

async function createRecordTable(sql: MigrationSource['sql']): Promise<void> {
  const create = `CREATE TABLE IF NOT EXISTS schema_migrations (
    version int PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`
  await send(sql.transaction([sql.query(takeLock), sql.query(create)]))
}

/** Returns false when another runner has applied the file meanwhile. */
async function apply(
  sql: MigrationSource['sql'],
  { version, name, checksum, text }: Migration,
): Promise<boolean> {
  // The protocol allows one statement in a query; EXECUTE runs a file of many. The text cannot contain its own checksum, so the quotes are safe.
  const body = `$do_${checksum}$ BEGIN EXECUTE $sql_${checksum}$${text}$sql_${checksum}$; END $do_${checksum}$`
  const record = 'INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)'
  try {
    await sql.transaction([
      sql.query(takeLock),
      sql.query(record, [version, name, checksum]),
      sql.query(`DO ${body}`),
    ])
    return true
  } catch (error) {
    if (isAppliedByAnother(error)) return false
    throw new MigrationError(`${name}.sql${lineOf(error, text)}: ${describe(error)}`)
  }
}

function isAppliedByAnother(error: unknown): boolean {
  return (
    error instanceof NeonDbError && error.code === '23505' && error.constraint === 'schema_migrations_pkey'
  )
}

async function send<T>(response: Promise<T>): Promise<T> {
  try {
    return await response
  } catch (error) {
    throw new MigrationError(describe(error))
  }
}

/** Repeats only errors of Postgres: the driver's own may contain the connection string. */
function describe(error: unknown): string {
  if (!(error instanceof NeonDbError) || error.code === undefined) {
    return 'the database cannot be reached: check DATABASE_URL and that the database runs'
  }
  const hint = error.hint ? ` (${error.hint})` : ''
  return `${error.message}${hint} [SQLSTATE ${error.code}]`
}

function lineOf(error: unknown, text: string): string {
  if (!(error instanceof NeonDbError) || error.internalQuery !== text || !error.internalPosition) return ''
  const before = [...text].slice(0, Number(error.internalPosition) - 1)
  return `, line ${before.filter((character) => character === '\n').length + 1}`
}
