// The database over Neon's HTTP driver, with the operator's login. Every error becomes one line without secrets.
import { NeonDbError, type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless'
import type * as z from 'zod/mini'
import { parseConnectionString } from '../../local/postgres/connection-string.ts'
import { startNeonFront } from '../../local/postgres/neon-front.ts'
import { openPostgresServer } from '../../local/postgres/server-backend.ts'
import { problemOfDatabaseUrl, problemOfNeonEndpoint } from '../../src/config.ts'
import { AdminError } from './admin-error.ts'
import { explainDatabaseError } from './database-error.ts'
import type { Settings } from './settings.ts'

const STATEMENT_TIMEOUT_MS = 30_000
/** The driver's own setting, which leads to Neon. */
const NEON_ITSELF = neonConfig.fetchEndpoint

/** The driver's function for one connection string. */
export type Sql = NeonQueryFunction<false, false>

/** A database that statements can be sent to. */
export interface Database {
  sql: Sql
  url: string
  /** Whether the server is on this machine. */
  isLocal: boolean
  /** Runs one statement and checks its rows. Throws AdminError, also after `timeoutMs` (30 s unless given). */
  rows<T>(row: z.ZodMiniType<T>, text: string, parameters?: unknown[], timeoutMs?: number): Promise<T[]>
  /**
   * Runs a statement, checks deferred constraints, and rolls everything back. Returns the text that the statement has
   * stored with `set_config(REHEARSAL_RESULT, …, true)`. Throws AdminError as `rows` does.
   */
  rehearse(text: string, parameters: unknown[], timeoutMs: number): Promise<string>
  /** Stops what was started for this database. */
  close(): Promise<void>
}

/** The setting of the transaction in which a rehearsed statement leaves its result. */
export const REHEARSAL_RESULT = 'job_analytics.rehearsal'
/** The SQLSTATE that ends a rehearsal; no error of Postgres has it. */
const REHEARSED = 'JA001'
/** Only an error rolls back a transaction over HTTP, so the result travels in its detail. */
const END_REHEARSAL = `do $$ begin
  raise exception using errcode = '${REHEARSED}', message = 'rehearsal', detail = current_setting('${REHEARSAL_RESULT}');
end $$`

/** The variables that may hold the operator's connection string; the first that is set is used. */
export const OPERATOR_VARIABLES = ['ADMIN_DATABASE_URL', 'DATABASE_URL']

/**
 * Prepares the connection; nothing is sent yet. For a server on this machine without NEON_ENDPOINT, a proxy that
 * speaks Neon's protocol runs in this process until `close`. Throws AdminError when a variable is missing or wrong.
 */
export async function openDatabase(settings: Settings, variables = OPERATOR_VARIABLES): Promise<Database> {
  const name = variables.find((variable) => settings[variable] !== undefined)
  const url = name === undefined ? undefined : settings[name]
  if (name === undefined || url === undefined) {
    throw new AdminError(
      'usage',
      `${variables.join(' or ')} is not set: set it to postgres://user:password@host/database, or use --local`,
    )
  }
  const target = parseConnectionString(url)
  const problem = problemOfDatabaseUrl(url)
  if (target === undefined || problem !== undefined) {
    throw new AdminError(
      'usage',
      `${name} ${problem ?? 'must have the form postgres://user:password@host/database'}: correct it`,
    )
  }
  const isLocal = isLoopback(target.host)
  const front = isLocal && !settings['NEON_ENDPOINT'] ? await startFront(target) : undefined
  const endpoint = front?.endpoint ?? endpointOf(settings)
  // The driver has one such setting for all connections and reads it when it sends a query.
  const aim = () => {
    neonConfig.fetchEndpoint = endpoint ?? NEON_ITSELF
  }
  aim()
  const sql = neon(url)
  return {
    sql,
    url,
    isLocal,
    async rows(row, text, parameters = [], timeoutMs = STATEMENT_TIMEOUT_MS) {
      try {
        aim()
        const signal = AbortSignal.timeout(timeoutMs)
        const rows = await sql.query(text, parameters, { fetchOptions: { signal } })
        return rows.map((record) => row.parse(record))
      } catch (error) {
        throw explainDatabaseError(error, name)
      }
    },
    async rehearse(text, parameters, timeoutMs) {
      try {
        aim()
        const queries = [
          sql.query(text, parameters),
          sql`set constraints all immediate`,
          sql.query(END_REHEARSAL),
        ]
        await sql.transaction(queries, { fetchOptions: { signal: AbortSignal.timeout(timeoutMs) } })
      } catch (error) {
        if (error instanceof NeonDbError && error.code === REHEARSED) return error.detail ?? ''
        throw explainDatabaseError(error, name)
      }
      throw new AdminError(
        'failed',
        'The database did not roll back a rehearsal: check the jobs of the organization',
      )
    },
    close: async () => front?.close(),
  }
}

function endpointOf(settings: Settings): string | undefined {
  const endpoint = settings['NEON_ENDPOINT']
  const problem = endpoint === undefined ? undefined : problemOfNeonEndpoint(endpoint)
  if (problem === undefined) return endpoint
  throw new AdminError(
    'usage',
    `NEON_ENDPOINT ${problem}; it has the form http://127.0.0.1:<port>/sql: correct or unset it`,
  )
}

async function startFront(server: { host: string; port: number }) {
  const backend = openPostgresServer(server)
  const front = await startNeonFront({ backend })
  return {
    endpoint: front.endpoint,
    async close() {
      await front.close()
      await backend.close()
    },
  }
}

function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)$/.test(host)
}
