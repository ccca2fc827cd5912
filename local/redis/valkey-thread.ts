// The thread of the embedded Redis: runs Valkey, synchronously, one message of commands after the other.
import { parentPort, workerData } from 'node:worker_threads'
import type { ThreadMessage } from '../engine-thread.ts'
import { encodeCommands, ReplyParser } from './resp.ts'
import { bootValkey } from './valkey-engine.ts'

/** How the thread starts: Valkey ends a script that has not written after this time. */
export interface ValkeyStart {
  scriptLimitMs: number
}

/** Commands as bytes of RESP2, and how many they are. */
export interface ValkeyRequest {
  bytes: Uint8Array
  count: number
}

/** The bytes of as many replies. */
export type ValkeyResponse = { replies: Uint8Array } | { failure: string }

/** How often the engine gets a turn of its own, in which it drops expired keys. */
const HOUSEKEEPING_MS = 100
/** After this many steps without a byte read or written, the command waits for something that cannot come. */
const IDLE_STEPS = 100

const { scriptLimitMs }: ValkeyStart = workerData
const parser = new ReplyParser()
let output: Buffer[] = []
let replies = 0
let activity = 0
const engine = await bootValkey((bytes) => {
  activity += bytes.length
  output.push(bytes)
  replies += parser.feed(bytes).length
})

function post(message: ThreadMessage<ValkeyResponse>): void {
  parentPort?.postMessage(message)
}

function respond({ bytes, count }: ValkeyRequest): ValkeyResponse {
  output = []
  replies = 0
  engine.input.push(Buffer.from(bytes))
  for (let idle = 0; replies < count; idle++) {
    const before = activity - remaining()
    engine.step()
    if (activity - remaining() !== before) idle = 0
    if (idle >= IDLE_STEPS) return { failure: 'the command waits for something that cannot come' }
  }
  return { replies: Buffer.concat(output) }
}

function remaining(): number {
  return engine.input.reduce((size, bytes) => size + bytes.length, 0)
}

respond({
  bytes: encodeCommands([['CONFIG', 'SET', 'busy-reply-threshold', String(scriptLimitMs)]]),
  count: 1,
})
parentPort?.on('message', (request: ValkeyRequest) => post({ response: respond(request) }))
setInterval(() => engine.step(), HOUSEKEEPING_MS)
post({ ready: true })
