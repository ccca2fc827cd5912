// The database over Neon's HTTP driver, as the operator's login; every error becomes one line without secrets.
import { type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless'
import type * as z from 'zod/mini'
import { parseConnectionString } from '../../local/postgres/connection-string.ts'
import { startNeonFront } from '../../local/postgres/neon-front.ts'
import { openPostgresServer } from '../../local/postgres/server-backend.ts'
import { AdminError } from './admin-error.ts'
import { explainDatabaseError } from './database-error.ts'
import type { Settings } from './settings.ts'

const STATEMENT_TIMEOUT_MS = 30_000
/** How the driver finds Neon when it is not told anything. */
const NEON_ITSELF = neonConfig.fetchEndpoint

export type Sql = NeonQueryFunction<false, false>

/** A connection string that can be used: the driver has been told where its server listens. */
export interface Database {
  sql: Sql
  url: string
  /** Whether the server is on this machine. */
  isLocal: boolean
  /** Runs one statement and checks its rows. Throws AdminError, also after `timeoutMs` (30 s unless given). */
  rows<T>(row: z.ZodMiniType<T>, text: string, parameters?: unknown[], timeoutMs?: number): Promise<T[]>
  close(): Promise<void>
}

/** The variables that hold a connection string; the first that is set is used. */
export const OPERATOR_VARIABLES = ['ADMIN_DATABASE_URL', 'DATABASE_URL']

/**
 * Prepares the connection; nothing is sent yet. A server on this machine that does not speak Neon's protocol
 * (no NEON_ENDPOINT) gets the local front, in this process, until `close`.
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
  if (target === undefined) {
    throw new AdminError(
      'usage',
      `${name} is not of the form postgres://user:password@host/database: correct it`,
    )
  }
  const isLocal = isLoopback(target.host)
  const front = isLocal && !settings['NEON_ENDPOINT'] ? await startFront(target) : undefined
  const endpoint = front?.endpoint ?? endpointOf(settings)
  // A setting of the driver as a whole, read when a query is sent.
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
    close: async () => front?.close(),
  }
}

function endpointOf(settings: Settings): string | undefined {
  const endpoint = settings['NEON_ENDPOINT']
  const url = endpoint === undefined ? null : URL.parse(endpoint)
  if (endpoint === undefined) return undefined
  if (url === null || !/^https?:$/.test(url.protocol) || !isLoopback(url.hostname)) {
    throw new AdminError(
      'usage',
      'NEON_ENDPOINT is for a front on this machine only, http://127.0.0.1:<port>/sql: correct or unset it',
    )
  }
  return endpoint
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
