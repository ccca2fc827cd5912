// Neon Postgres over HTTP: one statement a question, within a deadline, and never the database's own words.

import { type Fault, FaultError, faultOf } from '../domain/fault.ts'
import type { DirectoryAnswer } from '../services.ts'
import { type BoundedAnswer, boundedFetch } from './bounded-fetch.ts'
import { within } from './deadline.ts'
import { composeNeonRequest, type NeonRequest } from './neon-request.ts'

/** Where the database is and how long a question to it may take, its one retry included. */
export interface NeonOptions {
  connectionString: string
  /** The whole URL of a local front, `/sql` included; the driver itself ignores ports. */
  endpoint?: string | undefined
  timeoutMs: number
}

const MAX_ANSWER_BYTES = 4_000_000

/** A value for a `$n`. */
export type Parameter = string | number

/** A row as Neon tells it: every value is Postgres's text form of it. */
type Row = (string | null)[]

/** A database that can be asked. */
export interface NeonClient {
  /**
   * Runs a statement of at most one row, its key's hash as $1: key, organization, domain, and columns of JSON. No row
   * means an unknown key. A failed connect is tried once more. `parse` turns the JSON into what was asked; undefined
   * where it is something else.
   */
  ask<Rows>(
    text: string,
    parameters: readonly Parameter[],
    parse: (columns: readonly unknown[]) => Rows | undefined,
  ): Promise<DirectoryAnswer<Rows>>
  /** Undefined when the database answered within `timeoutMs`. */
  ping(timeoutMs: number): Promise<Fault | undefined>
}

/** Opens a database; connects to nothing yet. */
export function openNeon({ connectionString, endpoint, timeoutMs }: NeonOptions): NeonClient {
  // A value and not its promise, which may not be shared between requests.
  let request: NeonRequest | undefined
  const send = async (text: string, parameters: readonly Parameter[]): Promise<Row[]> => {
    request ??= await composeNeonRequest(connectionString)
    const { url, headers } = request
    const body = JSON.stringify({ query: text, params: parameters.map(String) })
    return rowsOf(await boundedFetch(endpoint ?? url, { method: 'POST', headers, body }, MAX_ANSWER_BYTES))
  }
  const sendTwice = async (text: string, parameters: readonly Parameter[], isLate: () => boolean) => {
    try {
      return await send(text, parameters)
    } catch (error) {
      if (isLate() || !mayBeStarting(faultOf(error))) throw error
      return send(text, parameters)
    }
  }
  return {
    async ask(text, parameters, parse) {
      try {
        const [row] = await within(timeoutMs, (isLate) => sendTwice(text, parameters, isLate))
        if (row === undefined) return { kind: 'unknown_key' }
        const [keyId, id, domain, ...columns] = row
        const rows = parse(columns.map((column) => JSON.parse(column ?? 'null')))
        if (!keyId || !id || rows === undefined) throw new FaultError('unusable')
        return { kind: 'known', organization: { id, keyId, domain: domain ?? undefined }, rows }
      } catch (error) {
        return { kind: 'unavailable', fault: faultOf(error) }
      }
    },

    async ping(pingTimeoutMs) {
      try {
        await within(pingTimeoutMs, () => send('select 1', []))
        return undefined
      } catch (error) {
        return faultOf(error)
      }
    },
  }
}

/** A database that was asleep refuses its first connection; a statement it refused would be refused again. */
function mayBeStarting(fault: Fault): boolean {
  return fault === 'unreachable' || /^status_5/.test(fault)
}

/** The rows of an answer. Throws `FaultError`: a refused statement is a 400, whose text may hold anything. */
function rowsOf({ ok, status, text }: BoundedAnswer): Row[] {
  if (!ok && status !== 400) throw new FaultError(`status_${status}`)
  const answer: unknown = JSON.parse(text)
  if (typeof answer !== 'object' || answer === null) throw new FaultError('unusable')
  if (ok && 'rows' in answer && isListOfRows(answer.rows)) return answer.rows
  const code = 'code' in answer ? String(answer.code) : ''
  throw new FaultError(/^[0-9A-Z]{5}$/.test(code) ? `sqlstate_${code}` : 'unusable')
}

function isListOfRows(rows: unknown): rows is Row[] {
  const isText = (value: unknown) => typeof value === 'string' || value === null
  return Array.isArray(rows) && rows.every((row) => Array.isArray(row) && row.every(isText))
}
