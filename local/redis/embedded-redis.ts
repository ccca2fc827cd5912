// Redis for a laptop and for tests: real Valkey in a worker thread, its data in memory and gone when it ends.
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineThread } from '../engine-thread.ts'
import type { RedisBackend } from './redis-backend.ts'
import { encodeCommands, ReplyParser } from './resp.ts'
import type { ValkeyRequest, ValkeyResponse, ValkeyStart } from './valkey-thread.ts'

/** As long as Redis runs a script by default before it lets others end it. */
const SCRIPT_LIMIT_MS = 5000
/** Valkey ends most scripts itself at the limit. After this further time its thread is replaced. */
const GRACE_MS = 1000

/**
 * Boots an empty Redis: about 100 ms. A script that runs longer than the limit (default 5 s) is ended and gets an error. If the
 * script has written before, Redis cannot undo that: then the engine starts again, empty, and the error says so.
 */
export async function openEmbeddedRedis({ scriptLimitMs = SCRIPT_LIMIT_MS } = {}): Promise<RedisBackend> {
  const start: ValkeyStart = { scriptLimitMs }
  const thread = await EngineThread.start<ValkeyRequest, ValkeyResponse>({
    name: 'the embedded Redis',
    script: new URL('./valkey-thread.ts', import.meta.url),
    workerData: start,
    limitMs: scriptLimitMs,
    async onOverdue(_, ended) {
      await sleep(GRACE_MS, undefined, { signal: ended }).catch(() => {})
      return start
    },
    replacedError: () =>
      new Error(
        'a command ran too long and could not be ended, so the embedded Redis started again, empty: shorten its script',
      ),
  })
  return {
    async send(commands) {
      if (commands.length === 0) return []
      const response = await thread.run({ bytes: encodeCommands(commands), count: commands.length })
      if ('failure' in response) throw new Error(response.failure)
      return new ReplyParser().feed(Buffer.from(response.replies))
    },
    close: () => thread.close(),
  }
}
