// Upstash's REST protocol on loopback, in front of any Redis engine: what `@upstash/redis` speaks, and no more.
// https://upstash.com/docs/redis/features/restapi
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { withKeyLockingScripts } from './key-locking-scripts.ts'
import { type RedisBackend, RedisError, type Reply } from './redis-backend.ts'
import { refusalOf } from './refused-commands.ts'
import { encodeError, encodeOutcome } from './upstash-json.ts'

const MAX_BODY_BYTES = 10 * 1024 * 1024

/** The address of a running front, and how to end it; the engine behind it is its owner's to close. */
export interface UpstashFront {
  /** `http://127.0.0.1:<port>`, as `UPSTASH_REDIS_REST_URL` holds it. */
  readonly url: string
  close(): Promise<void>
}

interface Answer {
  status: number
  /** JSON text. */
  body: string
}

/** Serves `POST /`, `/pipeline` and `/multi-exec` on 127.0.0.1 to whoever presents the token; port 0 takes a free one. */
export async function startUpstashFront(options: {
  redis: RedisBackend
  token: string
  port?: number
}): Promise<UpstashFront> {
  const redis = withKeyLockingScripts(options.redis)
  let requests = 0
  const server = createServer((request, response) => {
    answer(request, redis, options.token)
      .catch((error: Error) => failure(500, `ERR ${error.message}`))
      .then(({ status, body }) => {
        requests += 1
        const headers = { 'content-type': 'application/json', 'upstash-sync-token': `local=${requests}` }
        response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
      })
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the Upstash front has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answer(request: IncomingMessage, redis: RedisBackend, token: string): Promise<Answer> {
  const text = await readBody(request)
  if (request.headers.authorization !== `Bearer ${token}`) {
    return failure(401, 'WRONGPASS invalid or missing auth token')
  }
  if (text === undefined) return failure(413, `ERR max request size exceeded. Limit: ${MAX_BODY_BYTES} bytes`)
  if (request.method !== 'POST')
    return failure(405, 'ERR this front answers POST only, the command in the body')
  const base64 = request.headers['upstash-encoding'] === 'base64'
  const body = parseJson(text)
  switch (request.url) {
    case '/': {
      const command = parseCommand(body)
      return command === undefined
        ? failure(400, 'ERR failed to parse command')
        : runOne(redis, command, base64)
    }
    case '/pipeline':
    case '/multi-exec': {
      const commands = parseCommands(body)
      if (commands === undefined) return failure(400, 'ERR failed to parse pipeline request')
      if (commands.length === 0) return failure(400, 'ERR empty pipeline request')
      return request.url === '/pipeline'
        ? runAll(redis, commands, base64)
        : runAtomically(redis, commands, base64)
    }
    default:
      return failure(404, 'ERR this front answers POST to /, /pipeline and /multi-exec only')
  }
}

async function runOne(redis: RedisBackend, command: string[], base64: boolean): Promise<Answer> {
  const [reply = null] = await runPermitted(redis, [command])
  return { status: reply instanceof RedisError ? 400 : 200, body: encodeOutcome(reply, base64) }
}

async function runAll(redis: RedisBackend, commands: string[][], base64: boolean): Promise<Answer> {
  return listOf(await runPermitted(redis, commands), base64)
}

async function runAtomically(redis: RedisBackend, commands: string[][], base64: boolean): Promise<Answer> {
  const refusal = commands.map(refusalOf).find((reason) => reason !== undefined)
  if (refusal !== undefined) return failure(400, refusal)
  const outcome = (await redis.send([['MULTI'], ...commands, ['EXEC']])).at(-1)
  if (Array.isArray(outcome)) return listOf(outcome, base64)
  return failure(400, outcome instanceof RedisError ? outcome.message : 'ERR the transaction gave no results')
}

/** Runs what may be run, in order; a refused command gets its error in its place. */
async function runPermitted(redis: RedisBackend, commands: string[][]): Promise<Reply[]> {
  const refusals = commands.map(refusalOf)
  const replies = (await redis.send(commands.filter((_, index) => refusals[index] === undefined))).values()
  return refusals.map((refusal) =>
    refusal === undefined ? (replies.next().value ?? null) : new RedisError(refusal),
  )
}

function listOf(replies: Reply[], base64: boolean): Answer {
  return { status: 200, body: `[${replies.map((reply) => encodeOutcome(reply, base64)).join(',')}]` }
}

function failure(status: number, message: string): Answer {
  return { status, body: encodeError(message) }
}

/** The body's text, or `undefined` for one that is too large, which is read to its end and dropped. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseCommands(body: unknown): string[][] | undefined {
  if (!Array.isArray(body)) return undefined
  const commands = body.map(parseCommand)
  return commands.every((command) => command !== undefined) ? commands : undefined
}

/** A command is a list of at least one text, number or boolean. */
function parseCommand(body: unknown): string[] | undefined {
  if (!Array.isArray(body) || body.length === 0) return undefined
  return body.every(isArgument) ? body.map(String) : undefined
}

function isArgument(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
