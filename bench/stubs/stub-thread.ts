// The three stub stores on free ports of 127.0.0.1, in a thread of their own so that the load does not delay them.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { parentPort } from 'node:worker_threads'
import { z } from 'zod/mini'
import { respondAsPlausible } from './plausible-stub.ts'
import { respondAsPostgres } from './postgres-stub.ts'
import { respondAsRedis } from './redis-stub.ts'
import { type StoreName, type StubCounts, type StubSettings, stubSettings } from './stub-protocol.ts'

let settings: StubSettings = { delayMs: 0, cached: false }
let counts = emptyCounts()

const responders: Record<StoreName, (incoming: IncomingMessage, body: string) => string> = {
  redis(incoming, body) {
    const { commands, text } = respondAsRedis(incoming.url ?? '', body, settings.cached)
    counts.redisCommands += commands
    return text
  },
  postgres: (incoming, body) => respondAsPostgres(body, incoming.headers['neon-array-mode'] === 'true'),
  plausible: (_, body) => respondAsPlausible(body),
}

const urls = {
  redis: await listen('redis'),
  postgres: await listen('postgres'),
  plausible: await listen('plausible'),
}
parentPort?.on('message', (message: unknown) => {
  const before = counts
  settings = stubSettings.parse(message)
  counts = emptyCounts()
  parentPort?.postMessage(before)
})
parentPort?.postMessage(urls)

async function listen(store: StoreName): Promise<string> {
  const server: Server = createServer((incoming, outgoing) => void handle(store, incoming, outgoing))
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(server.address())
  return `http://127.0.0.1:${port}`
}

async function handle(store: StoreName, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { delayMs } = settings
  const body = await readBody(incoming)
  counts.requests[store]++
  counts.bytes[store] += body.length
  counts.bodies[store] = [...counts.bodies[store].slice(-1), body]
  const { status, text } = responseOf(store, incoming, body)
  const send = () => {
    outgoing.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    outgoing.end(text)
  }
  if (delayMs === 0) send()
  else setTimeout(send, delayMs)
}

function responseOf(
  store: StoreName,
  incoming: IncomingMessage,
  body: string,
): { status: number; text: string } {
  try {
    return { status: 200, text: responders[store](incoming, body) }
  } catch (error) {
    counts.refused = `${store}: ${error instanceof Error ? error.message : error}`
    return {
      status: 400,
      text: JSON.stringify({ error: "The benchmark's stub does not support this request" }),
    }
  }
}

function emptyCounts(): StubCounts {
  return {
    requests: { redis: 0, postgres: 0, plausible: 0 },
    bytes: { redis: 0, postgres: 0, plausible: 0 },
    bodies: { redis: [], postgres: [], plausible: [] },
    redisCommands: 0,
    refused: undefined,
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
