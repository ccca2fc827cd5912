// Redis inside this process, for a laptop and for tests: real Valkey, synchronous, nothing kept when it ends.
import type { RedisBackend, Reply } from './redis-backend.ts'
import { encodeCommands, ReplyParser } from './resp.ts'
import { bootValkey } from './valkey-engine.ts'

/** How often the engine gets a turn of its own, in which it drops expired keys. */
const HOUSEKEEPING_MS = 100
/** Steps without a byte read or written after which a command is taken to wait for something that cannot come. */
const IDLE_STEPS = 100

/** Boots an empty Redis in this process: about 30 ms. A command runs to its end before anything else in the process does. */
export async function openEmbeddedRedis(): Promise<RedisBackend> {
  const parser = new ReplyParser()
  let replies: Reply[] = []
  let activity = 0
  let stopped: string | undefined
  const engine = await bootValkey((bytes) => {
    activity += bytes.length
    replies.push(...parser.feed(bytes))
  })
  const step = () => {
    try {
      engine.step()
    } catch (cause) {
      stopped = 'the embedded Redis has crashed: start it again, or set REDIS_URL to a Redis server'
      throw new Error(stopped, { cause })
    }
  }
  const housekeeping = setInterval(() => {
    if (stopped === undefined) step()
  }, HOUSEKEEPING_MS)
  housekeeping.unref()

  const run = (commands: readonly (readonly string[])[]): Reply[] => {
    replies = []
    engine.input.push(encodeCommands(commands))
    for (let idle = 0; replies.length < commands.length; idle++) {
      const before = activity - remaining(engine.input)
      step()
      if (activity - remaining(engine.input) !== before) idle = 0
      if (idle >= IDLE_STEPS) {
        stopped = 'the embedded Redis waits for something that cannot come: start it again'
        throw new Error(stopped)
      }
    }
    return replies
  }
  return {
    send: async (commands) => {
      if (stopped !== undefined) throw new Error(stopped)
      return commands.length === 0 ? [] : run(commands)
    },
    close: async () => {
      if (stopped !== undefined) return
      stopped = 'the embedded Redis is closed'
      clearInterval(housekeeping)
      engine.close()
    },
  }
}

function remaining(input: readonly Buffer[]): number {
  return input.reduce((size, bytes) => size + bytes.length, 0)
}
