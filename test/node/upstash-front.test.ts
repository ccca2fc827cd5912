// The Upstash front through Upstash's own clients, on the embedded Redis and, if REDIS_URL names one, on a real server.
import { Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openEmbeddedRedis } from '../../local/redis/embedded-redis.ts'
import type { RedisBackend } from '../../local/redis/redis-backend.ts'
import { connectRedisServer } from '../../local/redis/redis-server.ts'
import { startUpstashFront, type UpstashFront } from '../../local/redis/upstash-front.ts'

const token = 'a-token'
const { REDIS_URL: redisUrl } = process.env

describe('on the embedded Redis', () => describeFront(openEmbeddedRedis))

describe.skipIf(redisUrl === undefined)('on a Redis server (set REDIS_URL to run it)', () =>
  describeFront(() => connectRedisServer(redisUrl ?? '')),
)

function describeFront(open: () => Promise<RedisBackend>): void {
  let backend: RedisBackend
  let front: UpstashFront
  let redis: Redis
  /** Every key of a run begins with it: a real server keeps them. */
  let prefix: string

  beforeAll(async () => {
    backend = await open()
    front = await startUpstashFront({ redis: backend, token })
    redis = new Redis({ url: front.url, token, retry: { retries: 0 }, enableTelemetry: false })
  })
  beforeEach(() => {
    prefix = `test:${crypto.randomUUID()}:`
  })
  afterAll(async () => {
    await front.close()
    await backend.close()
  })

  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(front.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  describe('values', () => {
    it('stores text, numbers and objects and gives them back as they were', async () => {
      const values = ['text', '', 'OK', 42, 1.5, true, { a: [1, null, 'ü'] }, 'a\u0000b\r\n"\\', '日本語 🎉']
      for (const value of values) {
        expect(await redis.set(`${prefix}v`, value)).toBe('OK')
        expect(await redis.get(`${prefix}v`)).toEqual(value)
      }
    })

    it('gives null for a missing key, also inside MGET and HMGET', async () => {
      await redis.set(`${prefix}a`, 'one')
      expect(await redis.get(`${prefix}none`)).toBeNull()
      expect(await redis.mget(`${prefix}a`, `${prefix}none`, `${prefix}a`)).toEqual(['one', null, 'one'])
    })

    it('keeps every digit of a 64-bit integer', async () => {
      const { text } = await post('/', ['INCRBY', `${prefix}n`, '9007199254740993'])
      expect(text).toBe('{"result":9007199254740993}')
    })

    it('handles hashes, sorted sets with scores, sets and lists', async () => {
      await redis.hset(`${prefix}h`, { name: 'x', count: 3 })
      expect(await redis.hgetall(`${prefix}h`)).toEqual({ name: 'x', count: 3 })
      expect(await redis.hgetall(`${prefix}none`)).toBeNull()
      await redis.zadd(`${prefix}z`, { score: 1.5, member: 'b' }, { score: 1, member: 'a' })
      expect(await redis.zrange(`${prefix}z`, 0, -1, { withScores: true })).toEqual(['a', 1, 'b', 1.5])
      expect(await redis.zscore(`${prefix}z`, 'b')).toBe(1.5)
      await redis.rpush(`${prefix}l`, 'x', 'y')
      expect(await redis.lrange(`${prefix}l`, 0, -1)).toEqual(['x', 'y'])
      expect(await redis.scan(0, { match: `${prefix}l`, count: 10_000 })).toEqual([
        expect.anything(),
        [`${prefix}l`],
      ])
    })

    it('carries a value of 3 MB both ways', async () => {
      const value = 'ab é'.repeat(600_000)
      await redis.set(`${prefix}big`, value, { ex: 60 })
      expect((await redis.get(`${prefix}big`)) === value).toBe(true)
    })

    it('lets a key expire to the millisecond', async () => {
      await redis.set(`${prefix}p`, 'x', { px: 80 })
      expect(await redis.pttl(`${prefix}p`)).toBeGreaterThan(0)
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(await redis.get(`${prefix}p`)).toBeNull()
    })

    it('encodes strings in base64 when asked, nested ones too, but neither OK nor numbers', async () => {
      const encoded = { 'upstash-encoding': 'base64' }
      await post('/', ['EVAL', 'redis.call("SET", KEYS[1], "\\255\\0x")', 1, `${prefix}b`])
      expect((await post('/', ['GET', `${prefix}b`], encoded)).text).toBe(
        JSON.stringify({ result: Buffer.from([255, 0, 120]).toString('base64') }),
      )
      expect((await post('/', ['SET', `${prefix}b`, 'OK'], encoded)).text).toBe('{"result":"OK"}')
      expect((await post('/', ['GET', `${prefix}b`], encoded)).text).toBe('{"result":"T0s="}')
      expect((await post('/', ['PING'], encoded)).text).toBe('{"result":"UE9ORw=="}')
      const nested = await post('/', ['EVAL', 'return {"a", {"b", 1, false}}', 0], encoded)
      expect(nested.text).toBe('{"result":["YQ==",["Yg==",1,null]]}')
    })
  })

  describe('pipelines and transactions', () => {
    it('runs a pipeline in order, and an error in the middle stays in its place', async () => {
      const pipeline = redis.pipeline()
      pipeline.set(`${prefix}k`, 'text').incr(`${prefix}k`).get(`${prefix}k`)
      const [set, increment, get] = await pipeline.exec({ keepErrors: true })
      expect(set?.result).toBe('OK')
      expect(increment?.error).toMatch(/^ERR value is not an integer/)
      expect(get?.result).toBe('text')
    })

    it('refuses an unavailable command in a pipeline in its place and runs the others', async () => {
      const { status, text } = await post('/pipeline', [
        ['SET', `${prefix}k`, '1'],
        ['SUBSCRIBE', 'c'],
        ['GET', `${prefix}k`],
      ])
      expect(status).toBe(200)
      expect(JSON.parse(text)).toEqual([
        { result: 'OK' },
        { error: expect.stringContaining("Command is not available: 'SUBSCRIBE'") },
        { result: '1' },
      ])
    })

    it('runs a transaction as one, and a failing command does not undo the others', async () => {
      const transaction = redis.multi()
      transaction.set(`${prefix}k`, 'text').incr(`${prefix}k`).get(`${prefix}k`)
      const [set, increment, get] = await transaction.exec({ keepErrors: true })
      expect([set?.result, get?.result]).toEqual(['OK', 'text'])
      expect(increment?.error).toMatch(/^ERR value is not an integer/)
    })

    it('discards a transaction with a malformed command: EXECABORT, nothing written', async () => {
      const { status, text } = await post('/multi-exec', [['SET', `${prefix}k`, '1'], ['INCR']])
      expect(status).toBe(400)
      expect(JSON.parse(text).error).toMatch(/^EXECABORT/)
      expect(await redis.get(`${prefix}k`)).toBeNull()
      expect((await post('/', ['PING'])).text).toBe('{"result":"PONG"}')
    })

    it('discards a transaction that holds an unavailable command', async () => {
      const { status, text } = await post('/multi-exec', [
        ['SET', `${prefix}k`, '1'],
        ['EXEC'],
        ['SET', `${prefix}k`, '2'],
      ])
      expect(status).toBe(400)
      expect(text).toContain("Command is not available: 'EXEC'")
      expect(await redis.get(`${prefix}k`)).toBeNull()
    })

    it('lets nothing come between the commands of a transaction', async () => {
      const increment = `${prefix}n`
      const results = await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const single = index % 2 === 0
          const { text } = single
            ? await post('/pipeline', [['INCR', increment]])
            : await post('/multi-exec', Array(20).fill(['INCR', increment]))
          const counts = JSON.parse(text).map(({ result }: { result: number }) => result)
          expect(counts).toEqual(counts.map((_: number, position: number) => counts[0] + position))
          return counts.length
        }),
      )
      expect(results.filter((length) => length === 20)).toHaveLength(20)
      expect(await redis.get(increment)).toBe(20 + 20 * 20)
    })
  })

  describe('scripts', () => {
    const script = () =>
      `#!lua flags=allow-key-locking\n-- ${prefix}\nreturn {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}`

    it('runs a script with the key-locking line by its text, then by its SHA', async () => {
      const known = redis.createScript<[string, string, number]>(script())
      expect(await known.exec([`${prefix}k`], ['x'])).toEqual([`${prefix}k`, 'x', 1])
      expect(await known.exec([`${prefix}k`], ['x'])).toEqual([`${prefix}k`, 'x', 2])
    })

    it('says NOSCRIPT for a script it has not seen', async () => {
      const { status, text } = await post('/', ['EVALSHA', '0'.repeat(40), 0])
      expect(status).toBe(400)
      expect(JSON.parse(text).error).toBe('NOSCRIPT No matching script. Please use EVAL.')
    })

    it('loads and finds such a script under the SHA of its own text', async () => {
      const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(script()))
      const sha = Buffer.from(digest).toString('hex')
      expect(await redis.scriptLoad(script())).toBe(sha)
      expect(await redis.scriptExists(sha, '1'.repeat(40))).toEqual([1, 0])
      expect(await redis.evalsha(sha, [`${prefix}k`], ['y'])).toEqual([`${prefix}k`, 'y', 1])
      expect(await redis.evalsha(sha.toUpperCase(), [`${prefix}k`], ['y'])).toEqual([`${prefix}k`, 'y', 2])
    })

    it('runs a reading script read-only, with other flags kept', async () => {
      await redis.set(`${prefix}k`, 'v')
      const reading = "#!lua flags=no-writes,allow-key-locking\nreturn redis.call('GET', KEYS[1])"
      expect(await redis.evalRo(reading, [`${prefix}k`], [])).toBe('v')
      const writing = "#!lua flags=allow-key-locking\nreturn redis.call('SET', KEYS[1], 'w')"
      await expect(redis.evalRo(writing, [`${prefix}k`], [])).rejects.toThrow(
        /[Ww]rite commands are not allowed/,
      )
    })

    it("passes a script's own error on", async () => {
      await expect(redis.eval("return redis.error_reply('MINE went wrong')", [], [])).rejects.toThrow(
        'MINE went wrong',
      )
      const { text } = await post('/', ['EVAL', "return {1, redis.call('PING'), {err = 'E x'}}", 0])
      expect(JSON.parse(text).result).toEqual([1, 'PONG', expect.stringContaining('E x')])
    })
  })

  describe('@upstash/ratelimit', () => {
    const limiters = {
      fixedWindow: Ratelimit.fixedWindow(7, '1 h'),
      slidingWindow: Ratelimit.slidingWindow(7, '1 h'),
      tokenBucket: Ratelimit.tokenBucket(1, '1 h', 7),
    }
    it.each(Object.entries(limiters))('%s admits exactly 7 of 30 at once', async (_, limiter) => {
      const ratelimit = new Ratelimit({ redis, limiter, prefix, ephemeralCache: false })
      const responses = await Promise.all(Array.from({ length: 30 }, () => ratelimit.limit('caller')))
      expect(responses.filter(({ success }) => success)).toHaveLength(7)
      expect(responses.every(({ reason }) => reason !== 'timeout')).toBe(true)
      await ratelimit.resetUsedTokens('caller')
      expect((await ratelimit.limit('caller')).success).toBe(true)
    })
  })

  describe('refusals', () => {
    it('refuses a missing or wrong token', async () => {
      for (const authorization of ['', 'Bearer other', token]) {
        const { status, text } = await post('/', ['PING'], { authorization })
        expect(status).toBe(401)
        expect(JSON.parse(text).error).toMatch(/^WRONGPASS/)
      }
      await expect(new Redis({ url: front.url, token: 'other', retry: false }).get('x')).rejects.toThrow(
        'WRONGPASS',
      )
    })

    it.each([
      [['BLPOP', 'q', '0']],
      [['xread', 'block', '0', 'streams', 's', '$']],
      [['MONITOR']],
      [['SHUTDOWN']],
      [['MULTI']],
      [['SELECT', '1']],
      [['CLIENT', 'REPLY', 'OFF']],
      [['CONFIG', 'GET', '*']],
      [['HELLO', '3']],
    ])('refuses %j', async (command) => {
      const { status, text } = await post('/', command)
      expect(status).toBe(400)
      expect(JSON.parse(text).error).toMatch(/^ERR Command is not available: /)
    })

    it.each([
      ['/', 'no json'],
      ['/', []],
      ['/', ['SET', 'k', null]],
      ['/', ['SET', 'k', { a: 1 }]],
      ['/pipeline', []],
      ['/pipeline', ['PING']],
      ['/multi-exec', [[]]],
    ])('returns 400 to %s with the body %j', async (path, body) => {
      const { status, text } = await post(path, body)
      expect(status).toBe(400)
      expect(JSON.parse(text).error).toMatch(/^ERR (failed to parse|empty)/)
    })

    it('names what it does not serve', async () => {
      expect((await post('/set/a/b', 'c')).status).toBe(404)
      const get = await fetch(front.url, { headers: { authorization: `Bearer ${token}` } })
      expect(get.status).toBe(405)
    })

    it('refuses a body above 10 MB and goes on', async () => {
      expect((await post('/', ['SET', `${prefix}k`, 'x'.repeat(10 * 1024 * 1024)])).status).toBe(413)
      expect(await redis.ping()).toBe('PONG')
    })

    it('gives a sync token with every response', async () => {
      expect((await post('/', ['PING'])).headers.get('upstash-sync-token')).toMatch(/^local=\d+$/)
    })
  })
}

describe('a Redis server that cannot be used', () => {
  it('says so in one line, without the password', async () => {
    const attempt = connectRedisServer('redis://:hunter2@127.0.0.1:1')
    await expect(attempt).rejects.toThrow(/127\.0\.0\.1:1 \(REDIS_URL\) cannot be reached: start it/)
    await expect(attempt).rejects.not.toThrow('hunter2')
    await expect(connectRedisServer('http://hunter2@x')).rejects.toThrow(
      /^REDIS_URL is not of the form redis:/,
    )
  })
})
