import { parseList } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import { neonDirectory } from '../../src/directory/neon-directory.ts'
import { createRequestId } from '../../src/http/request-id.ts'
import type { Admission, Limits } from '../../src/limits/admission.ts'
import { decideAdmission, releaseSlot } from '../../src/limits/upstash-admission.ts'
import { upstashSharedState } from '../../src/shared-state/upstash-shared-state.ts'
import { createRedis, type RedisBatch, runBatch } from '../../src/stores/redis-batch.ts'
import { bindings, createApi, createFaultyStore, jobsPath, organizations, withKey } from '../support/api.ts'
import { issueKey } from '../support/database.ts'
import { slotsTaken } from '../support/slots.ts'

const [acme] = organizations
if (!acme) throw new Error('The demo has organizations')
const [first = ''] = acme.jobs.map(({ id }) => id)

const redis = createRedis({
  url: bindings['UPSTASH_REDIS_REST_URL'] ?? '',
  token: bindings['UPSTASH_REDIS_REST_TOKEN'] ?? '',
  timeoutMs: 5_000,
})
const limits: Limits = { requests: 100, windowSeconds: 60, concurrent: 10 }
const WINDOW_MS = 60_000
/** These tests turn the clock themselves. */
const clock = 'given'
const START = Date.now()

/** One attempt, its slot given back at once. */
async function attempt(limitId: string, now: number, requestId = createRequestId()): Promise<Admission> {
  const [decided] = await runBatch(redis, (batch) => [
    decideAdmission(batch, { limitId, requestId, now, clock }, limits),
    releaseSlot(batch, { limitId, requestId }),
  ])
  if (decided.status === 'rejected') throw decided.reason
  return decided.value
}

/** The reply to the only command of a batch. */
async function run<T>(enqueue: (batch: RedisBatch) => Promise<T>): Promise<T> {
  const [result] = await runBatch(redis, (batch) => [enqueue(batch)])
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
  it('admits at most 100 in any 60 s of an adversarial 10 minutes, and whoever waits its Retry-After', {
    timeout: 90_000,
  }, async () => {
    const limitId = newKeyHash()
    const random = createRandom(4_711)
    const admitted: number[] = []
    let now = START
    let attempts = 0
    // Bursts at the edges of windows, trickles, and silences of about a window.
    while (now < START + 10 * WINDOW_MS) {
      const burst = random() < 0.3 ? 250 : Math.ceil(random() * 8)
      for (let i = 0; i < burst; i++) {
        attempts++
        const { verdict, resetMs } = await attempt(limitId, now)
        if (verdict === 'admitted') admitted.push(now)
        else if (random() < 0.002) {
          now += Math.ceil(resetMs / 1_000) * 1_000
          expect((await attempt(limitId, now)).verdict).toBe('admitted')
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
    const limitId = newKeyHash()
    let admitted = 0
    for (let i = 0; i < 500; i++) {
      const { verdict } = await attempt(limitId, START + (i * WINDOW_MS) / 100)
      if (verdict === 'admitted') admitted++
    }
    expect(admitted).toBe(500)
  })

  it('names the exact wait: a millisecond earlier is refused, at its end is admitted', async () => {
    const limitId = newKeyHash()
    for (let i = 0; i < 100; i++) await attempt(limitId, START + i * 10)
    const refused = await attempt(limitId, START + 5_000)
    expect(refused).toMatchObject({ verdict: 'rate', requestsLeft: 0, resetMs: WINDOW_MS - 5_000 })
    expect((await attempt(limitId, START + 5_000 + refused.resetMs - 1)).verdict).toBe('rate')
    expect((await attempt(limitId, START + 5_000 + refused.resetMs)).verdict).toBe('admitted')
  })

  it('counts the same request id once', async () => {
    const limitId = newKeyHash()
    const id = createRequestId()
    const responses = [await attempt(limitId, START, id), await attempt(limitId, START + 5, id)]
    expect(responses.map(({ verdict, requestsLeft }) => [verdict, requestsLeft])).toEqual([
      ['admitted', 99],
      ['admitted', 99],
    ])
  })

  it('stays exact when the clocks of two Workers differ', async () => {
    const limitId = newKeyHash()
    for (let i = 0; i < 100; i++) await attempt(limitId, START + (i % 2 === 0 ? 40 : 0))
    expect((await attempt(limitId, START)).verdict).toBe('rate')
    expect((await attempt(limitId, START + WINDOW_MS - 1)).verdict).toBe('rate')
  })
})

describe('slots', () => {
  it('are 10, come back when given back, and when their lease ends', async () => {
    const limitId = newKeyHash()
    const take = (requestId: string, now: number) =>
      run((batch) => decideAdmission(batch, { limitId, requestId, now, clock }, limits))
    const ids = Array.from({ length: 10 }, createRequestId)
    for (const id of ids) expect((await take(id, START)).verdict).toBe('admitted')
    expect(await take(createRequestId(), START)).toMatchObject({ verdict: 'concurrency', slotsLeft: 0 })

    await run((batch) => releaseSlot(batch, { limitId, requestId: ids[0] ?? '' }))
    expect((await take(createRequestId(), START)).verdict).toBe('admitted')
    expect((await take(createRequestId(), START + 14_999)).verdict).toBe('concurrency')
    expect(await take(createRequestId(), START + 15_000)).toMatchObject({ verdict: 'admitted', slotsLeft: 9 })
  })

  it('a refusal writes nothing, and spends nothing of the other limit', async () => {
    const limitId = newKeyHash()
    const key = `admission:{${limitId}}`
    const ids = Array.from({ length: 10 }, createRequestId)
    for (const requestId of ids) {
      await run((batch) => decideAdmission(batch, { limitId, requestId, now: START, clock }, limits))
    }
    const dump = () =>
      run((batch) =>
        Promise.all([
          batch.add((pipeline) => pipeline.zrange(`${key}:log`, 0, -1, { withScores: true })),
          batch.add((pipeline) => pipeline.zrange(`${key}:slots`, 0, -1, { withScores: true })),
        ]),
      )
    const before = await dump()
    for (let i = 0; i < 5; i++) {
      const refused = await run((batch) =>
        decideAdmission(batch, { limitId, requestId: createRequestId(), now: START + 1, clock }, limits),
      )
      expect(refused).toMatchObject({ verdict: 'concurrency', requestsLeft: 90 })
    }
    expect(await dump()).toEqual(before)
  })

  it('of a busy key take at most 4 KB with its log, and every key has a TTL', async () => {
    const limitId = newKeyHash()
    const key = `admission:{${limitId}}`
    for (let i = 0; i < 90; i++) await attempt(limitId, START + i)
    for (let i = 0; i < 10; i++) {
      await run((batch) =>
        decideAdmission(batch, { limitId, requestId: createRequestId(), now: START + 100, clock }, limits),
      )
    }
    const usage = async (name: string) => Number(await redis.exec(['MEMORY', 'USAGE', name]))
    const bytes = (await usage(`${key}:log`)) + (await usage(`${key}:slots`))
    console.log(`Memory of one busy key: ${bytes} bytes`)
    expect(bytes).toBeLessThanOrEqual(4_096)
    for (const name of [`${key}:log`, `${key}:slots`]) {
      const ttl = await redis.pttl(name)
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
    await api.services.shared.apply({ lock: 'never released' }, Date.now())

    // On a server of its own the tests of the protocol leave keys too; these are the Worker's.
    const keys = (await redis.keys('*')).filter((name) => /^(admission:|stats:)/.test(name))
    const ttls: number[] = []
    for (let i = 0; i < keys.length; i += 500) {
      const pipeline = redis.pipeline()
      for (const name of keys.slice(i, i + 500)) pipeline.pttl(name)
      ttls.push(...(await pipeline.exec<number[]>()))
    }
    expect(ttls).toHaveLength(keys.length)
    expect(keys.length).toBeGreaterThan(5)
    // -2: it has expired in between; -1: it never would.
    const forever = keys.filter((_, index) => ttls[index] === -1)
    expect(forever).toEqual([])
  })
})

describe('the headers', () => {
  it('parse as structured fields, on a 200, a 403 and a 429', async () => {
    const key = await issueKey(acme.id)
    const api = createApi({ RATE_LIMIT_REQUESTS: '2' })
    const responses = [
      await api.call(jobsPath([first]), withKey(key)),
      await api.call(jobsPath([crypto.randomUUID()]), withKey(key)),
      await createApi({ RATE_LIMIT_REQUESTS: '2' }).call(jobsPath([first]), withKey(key)),
    ]
    expect(responses.map(({ status }) => status)).toEqual([200, 403, 429])
    for (const { headers } of responses) {
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
    const lefts = responses.map(({ headers }) => parseList(headers.get('ratelimit') ?? '')[0]?.[1].get('r'))
    expect(lefts).toEqual([1, 0, 0])
    const refused = responses[2]
    const t = parseList(refused?.headers.get('ratelimit') ?? '')[0]?.[1].get('t')
    expect(Number(refused?.headers.get('retry-after'))).toBe(t)
  })
})

describe('through the whole API', () => {
  it('200 callers at once on one key: 10 at the store, the others told to wait for a slot', async () => {
    const store = createFaultyStore('plausible')
    await store.set({ mode: 'slow', delayMs: 5_000 })
    // One machine runs all of it, so the stores get more time than in production: their timeouts are not the subject.
    const shared = upstashSharedState(redis, {
      limits: { ...limits, requests: 1_000 },
      cache: { freshSeconds: 0, staleSeconds: 0, staleIfErrorSeconds: 0 },
      namespace: `stats:${crypto.randomUUID()}`,
      clock: 'redis',
    })
    const directory = neonDirectory({
      connectionString: bindings['DATABASE_URL'] ?? '',
      endpoint: bindings['NEON_ENDPOINT'],
      timeoutMs: 9_000,
    })
    const api = createApi(store.vars, { shared, directory })
    const key = await issueKey(acme.id)
    const responses = await Promise.all(
      Array.from({ length: 200 }, () => api.call(jobsPath([first]), withKey(key))),
    )
    const statuses = Map.groupBy(responses, ({ status }) => status)
    expect(statuses.get(200)).toHaveLength(10)
    expect(statuses.get(429)).toHaveLength(190)
    for (const { json, headers } of statuses.get(429) ?? []) {
      expect(json).toMatchObject({ error: { code: 'too_many_concurrent_requests' } })
      // Advice: a request that has run for some time may run as long again, and at most until its deadline.
      expect(headers.get('retry-after')).toMatch(/^[1-9]$/)
    }
    expect((await store.report()).maxInFlight).toBe(10)
    expect(await slotsTaken(redis, key)).toBe(0)
  })

  it('10 workers that are always busy see no 429 in 1,000 requests', {
    timeout: 120_000,
  }, async () => {
    const api = createApi({ RATE_LIMIT_REQUESTS: '100000' })
    const key = await issueKey(acme.id)
    let left = 1_000
    const statuses: number[] = []
    const work = async () => {
      // Whoever has the response may send the next request at once: the slot is on its way back by then.
      while (left-- > 0) {
        const { responded } = api.start(jobsPath([first]), withKey(key))
        const response = await responded
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

  it('a wait that is told from memory is not shorter than the one that Redis counted, however long Redis takes', async () => {
    let now = Date.now()
    const api = createApi({ RATE_LIMIT_REQUESTS: '1' }, { now: () => now })
    const { shared } = api.services
    const arrive = shared.arrive.bind(shared)
    shared.arrive = async (arrival) => {
      now += 400
      return arrive({ ...arrival, now })
    }
    const key = await issueKey(acme.id)
    expect((await api.call(jobsPath([first]), withKey(key))).status).toBe(200)
    // 59.3 s before the window of the request has passed.
    now += 700
    const refused = await api.call(jobsPath([first]), withKey(key))
    expect(refused.log[0]).toMatchObject({ admission: 'memory' })
    expect(refused.headers.get('retry-after')).toBe('60')
    now += 60_000
    expect((await api.call(jobsPath([first]), withKey(key))).status).toBe(200)
  })
})
