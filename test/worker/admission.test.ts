import { parseList } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import { decideAdmission, releaseSlot } from '../../src/adapters/upstash-admission.ts'
import { UpstashRedis } from '../../src/adapters/upstash-redis.ts'
import type { Admission, Limits } from '../../src/domain/admission.ts'
import { hashApiKey } from '../../src/domain/api-key.ts'
import { createRequestId } from '../../src/domain/request-id.ts'
import { bindings, createApi, createFaultyStore, jobsPath, organizations, withKey } from '../support/api.ts'
import { issueKey } from '../support/database.ts'

const [acme] = organizations
if (!acme) throw new Error('The demo has organizations')
const [first = ''] = acme.jobs.map(({ id }) => id)

const redis = new UpstashRedis({
  url: bindings['UPSTASH_REDIS_REST_URL'] ?? '',
  token: bindings['UPSTASH_REDIS_REST_TOKEN'] ?? '',
  timeoutMs: 5_000,
})
const limits: Limits = { requests: 100, windowSeconds: 60, concurrent: 10 }
const WINDOW_MS = 60_000
const START = Date.now()

/** One attempt, its slot given back at once. */
async function attempt(keyHash: string, now: number, requestId = createRequestId()): Promise<Admission> {
  const [decided] = await redis.batch((r) => [
    decideAdmission(r, { keyHash, requestId, now }, limits),
    releaseSlot(r, { keyHash, requestId }),
  ])
  if (decided.status === 'rejected') throw decided.reason
  return decided.value
}

/** The outcome of the only command of a batch. */
async function run<T>(enqueue: Parameters<typeof redis.batch<[Promise<T>]>>[0]): Promise<T> {
  const [result] = await redis.batch<[Promise<T>]>(enqueue)
  if (result.status === 'rejected') throw result.reason
  return result.value
}

function newKeyHash(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

/** The most that any half-open span of one window holds. */
function mostInAnyWindow(times: number[]): number {
  return Math.max(
    ...times.map((from) => times.filter((time) => time >= from && time < from + WINDOW_MS).length),
  )
}

/** A generator of numbers in [0, 1) that is the same each run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

describe('the rate limit', () => {
  it('admits at most 100 in any 60 s of an adversarial 10 minutes, and whoever waits its Retry-After', async () => {
    const keyHash = newKeyHash()
    const random = createRandom(4_711)
    const admitted: number[] = []
    let now = START
    let attempts = 0
    // Bursts at the edges of windows, trickles, and silences of about a window.
    while (now < START + 10 * WINDOW_MS) {
      const burst = random() < 0.3 ? 250 : Math.ceil(random() * 8)
      for (let i = 0; i < burst; i++) {
        attempts++
        const { verdict, moreInMs } = await attempt(keyHash, now)
        if (verdict === 'admitted') admitted.push(now)
        else if (random() < 0.002) {
          now += Math.ceil(moreInMs / 1_000) * 1_000
          expect((await attempt(keyHash, now)).verdict).toBe('admitted')
          admitted.push(now)
        }
        if (random() < 0.5) now += Math.floor(random() * 20)
      }
      now += random() < 0.03 ? WINDOW_MS - 1 + Math.floor(random() * 3) : Math.floor(random() * 3_000)
    }
    expect(attempts).toBeGreaterThan(3_000)
    expect(mostInAnyWindow(admitted)).toBe(100)
  })

  it('admits 500 of 500 to a client that keeps to 100 a minute for 5 minutes', async () => {
    const keyHash = newKeyHash()
    let admitted = 0
    for (let i = 0; i < 500; i++) {
      const { verdict } = await attempt(keyHash, START + (i * WINDOW_MS) / 100)
      if (verdict === 'admitted') admitted++
    }
    expect(admitted).toBe(500)
  })

  it('names the exact wait: a millisecond earlier is refused, at its end is admitted', async () => {
    const keyHash = newKeyHash()
    for (let i = 0; i < 100; i++) await attempt(keyHash, START + i * 10)
    const refused = await attempt(keyHash, START + 5_000)
    expect(refused).toMatchObject({ verdict: 'rate', requestsLeft: 0, moreInMs: WINDOW_MS - 5_000 })
    expect((await attempt(keyHash, START + 5_000 + refused.moreInMs - 1)).verdict).toBe('rate')
    expect((await attempt(keyHash, START + 5_000 + refused.moreInMs)).verdict).toBe('admitted')
  })

  it('counts the same request id once', async () => {
    const keyHash = newKeyHash()
    const id = createRequestId()
    const answers = [await attempt(keyHash, START, id), await attempt(keyHash, START + 5, id)]
    expect(answers.map(({ verdict, requestsLeft }) => [verdict, requestsLeft])).toEqual([
      ['admitted', 99],
      ['admitted', 99],
    ])
  })

  it('stays exact when the clocks of two Workers differ', async () => {
    const keyHash = newKeyHash()
    for (let i = 0; i < 100; i++) await attempt(keyHash, START + (i % 2 === 0 ? 40 : 0))
    expect((await attempt(keyHash, START)).verdict).toBe('rate')
    expect((await attempt(keyHash, START + WINDOW_MS - 1)).verdict).toBe('rate')
  })
})

describe('slots', () => {
  it('are 10, come back when given back, and when their lease ends', async () => {
    const keyHash = newKeyHash()
    const take = (requestId: string, now: number) =>
      run((r) => [decideAdmission(r, { keyHash, requestId, now }, limits)])
    const ids = Array.from({ length: 10 }, createRequestId)
    for (const id of ids) expect((await take(id, START)).verdict).toBe('admitted')
    expect(await take(createRequestId(), START)).toMatchObject({ verdict: 'concurrency', slotsLeft: 0 })

    await run((r) => [releaseSlot(r, { keyHash, requestId: ids[0] ?? '' })])
    expect((await take(createRequestId(), START)).verdict).toBe('admitted')
    expect((await take(createRequestId(), START + 14_999)).verdict).toBe('concurrency')
    expect(await take(createRequestId(), START + 15_000)).toMatchObject({ verdict: 'admitted', slotsLeft: 9 })
  })

  it('a refusal writes nothing, and spends nothing of the other limit', async () => {
    const keyHash = newKeyHash()
    const key = `admission:{${keyHash}}`
    const ids = Array.from({ length: 10 }, createRequestId)
    for (const requestId of ids) {
      await run((r) => [decideAdmission(r, { keyHash, requestId, now: START }, limits)])
    }
    const dump = () =>
      run((r) => [
        Promise.all([
          r.zrange(`${key}:log`, 0, -1, { withScores: true }),
          r.zrange(`${key}:slots`, 0, -1, { withScores: true }),
        ]),
      ])
    const before = await dump()
    for (let i = 0; i < 5; i++) {
      const [refused] = await redis.batch((r) => [
        decideAdmission(r, { keyHash, requestId: createRequestId(), now: START + 1 }, limits),
      ])
      expect(refused).toMatchObject({ value: { verdict: 'concurrency', requestsLeft: 90 } })
    }
    expect(await dump()).toEqual(before)
  })

  it('of a busy key take at most 4 KB with its log, and every key has a TTL', async () => {
    const keyHash = newKeyHash()
    const key = `admission:{${keyHash}}`
    for (let i = 0; i < 90; i++) await attempt(keyHash, START + i)
    for (let i = 0; i < 10; i++) {
      await run((r) => [
        decideAdmission(r, { keyHash, requestId: createRequestId(), now: START + 100 }, limits),
      ])
    }
    const usage = (name: string) => run<number>((r) => [r.exec(['MEMORY', 'USAGE', name]) as Promise<number>])
    const bytes = (await usage(`${key}:log`)) + (await usage(`${key}:slots`))
    console.log(`Memory of one busy key: ${bytes} bytes`)
    expect(bytes).toBeLessThanOrEqual(4_096)
    for (const name of [`${key}:log`, `${key}:slots`]) {
      const ttl = await run((r) => [r.pttl(name)])
      expect(ttl).toBeGreaterThan(0)
      expect(ttl).toBeLessThanOrEqual(WINDOW_MS)
    }
  })
})

describe('Redis', () => {
  it('holds no key without a TTL, whatever requests left there', async () => {
    const store = createFaultyStore('plausible')
    const api = createApi({ ...store.vars, RATE_LIMIT_REQUESTS: '1000' })
    const key = await issueKey(acme.id)
    await api.call(jobsPath([first]), withKey(key))
    await store.set({ mode: 'status_500' })
    for (const period of ['7d', '6mo', '12mo']) await api.call(jobsPath([first], period), withKey(key))
    await store.set({ mode: 'status_429' })
    await api.call(jobsPath([first], '7d'), withKey(key))
    await api.services.shared.settle({ claim: 'never given back' }, Date.now())

    // On a server of its own the tests of the protocol leave keys too; these are the Worker's.
    const keys = (await run((r) => [r.keys('*')])).filter((name) => /^(admission:|stats-)/.test(name))
    const ttls = await redis.batch((r) => keys.map((name) => r.pttl(name)))
    expect(keys.length).toBeGreaterThan(5)
    const forever = keys.filter((_, index) => {
      const ttl = ttls[index]
      // -2: it has ended in between; -1: it never would.
      return ttl?.status !== 'fulfilled' || ttl.value === -1
    })
    expect(forever).toEqual([])
  })
})

describe('the headers', () => {
  it('parse as structured fields, on a 200, a 403 and a 429', async () => {
    const key = await issueKey(acme.id)
    const api = createApi({ RATE_LIMIT_REQUESTS: '2' })
    const answers = [
      await api.call(jobsPath([first]), withKey(key)),
      await api.call(jobsPath([crypto.randomUUID()]), withKey(key)),
      await createApi({ RATE_LIMIT_REQUESTS: '2' }).call(jobsPath([first]), withKey(key)),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 429])
    for (const { headers } of answers) {
      const policy = parseList(headers.get('ratelimit-policy') ?? '')
      expect(policy.map(([name]) => name)).toEqual(['rate', 'concurrency'])
      expect(policy.map(([, parameters]) => Object.fromEntries(parameters))).toEqual([
        { q: 2, w: 60 },
        { q: 10, qu: 'concurrent-requests' },
      ])
      const state = parseList(headers.get('ratelimit') ?? '')
      expect(state.map(([name]) => name)).toEqual(['rate', 'concurrency'])
      expect(headers.get('x-ratelimit-limit')).toBe('2')
      expect(Number(headers.get('x-ratelimit-reset')) * 1_000).toBeGreaterThan(Date.now())
    }
    const lefts = answers.map(({ headers }) => parseList(headers.get('ratelimit') ?? '')[0]?.[1].get('r'))
    expect(lefts).toEqual([1, 0, 0])
    const refused = answers[2]
    const t = parseList(refused?.headers.get('ratelimit') ?? '')[0]?.[1].get('t')
    expect(Number(refused?.headers.get('retry-after'))).toBe(t)
  })
})

describe('through the whole API', () => {
  it('200 callers at once on one key: 10 at the store, the others told to wait for a slot', async () => {
    const store = createFaultyStore('plausible')
    await store.set({ mode: 'slow', delayMs: 1_500 })
    const vars = {
      ...store.vars,
      RATE_LIMIT_REQUESTS: '1000',
      CACHE_FRESH_SECONDS: '0',
      CACHE_STALE_SECONDS: '0',
      CACHE_KEEP_SECONDS: '0',
    }
    const api = createApi(vars)
    const key = await issueKey(acme.id)
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => api.call(jobsPath([first]), withKey(key))),
    )
    const statuses = Map.groupBy(answers, ({ status }) => status)
    expect(statuses.get(200)).toHaveLength(10)
    expect(statuses.get(429)).toHaveLength(190)
    for (const { json, headers } of statuses.get(429) ?? []) {
      expect(json).toMatchObject({ error: { code: 'too_many_concurrent_requests' } })
      expect(headers.get('retry-after')).toBe('1')
    }
    expect((await store.report()).maxInFlight).toBe(10)
    expect(await slotsTaken(key)).toBe(0)
  })

  it('10 workers that are always busy see no 429 in 1,000 requests', async () => {
    const api = createApi({ RATE_LIMIT_REQUESTS: '100000' })
    const key = await issueKey(acme.id)
    let left = 1_000
    const statuses: number[] = []
    const work = async () => {
      // Whoever has its answer may ask again at once: the slot is on its way back by then.
      while (left-- > 0) {
        const { answer } = api.start(jobsPath([first]), withKey(key))
        const response = await answer
        await response.text()
        statuses.push(response.status)
      }
    }
    await Promise.all(Array.from({ length: 10 }, work))
    expect(statuses).toHaveLength(1_000)
    expect(statuses.filter((status) => status !== 200)).toEqual([])
  })

  it('1,000 requests beyond the limit cost no Redis and no Postgres, and the first after the wait is admitted', async () => {
    const [redisProxy, postgresProxy] = [createFaultyStore('redis'), createFaultyStore('postgres')]
    let offset = 0
    const vars = { ...redisProxy.vars, ...postgresProxy.vars }
    const api = createApi(vars, { now: () => Date.now() + offset })
    const key = await issueKey(acme.id)
    for (let i = 0; i < 100; i++) {
      expect((await api.call(jobsPath([first]), withKey(key))).status).toBe(200)
    }
    const before = await Promise.all([redisProxy.report(), postgresProxy.report()])
    let retryAfter = 0
    for (let i = 0; i < 1_000; i++) {
      const { status, headers } = await api.call(jobsPath([first]), withKey(key))
      expect(status).toBe(429)
      retryAfter = Number(headers.get('retry-after'))
    }
    const after = await Promise.all([redisProxy.report(), postgresProxy.report()])
    expect(after.map(({ requests }, i) => requests - (before[i]?.requests ?? 0))).toEqual([0, 0])
    offset = retryAfter * 1_000
    expect((await api.call(jobsPath([first]), withKey(key))).status).toBe(200)
  })
})

/** How many slots this key holds in Redis. */
async function slotsTaken(key: string): Promise<number> {
  const keyHash = await hashApiKey(key)
  return run((r) => [r.zcard(`admission:{${keyHash}}:slots`)])
}
