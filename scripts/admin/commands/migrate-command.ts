// `migrate`: updates the schema, and the role that the Worker's login belongs to, to this version.
import { Command } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { type MigrationSource, migrate, migrationStatus } from '../../../migrations/migrate.ts'
import { MigrationError } from '../../../migrations/migration-plan.ts'
import { AdminError } from '../admin-error.ts'
import type { CommandResult, RunCommand, Session } from '../session.ts'
import { renderTable } from '../table.ts'

/** The command `migrate`. */
export function migrateCommand(run: RunCommand) {
  const command = new Command('migrate')
    .description('apply the SQL files in migrations/ that are not applied yet, each in a transaction')
    .option('--status', 'only show what is applied and what is pending')
  return command.action((options) =>
    run(command, (session) => (options.status ? showStatus(session) : applyAll(session))),
  )
}

async function applyAll(session: Session): Promise<CommandResult> {
  const source = await openSource(session)
  const { applied, already } = await migrate(source).catch(explain)
  const lines = applied.map((name) => `applied ${name}`)
  const done =
    applied.length === 0 ? `Nothing to do: all ${already.length} migrations are applied` : undefined
  return { document: { applied, already }, text: done ?? lines.join('\n') }
}

async function showStatus(session: Session): Promise<CommandResult> {
  const { applied, pending } = await migrationStatus(await openSource(session)).catch(explain)
  const rows = [...applied.map((name) => [name, 'applied']), ...pending.map((name) => [name, 'pending'])]
  return {
    document: { applied, pending },
    text: renderTable(['migration', 'state'], rows, 'There are no files', session.terminal.columns),
  }
}

/** Sends a harmless statement first, so that a wrong password is reported in the words of this program. */
async function openSource(session: Session): Promise<MigrationSource> {
  const database = await session.database()
  await database.rows(z.object({ ready: z.number() }), 'select 1 as ready')
  return { sql: database.sql }
}

function explain(error: unknown): never {
  if (error instanceof MigrationError) {
    const isForbidden = error.message.includes('[SQLSTATE 42501]')
    const advice = isForbidden ? ': set ADMIN_DATABASE_URL to the login that owns the database' : ''
    throw new AdminError('failed', error.message + advice)
  }
  throw error
}
