// Turns what the database driver throws into one line that says what to do; statements, values and logins stay out of it.
import { NeonDbError } from '@neondatabase/serverless'
import { $ZodError } from 'zod/v4/core'
import { AdminError } from './admin-error.ts'

const UNDEFINED_TABLE_OR_COLUMN = ['42P01', '42703', '42704']

/** Serialization failure, deadlock, too many connections, shutting down and starting up. */
const RETRYABLE = ['40001', '40P01', '53300', '57P01', '57P03']

/** `variable` is the name of the one that holds the connection string. An AdminError is passed on as it is. */
export function explainDatabaseError(error: unknown, variable: string): AdminError {
  if (error instanceof AdminError) return error
  if (error instanceof $ZodError) return new AdminError('failed', SCHEMA_MISMATCH)
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new AdminError('unavailable', 'The database did not answer in time: try again')
  }
  if (!(error instanceof NeonDbError)) throw error
  return explain(error, variable)
}

/** The constraint a statement broke, undefined for any other error. */
export function brokenConstraint(error: unknown): string | undefined {
  return error instanceof AdminError && typeof error.details['constraint'] === 'string'
    ? error.details['constraint']
    : undefined
}

const SCHEMA_MISMATCH = 'The tables are not those of this version: run npm run admin -- migrate'

function explain(error: NeonDbError, variable: string): AdminError {
  const { code, constraint } = error
  if (code?.startsWith('28') || /password authentication failed/.test(error.message)) {
    return new AdminError(
      'unavailable',
      `The database refuses this user or password: correct ${variable} (a changed password, a missing user?)`,
    )
  }
  if (code === '3D000') {
    return new AdminError('unavailable', `There is no such database on that server: correct ${variable}`)
  }
  if (!code) {
    return new AdminError(
      'unavailable',
      `The database cannot be reached: check the host in ${variable} and that the database runs`,
    )
  }
  if (UNDEFINED_TABLE_OR_COLUMN.includes(code)) return new AdminError('failed', SCHEMA_MISMATCH)
  if (RETRYABLE.includes(code)) {
    return new AdminError('unavailable', 'The database is busy with a conflicting change: try again')
  }
  if (code === '42501') {
    return new AdminError(
      'failed',
      `This login may not do that: set ADMIN_DATABASE_URL to the login that owns the tables`,
    )
  }
  return new AdminError(
    'failed',
    `The database refused the statement (SQLSTATE ${code}): see Postgres' list of error codes, and its own log`,
    constraint ? { constraint } : {},
  )
}
