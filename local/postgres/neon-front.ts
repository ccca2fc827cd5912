// Neon's SQL-over-HTTP protocol on loopback, in front of any Postgres backend; @neondatabase/serverless is its client.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type NeonRequest, parseNeonRequest, RefusedRequestError } from './neon-request.ts'
import { type ElementTypes, toNeonResult } from './neon-result.ts'
import {
  errorFields,
  type Login,
  type PostgresBackend,
  PostgresError,
  type PostgresErrorFields,
  PostgresUnavailableError,
  type SqlResult,
} from './postgres-backend.ts'

const maxBodyBytes = 10 * 1024 * 1024

/** A running front; `endpoint` is the whole URL for `neonConfig.fetchEndpoint`. */
export interface NeonFront {
  endpoint: string
  /** Stops listening and cuts open connections; the backend is its owner's to close. */
  close(): Promise<void>
}

/** Listens on 127.0.0.1, on a free port unless one is given; rejects when the port is taken (EADDRINUSE). */
export async function startNeonFront(options: {
  backend: PostgresBackend
  port?: number
}): Promise<NeonFront> {
  const server = createServer((request, response) => {
    answer(options.backend, request).then(
      ({ status, body }) => send(response, status, body),
      // Only a broken connection gets here: there is nobody left to answer.
      () => response.destroy(),
    )
  })
  // Longer than clients keep an idle connection, so that none is closed under a request on its way.
  server.keepAliveTimeout = 60_000
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options.port ?? 0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the Neon front has no TCP port')

  return {
    endpoint: `http://127.0.0.1:${address.port}/sql`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

interface Answer {
  status: number
  body: object
}

async function answer(backend: PostgresBackend, request: IncomingMessage): Promise<Answer> {
  const bodyText = await readBody(request)
  try {
    if (request.method !== 'POST' || request.url !== '/sql') {
      throw new RefusedRequestError(404, 'not found: this front serves POST /sql only')
    }
    if (bodyText === undefined) {
      throw new RefusedRequestError(413, `request body too large: at most ${maxBodyBytes} bytes`)
    }
    return { status: 200, body: await runRequest(backend, parseNeonRequest(request.headers, bodyText)) }
  } catch (error) {
    return toErrorAnswer(error)
  }
}

/** Reads the whole body, so that the connection can be kept, but holds no more than the limit: undefined beyond it. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length <= maxBodyBytes) chunks.push(chunk)
  }
  return length <= maxBodyBytes ? Buffer.concat(chunks).toString('utf8') : undefined
}

async function runRequest(backend: PostgresBackend, request: NeonRequest): Promise<object> {
  const { login, queries, transaction } = request
  const results = await backend.run(login, queries, transaction)
  if (results.some(({ command }) => command === 'COPY')) {
    throw new RefusedRequestError(400, 'COPY is not supported over HTTP: use INSERT and SELECT', '0A000')
  }
  const elementTypes = request.rawText ? undefined : await readElementTypes(backend, login, results)
  const shaped = results.map((result, index) =>
    toNeonResult(result, {
      arrayMode: queries[index]?.arrayMode ?? false,
      ...(elementTypes && { elementTypes }),
    }),
  )
  return transaction ? { results: shaped } : (shaped[0] ?? {})
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

function toErrorAnswer(error: unknown): Answer {
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

/** Where a bug struck, without its message: that may quote a connection string or a query's values. */
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
