// Neon's SQL-over-HTTP request: its headers and body, parsed into a login, queries and options.
import type { IncomingHttpHeaders } from 'node:http'
import * as z from 'zod/mini'
import { parseJson } from '../loopback-server.ts'
import { parseConnectionString } from './connection-string.ts'
import type { Login, SqlQuery, TransactionOptions } from './postgres-backend.ts'

/** One `POST /sql`. */
export interface NeonRequest {
  login: Login
  queries: NeonQuery[]
  /** Present for a batch: all of its queries in one transaction. */
  transaction?: TransactionOptions
  /** Values as Postgres' text; else as JSON values. */
  rawText: boolean
}

/** A query, and whether its rows are sent as arrays (else as objects by column name). */
interface NeonQuery extends SqlQuery {
  arrayMode: boolean
}

/** A request that the front refuses itself; `code` is a SQLSTATE if Postgres has one for it. */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError'
  readonly status: number
  readonly code: string | undefined

  constructor(status: number, message: string, code?: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

const querySchema = z.object({
  query: z.string(),
  params: z.optional(z.array(z.unknown())),
  arrayMode: z.optional(z.boolean()),
})
const bodySchema = z.union([z.object({ queries: z.array(querySchema) }), querySchema])

const isolationLevels = {
  ReadUncommitted: 'READ UNCOMMITTED',
  ReadCommitted: 'READ COMMITTED',
  RepeatableRead: 'REPEATABLE READ',
  Serializable: 'SERIALIZABLE',
} as const
const isolationSchema = z.enum(['ReadUncommitted', 'ReadCommitted', 'RepeatableRead', 'Serializable'])

/** Parses a request. Throws RefusedRequestError, whose message holds no part of the connection string. */
export function parseNeonRequest(headers: IncomingHttpHeaders, bodyText: string): NeonRequest {
  const login = parseLogin(headers['neon-connection-string'])
  const body = parseBody(bodyText)
  const arrayMode = isTrue(headers['neon-array-mode'])
  const isBatch = 'queries' in body
  return {
    login,
    queries: (isBatch ? body.queries : [body]).map((query) => ({
      text: query.query,
      values: (query.params ?? []).map(toTextParameter),
      arrayMode: query.arrayMode ?? arrayMode,
    })),
    rawText: isTrue(headers['neon-raw-text-output']),
    ...(isBatch && { transaction: parseTransaction(headers) }),
  }
}

function parseLogin(header: string | string[] | undefined): Login {
  if (header === undefined) throw new RefusedRequestError(400, 'the header Neon-Connection-String is missing')
  const target = typeof header === 'string' ? parseConnectionString(header) : undefined
  if (target === undefined) {
    throw new RefusedRequestError(
      400,
      'invalid connection string: write it as postgres://user:password@host/database',
    )
  }
  return { user: target.user, password: target.password, database: target.database }
}

function parseBody(text: string): z.infer<typeof bodySchema> {
  const json = parseJson(text)
  if (json === undefined) throw new RefusedRequestError(400, 'invalid request body: it is not JSON')
  const parsed = bodySchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new RefusedRequestError(
    400,
    'invalid request body: send {"query": "...", "params": [...]} or {"queries": [...]}',
  )
}

function parseTransaction(headers: IncomingHttpHeaders): TransactionOptions {
  const header = headers['neon-batch-isolation-level']
  const isolation = isolationSchema.safeParse(header)
  if (header !== undefined && !isolation.success) {
    throw new RefusedRequestError(
      400,
      `invalid isolation level: use ${Object.keys(isolationLevels).join(', ')}`,
    )
  }
  return {
    ...(isolation.success && { isolationLevel: isolationLevels[isolation.data] }),
    readOnly: isTrue(headers['neon-batch-read-only']),
    deferrable: isTrue(headers['neon-batch-deferrable']),
  }
}

function isTrue(header: string | string[] | undefined): boolean {
  return header === 'true'
}

/** A JSON parameter as the text Postgres reads: arrays as array literals, objects as JSON. */
function toTextParameter(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  return Array.isArray(value) ? toArrayLiteral(value) : JSON.stringify(value)
}

function toArrayLiteral(items: unknown[]): string {
  const elements = items.map((item) => {
    if (Array.isArray(item)) return toArrayLiteral(item)
    const text = toTextParameter(item)
    return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  })
  return `{${elements.join(',')}}`
}
