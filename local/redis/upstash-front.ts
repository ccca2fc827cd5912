// Upstash's REST protocol on loopback, in front of any Redis engine: what `@upstash/redis` uses of it.
// https://upstash.com/docs/redis/features/restapi
import type { IncomingMessage } from 'node:http'
import { foreignCallerProblem, parseJson, readBody, startLoopbackServer } from '../loopback-server.ts'
import { withKeyLockingScripts } from './key-locking-scripts.ts'
import { type RedisBackend, RedisError, type Reply } from './redis-backend.ts'
import { refusalOf } from './refused-commands.ts'
import { encodeError, encodeOutcome } from './upstash-json.ts'

const MAX_BODY_BYTES = 10 * 1024 * 1024

/** The address of a running front, and how to end it. The caller closes the engine behind it. */
export interface UpstashFront {
  /** `http://127.0.0.1:<port>`, as `UPSTASH_REDIS_REST_URL` holds it. */
  readonly url: string
  close(): Promise<void>
}

interface FrontResponse {
  status: number
  /** JSON text. */
  body: string
}

/** Serves `POST /`, `/pipeline` and `/multi-exec` on 127.0.0.1 to callers that send the token. Port 0 takes a free one. */
export async function startUpstashFront(options: {
  redis: RedisBackend
  token: string
  port?: number
}): Promise<UpstashFront> {
  const redis = withKeyLockingScripts(options.redis)
  let requests = 0
  return startLoopbackServer((request, response) => {
    respond(request, redis, options.token)
      .catch((error: Error) => failure(500, `ERR ${error.message}`))
      .then(({ status, body }) => {
        requests += 1
        const headers = { 'content-type': 'application/json', 'upstash-sync-token': `local=${requests}` }
        response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
      })
  }, options.port)
}

async function respond(request: IncomingMessage, redis: RedisBackend, token: string): Promise<FrontResponse> {
  const text = await readBody(request, MAX_BODY_BYTES)
  const foreign = foreignCallerProblem(request)
  if (foreign !== undefined) return failure(403, `ERR ${foreign}`)
  if (request.headers.authorization !== `Bearer ${token}`) {
    return failure(401, 'WRONGPASS invalid or missing auth token')
  }
  if (text === undefined) return failure(413, `ERR max request size exceeded. Limit: ${MAX_BODY_BYTES} bytes`)
  if (request.method !== 'POST') {
    return failure(405, 'ERR method not allowed: send the command in the body of a POST request')
  }
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
      return failure(404, 'ERR not found: send POST requests to /, /pipeline or /multi-exec')
  }
}

async function runOne(redis: RedisBackend, command: string[], base64: boolean): Promise<FrontResponse> {
  const [reply = null] = await runPermitted(redis, [command])
  return { status: reply instanceof RedisError ? 400 : 200, body: encodeOutcome(reply, base64) }
}

async function runAll(redis: RedisBackend, commands: string[][], base64: boolean): Promise<FrontResponse> {
  return listOf(await runPermitted(redis, commands), base64)
}

async function runAtomically(
  redis: RedisBackend,
  commands: string[][],
  base64: boolean,
): Promise<FrontResponse> {
  const refusal = commands.map(refusalOf).find((reason) => reason !== undefined)
  if (refusal !== undefined) return failure(400, refusal)
  const outcome = (await redis.send([['MULTI'], ...commands, ['EXEC']])).at(-1)
  if (Array.isArray(outcome)) return listOf(outcome, base64)
  return failure(400, outcome instanceof RedisError ? outcome.message : 'ERR the transaction gave no results')
}

/** Runs the permitted commands in order. A refused command has its error at its index. */
async function runPermitted(redis: RedisBackend, commands: string[][]): Promise<Reply[]> {
  const refusals = commands.map(refusalOf)
  const replies = (await redis.send(commands.filter((_, index) => refusals[index] === undefined))).values()
  return refusals.map((refusal) =>
    refusal === undefined ? (replies.next().value ?? null) : new RedisError(refusal),
  )
}

function listOf(replies: Reply[], base64: boolean): FrontResponse {
  return { status: 200, body: `[${replies.map((reply) => encodeOutcome(reply, base64)).join(',')}]` }
}

function failure(status: number, message: string): FrontResponse {
  return { status, body: encodeError(message) }
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
