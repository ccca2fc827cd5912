// The Redis wire protocol, RESP2: writes commands as bytes, and reads replies from bytes that arrive in any portions.
// https://redis.io/docs/latest/develop/reference/protocol-spec/
import { RedisError, RedisStatus, type Reply } from './redis-backend.ts'

const CR = 13
const TYPE = { status: 43, error: 45, integer: 58, bulk: 36, array: 42 } as const

/** Writes commands as arrays of bulk strings, one after the other, text as UTF-8. */
export function encodeCommands(commands: readonly (readonly string[])[]): Buffer {
  let text = ''
  for (const command of commands) {
    text += `*${command.length}\r\n`
    for (const argument of command) text += `$${Buffer.byteLength(argument)}\r\n${argument}\r\n`
  }
  return Buffer.from(text)
}

/** Collects bytes and returns the replies that are complete. */
export class ReplyParser {
  #chunks: Buffer[] = []
  #size = 0
  /** No reply is complete below this size. Saves reading a long reply again for every portion. */
  #needed = 1

  /** Takes the next bytes and returns the replies that they complete, oldest first. Throws on bytes that are not RESP2. */
  feed(bytes: Buffer): Reply[] {
    this.#chunks.push(bytes)
    this.#size += bytes.length
    if (this.#size < this.#needed) return []
    const buffer = this.#chunks.length === 1 ? bytes : Buffer.concat(this.#chunks, this.#size)
    const cursor = new Cursor(buffer)
    const replies: Reply[] = []
    let end = 0
    this.#needed = 1
    while (end < buffer.length) {
      const reply = readReply(cursor)
      if (reply === undefined) {
        this.#needed = cursor.needed - end
        break
      }
      replies.push(reply)
      end = cursor.position
    }
    this.#chunks = end < buffer.length ? [buffer.subarray(end)] : []
    this.#size = buffer.length - end
    return replies
  }
}

class Cursor {
  readonly buffer: Buffer
  position = 0
  /** The size the buffer must have before the value under the cursor can be complete. */
  needed = 0
  constructor(buffer: Buffer) {
    this.buffer = buffer
  }

  line(): string | undefined {
    const end = this.buffer.indexOf('\r\n', this.position)
    if (end < 0) {
      this.needed = this.buffer.length + 1
      return undefined
    }
    const text = this.buffer.toString('utf8', this.position, end)
    this.position = end + 2
    return text
  }

  bytes(length: number): Buffer | undefined {
    const end = this.position + length
    this.needed = end + 2
    if (this.buffer.length < this.needed) return undefined
    if (this.buffer[end] !== CR)
      throw new Error('a bulk string from Redis does not have the length it announced')
    const bytes = this.buffer.subarray(this.position, end)
    this.position = this.needed
    return bytes
  }
}

function readReply(cursor: Cursor): Reply | undefined {
  const type = cursor.buffer[cursor.position]
  cursor.position += 1
  const line = cursor.line()
  if (line === undefined) return undefined
  switch (type) {
    case TYPE.status:
      return new RedisStatus(line)
    case TYPE.error:
      return new RedisError(line)
    case TYPE.integer:
      return BigInt(line)
    case TYPE.bulk:
      return line === '-1' ? null : cursor.bytes(readLength(line))
    case TYPE.array:
      return line === '-1' ? null : readArray(cursor, readLength(line))
    default:
      throw new Error(`Redis sent a reply of the unknown type ${type}`)
  }
}

function readArray(cursor: Cursor, length: number): Reply[] | undefined {
  const items: Reply[] = []
  while (items.length < length) {
    if (cursor.position >= cursor.buffer.length) {
      cursor.needed = cursor.buffer.length + 1
      return undefined
    }
    const item = readReply(cursor)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

function readLength(line: string): number {
  const length = Number(line)
  if (!Number.isSafeInteger(length) || length < 0) throw new Error('Redis announced an impossible length')
  return length
}
