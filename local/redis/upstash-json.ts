// How Upstash writes replies of Redis as JSON. https://upstash.com/docs/redis/features/restapi
import { RedisError, RedisStatus, type Reply } from './redis-backend.ts'

/** Upstash and Redis 7 add a second sentence, which Valkey 9 dropped. */
const NOSCRIPT = 'NOSCRIPT No matching script.'

/** One command's outcome as JSON text, `{"result":...}` or `{"error":...}`; with `base64`, strings other than OK are encoded. */
export function encodeOutcome(reply: Reply, base64: boolean): string {
  return reply instanceof RedisError ? encodeError(reply.message) : `{"result":${encodeReply(reply, base64)}}`
}

/** A failure as JSON text. */
export function encodeError(message: string): string {
  return JSON.stringify({ error: message === NOSCRIPT ? `${NOSCRIPT} Please use EVAL.` : message })
}

// The text is built by hand because JSON.stringify cannot write a 64-bit integer with all its digits.
function encodeReply(reply: Reply, base64: boolean): string {
  if (reply === null) return 'null'
  if (typeof reply === 'bigint') return reply.toString()
  if (Array.isArray(reply)) return `[${reply.map((item) => encodeReply(item, base64)).join(',')}]`
  if (reply instanceof RedisError) return JSON.stringify(reply.message)
  if (reply instanceof RedisStatus) {
    return JSON.stringify(
      base64 && reply.text !== 'OK' ? Buffer.from(reply.text).toString('base64') : reply.text,
    )
  }
  return JSON.stringify(reply.toString(base64 ? 'base64' : 'utf8'))
}
