// Turns an error of the database driver into one line that says what to do, without statements, values or logins.
import { NeonDbError } from '@neondatabase/serverless'
import { $ZodError } from 'zod/v4/core'
import { AdminError } from './admin-error.ts'

const UNDEFINED_TABLE_OR_COLUMN = ['42P01', '42703', '42704']

/** Serialization failure, deadlock, too many connections, shutting down and starting up. */
const RETRYABLE = ['40001', '40P01', '53300', '57P01', '57P03']

/** `variable` is the name of the variable that holds the connection string. Returns an AdminError as it is; rethrows an error that is not the database's. */
export function explainDatabaseError(error: unknown, variable: string): AdminError {
  if (error instanceof AdminError) return error
  if (error instanceof $ZodError) return new AdminError('failed', SCHEMA_MISMATCH)
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new AdminError('unavailable', 'The database did not respond in time: try again')
  }
  if (!(error instanceof NeonDbError)) throw error
  return explain(error, variable)
}

/** Returns the constraint that a statement broke; undefined for any other error. */
export function brokenConstraint(error: unknown): string | undefined {
  return error instanceof AdminError && typeof error.details['constraint'] === 'string'
    ? error.details['constraint']
    : undefined
}

/**
 * Returns why the database refuses the values of a statement, such as a broken constraint; undefined for an error that
 * other values would meet too. Postgres' own text may hold values, so only its code and the constraint are shown.
 */
export function refusedValues(error: unknown): string | undefined {
  if (!(error instanceof AdminError)) return undefined
  const { sqlState, constraint } = error.details
  if (typeof sqlState !== 'string' || !VALUE_ERRORS.test(sqlState)) return undefined
  const rule = typeof constraint === 'string' ? `, constraint ${constraint}` : ''
  return `the database refuses it (SQLSTATE ${sqlState}${rule})`
}

/** Classes of SQLSTATE: bad values, broken constraints, an error raised by a trigger, a view's check, and values too long. */
const VALUE_ERRORS = /^(22|23|P0|44|54)/

const SCHEMA_MISMATCH = 'The tables are not those of this version: run npm run admin -- migrate'

function explain(error: NeonDbError, variable: string): AdminError {
  const { code, constraint } = error
  if (code?.startsWith('28') || /password authentication failed/.test(error.message)) {
    return new AdminError(
      'unavailable',
      `The database refuses this user or password: correct ${variable} (was the password changed, or the user removed?)`,
    )
  }
  if (code === '3D000') {
    return new AdminError('unavailable', `There is no such database on that server: correct ${variable}`)
  }
  if (!code) {
    return new AdminError(
      'unavailable',
      `The database cannot be reached: check the host in ${variable} and that the database is running`,
    )
  }
  if (UNDEFINED_TABLE_OR_COLUMN.includes(code)) return new AdminError('failed', SCHEMA_MISMATCH)
  if (RETRYABLE.includes(code)) {
    return new AdminError('unavailable', 'The database is busy with a conflicting change: try again')
  }
  if (code === '42501') {
    return new AdminError(
      'failed',
      'This login lacks the right to do that: set ADMIN_DATABASE_URL to the login that owns the tables',
    )
  }
  return new AdminError(
    'failed',
    `The database refused the statement (SQLSTATE ${code}): see the list of error codes in the manual of Postgres, and the server's log`,
    { sqlState: code, ...(constraint && { constraint }) },
  )
}
