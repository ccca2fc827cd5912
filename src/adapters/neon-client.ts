// Neon Postgres over its HTTP driver: one statement a question, within a deadline, and never the driver's own words.

import { NeonDbError, type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless'
import { $ZodError } from 'zod/v4/core'
import { type Fault, faultOf } from '../domain/fault.ts'
import type { DirectoryAnswer, Organization } from '../services.ts'
import { boundedFetch } from './bounded-fetch.ts'

/** Where the database is and how long a question to it may take, its one retry included. */
export interface NeonOptions {
  connectionString: string
  /** The whole URL of a local front, `/sql` included; the driver itself ignores ports. */
  endpoint?: string | undefined
  timeoutMs: number
}

const MAX_ANSWER_BYTES = 4_000_000

/** A database that can be asked. */
export interface NeonClient {
  /**
   * Runs a statement of at most one row, its key's hash as $1; no row means an unknown key. A failed connect is tried
   * once more. `parse` turns the row into whose key it is and what was asked; what it throws counts as unusable.
   */
  ask<Rows>(
    text: string,
    parameters: unknown[],
    parse: (row: unknown) => Known<Rows>,
  ): Promise<DirectoryAnswer<Rows>>
  /** Undefined when the database answered within `timeoutMs`. */
  ping(timeoutMs: number): Promise<Fault | undefined>
}

/** What a row says. */
export interface Known<Rows> {
  organization: Organization
  rows: Rows
}

/** What each query hands to the driver's `fetch`, beside what the driver itself does. */
interface FetchOptions {
  signal: AbortSignal
  endpoint: string | undefined
}

// The driver's own setting for the endpoint is one for all databases; so each query brings its own.
neonConfig.fetchFunction = async (
  url: string,
  { endpoint, ...init }: RequestInit & Partial<FetchOptions>,
) => {
  const { status, ok, text } = await boundedFetch(endpoint ?? url, init, MAX_ANSWER_BYTES)
  return { status, ok, text: async () => text, json: async () => JSON.parse(text) }
}
neonConfig.disableWarningInBrowsers = true

/** Opens a database; connects to nothing yet. */
export function openNeon({ connectionString, endpoint, timeoutMs }: NeonOptions): NeonClient {
  const sql: NeonQueryFunction<true, false> = neon(connectionString, { arrayMode: true })
  // The driver's queries are lazy and sent anew by each `then`, so each is awaited where it is made.
  const run = async (text: string, parameters: unknown[], fetchOptions: FetchOptions) =>
    await sql.query(text, parameters, { fetchOptions })
  return {
    async ask(text, parameters, parse) {
      const fetchOptions = { signal: AbortSignal.timeout(timeoutMs), endpoint }
      try {
        const rows = await run(text, parameters, fetchOptions).catch((error: unknown) => {
          if (mayBeStarting(faultOfNeon(error))) return run(text, parameters, fetchOptions)
          throw error
        })
        const [row] = rows
        return row === undefined ? { kind: 'unknown_key' } : { kind: 'known', ...parse(row) }
      } catch (error) {
        return { kind: 'unavailable', fault: faultOfNeon(error) }
      }
    },

    async ping(pingTimeoutMs) {
      try {
        await run('select 1', [], { signal: AbortSignal.timeout(pingTimeoutMs), endpoint })
        return undefined
      } catch (error) {
        return faultOfNeon(error)
      }
    },
  }
}

/** A database that was asleep refuses its first connection; a statement it refused would be refused again. */
function mayBeStarting(fault: Fault): boolean {
  return fault === 'unreachable' || /^status_5/.test(fault)
}

/** The driver's errors hold the statement, and some the connection string: only a code leaves this file. */
function faultOfNeon(error: unknown): Fault {
  if (error instanceof $ZodError) return 'unusable'
  if (!(error instanceof NeonDbError)) return faultOf(error)
  if (error.code) return `sqlstate_${error.code}`
  if (error.sourceError) return faultOf(error.sourceError)
  const status = /HTTP status (\d{3})/.exec(error.message)?.[1]
  return status === undefined ? 'unusable' : `status_${Number(status)}`
}
