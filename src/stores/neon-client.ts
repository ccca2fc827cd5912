// Runs single statements on Neon Postgres over HTTP, and turns the driver's errors into codes.

import { type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless'
import * as z from 'zod/mini'
import { StoreError, toStoreError } from './store-error.ts'

/** Where the database is, and how long a statement may take, its one retry included. */
export interface NeonOptions {
  connectionString: string
  /** The whole URL of a local front, `/sql` included. The driver has one such setting for the whole isolate. */
  endpoint?: string | undefined
  timeoutMs: number
}

/** A value for a `$n`. */
export type Parameter = string | number | null | readonly string[] | readonly number[]

/** A database that runs statements. */
export class NeonClient {
  readonly #sql: NeonQueryFunction<false, false>
  readonly #timeoutMs: number

  /** Connects to nothing yet. */
  constructor({ connectionString, endpoint, timeoutMs }: NeonOptions) {
    if (endpoint !== undefined) neonConfig.fetchEndpoint = endpoint
    neonConfig.disableWarningInBrowsers = true
    this.#sql = neon(connectionString)
    this.#timeoutMs = timeoutMs
  }

  /**
   * The first row of a statement's result, parsed by `row`; undefined if there is none. Retries once if the database
   * could not be reached. Throws `StoreError`. The driver sets no bound on the size of a response.
   */
  async queryRow<Row>(
    text: string,
    parameters: readonly Parameter[],
    row: z.core.$ZodType<Row>,
    signal: AbortSignal,
  ): Promise<Row | undefined> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)])
    try {
      return await this.#send(text, parameters, row, limited)
    } catch (error) {
      if (limited.aborted || !(error instanceof StoreError && mayBeStarting(error))) throw error
      return this.#send(text, parameters, row, limited)
    }
  }

  async #send<Row>(
    text: string,
    parameters: readonly Parameter[],
    row: z.core.$ZodType<Row>,
    signal: AbortSignal,
  ): Promise<Row | undefined> {
    try {
      // A redirect must not carry the connection string along.
      const fetchOptions = { signal, redirect: 'manual' }
      const [first] = await this.#sql.query(text, [...parameters], { fetchOptions })
      if (first === undefined) return undefined
      const parsed = z.safeParse(row, first)
      if (!parsed.success) throw new StoreError('unusable')
      return parsed.data
    } catch (error) {
      throw toDatabaseError(error)
    }
  }
}

/** A sleeping database refuses its first connection. A statement that was refused would be refused again. */
function mayBeStarting({ fault }: StoreError): boolean {
  return fault === 'unreachable' || /^status_5/.test(fault)
}

/** The driver's messages hold the statement, upstream text, or the connection string: only a code leaves this file. */
function toDatabaseError(error: unknown): StoreError {
  if (!(error instanceof Error)) return new StoreError('unreachable')
  // What the driver throws when the response has no rows.
  if (error instanceof TypeError) return new StoreError('unusable')
  if (error.name !== 'NeonDbError') return toStoreError(error)
  const { code, sourceError } = error as Error & { code?: unknown; sourceError?: unknown }
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return new StoreError(`sqlstate_${code}`)
  if (sourceError !== undefined) return toStoreError(sourceError)
  const status = /HTTP status (\d{3})/.exec(error.message)?.[1]
  return new StoreError(status === undefined ? 'unusable' : `status_${Number(status)}`)
}
