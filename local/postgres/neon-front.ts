// Neon's SQL-over-HTTP protocol on loopback, in front of any Postgres backend; @neondatabase/serverless is its client.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { foreignCallerProblem, readBody, startLoopbackServer } from '../loopback-server.ts'
import { type NeonRequest, parseNeonRequest, RefusedRequestError } from './neon-request.ts'
import { type ElementTypes, toNeonResult } from './neon-result.ts'
import {
  errorFields,
  type Login,
  type PostgresBackend,
  PostgresError,
  type PostgresErrorFields,
  PostgresUnavailableError,
  refuseCopy,
  type SqlQuery,
  type SqlResult,
  type TransactionOptions,
} from './postgres-backend.ts'

const MAX_BODY_BYTES = 10 * 1024 * 1024
const SPACE_OR_COMMENT = /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y

/** A running front; `endpoint` is the whole URL for `neonConfig.fetchEndpoint`. */
export interface NeonFront {
  endpoint: string
  /** Stops listening and cuts open connections. The caller closes the backend. */
  close(): Promise<void>
}

/** Listens on 127.0.0.1, on a free port unless one is given. Rejects when the port is taken (EADDRINUSE). */
export async function startNeonFront(options: {
  backend: PostgresBackend
  port?: number
}): Promise<NeonFront> {
  const server = await startLoopbackServer((request, response) => {
    respond(options.backend, request).then(
      ({ status, body }) => send(response, status, body),
      // Only a broken connection gets here: nobody waits for the response any more.
      () => response.destroy(),
    )
  }, options.port)
  return { endpoint: `${server.url}/sql`, close: server.close }
}

interface FrontResponse {
  status: number
  body: object
}

async function respond(backend: PostgresBackend, request: IncomingMessage): Promise<FrontResponse> {
  const bodyText = await readBody(request, MAX_BODY_BYTES)
  try {
    const foreign = foreignCallerProblem(request)
    if (foreign !== undefined) throw new RefusedRequestError(403, foreign)
    if (request.method !== 'POST' || request.url !== '/sql') {
      throw new RefusedRequestError(404, 'not found: this front serves POST /sql only')
    }
    if (bodyText === undefined) {
      throw new RefusedRequestError(413, `request body too large: at most ${MAX_BODY_BYTES} bytes`)
    }
    return { status: 200, body: await runRequest(backend, parseNeonRequest(request.headers, bodyText)) }
  } catch (error) {
    return toErrorResponse(error)
  }
}

async function runRequest(backend: PostgresBackend, request: NeonRequest): Promise<object> {
  const { login, queries } = request
  const results = await backend.run(login, queries, request.transaction ?? transactionForCopy(queries))
  for (const result of results) refuseCopy(result)
  const elementTypes = request.rawText ? undefined : await readElementTypes(backend, login, results)
  const shaped = results.map((result, index) =>
    toNeonResult(result, {
      arrayMode: queries[index]?.arrayMode ?? false,
      ...(elementTypes && { elementTypes }),
    }),
  )
  return request.transaction ? { results: shaped } : (shaped[0] ?? {})
}

/** A COPY is refused after it has run. In a transaction its changes are undone: `COPY (INSERT ...) TO STDOUT` has some. */
function transactionForCopy([query]: SqlQuery[]): TransactionOptions | undefined {
  return query && isCopy(query.text) ? { readOnly: false, deferrable: false } : undefined
}

function isCopy(text: string): boolean {
  let start = 0
  SPACE_OR_COMMENT.lastIndex = 0
  while (SPACE_OR_COMMENT.test(text)) start = SPACE_OR_COMMENT.lastIndex
  return /^copy\b/i.test(text.slice(start, start + 'copy '.length))
}

/** Which of the results' types are arrays, and of what; those not delimited by a comma (box) stay text. */
async function readElementTypes(
  backend: PostgresBackend,
  login: Login,
  results: SqlResult[],
): Promise<ElementTypes> {
  const typeIds = new Set(results.flatMap(({ fields }) => fields.map((field) => field.dataTypeID)))
  const text = `SELECT array_type.oid, array_type.typelem
    FROM pg_catalog.pg_type array_type JOIN pg_catalog.pg_type element ON element.oid = array_type.typelem
    WHERE array_type.oid = ANY ($1::oid[]) AND array_type.typoutput = 'array_out'::regproc AND element.typdelim = ','`
  const [found] = await backend.run(login, [{ text, values: [`{${[...typeIds].join(',')}}`] }])
  return new Map(found?.rows.map(([arrayType, element]) => [Number(arrayType), Number(element)]))
}

function toErrorResponse(error: unknown): FrontResponse {
  if (error instanceof PostgresError) {
    return { status: 400, body: errorBody(error.message, error.fields) }
  }
  if (error instanceof RefusedRequestError) {
    return { status: error.status, body: errorBody(error.message, { code: error.code }) }
  }
  if (error instanceof PostgresUnavailableError) {
    return { status: 503, body: errorBody(error.message, {}) }
  }
  logUnexpected(error)
  return { status: 500, body: errorBody('internal error of the Neon front: restart the local stack', {}) }
}

/** Logs where an unexpected error was thrown, without its message: that may quote a connection string or a query's values. */
function logUnexpected(error: unknown): void {
  const stack =
    error instanceof Error ? `${error.name}\n${error.stack?.match(/^ +at .*$/gm)?.join('\n')}` : typeof error
  console.error(`Neon front: unexpected ${stack}`)
}

function errorBody(message: string, fields: PostgresErrorFields): object {
  return { message, ...Object.fromEntries(errorFields.map((field) => [field, fields[field] ?? null])) }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}
