// RESP2 in and out: the five types, and replies that arrive in any portions.
import { describe, expect, it } from 'vitest'
import { RedisError, RedisStatus } from '../../local/redis/redis-backend.ts'
import { encodeCommands, ReplyParser } from '../../local/redis/resp.ts'

const wire = Buffer.from(
  '+OK\r\n-ERR no\r\n:-42\r\n:9223372036854775807\r\n$5\r\n\u00e9\r\nx\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n*3\r\n:1\r\n*2\r\n$1\r\na\r\n+b\r\n-E\r\n',
)
const replies = [
  new RedisStatus('OK'),
  new RedisError('ERR no'),
  -42n,
  9223372036854775807n,
  Buffer.from('\u00e9\r\nx'),
  null,
  null,
  [],
  Buffer.from(''),
  [1n, [Buffer.from('a'), new RedisStatus('b')], new RedisError('E')],
]

describe('ReplyParser', () => {
  it.each([1, 2, 3, 7, wire.length])('reads all replies from portions of %i bytes', (size) => {
    const parser = new ReplyParser()
    const read = []
    for (let at = 0; at < wire.length; at += size) read.push(...parser.feed(wire.subarray(at, at + size)))
    expect(read).toEqual(replies)
  })

  it('reads a large reply that arrives in small portions', () => {
    const parser = new ReplyParser()
    const body = Buffer.alloc(4_000_000, 'z')
    const bytes = Buffer.concat([Buffer.from(`*2\r\n$${body.length}\r\n`), body, Buffer.from('\r\n:7\r\n')])
    const read = []
    for (let at = 0; at < bytes.length; at += 16_384)
      read.push(...parser.feed(bytes.subarray(at, at + 16_384)))
    const [reply] = read
    const [bulk, integer] = Array.isArray(reply) ? reply : []
    expect(Buffer.isBuffer(bulk) && bulk.equals(body)).toBe(true)
    expect(integer).toBe(7n)
  })

  it.each(['?\r\n', '$x\r\n', '$1\r\nabc\r\n', ':1.5\r\n'])('refuses %j, which is not RESP2', (text) => {
    expect(() => new ReplyParser().feed(Buffer.from(text))).toThrow()
  })
})

it('writes commands as arrays of bulk strings with their length in bytes', () => {
  expect(encodeCommands([['SET', 'k', 'é'], ['PING']]).toString()).toBe(
    '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\né\r\n*1\r\n$4\r\nPING\r\n',
  )
})
