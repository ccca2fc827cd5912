import { describe, expect, it } from 'vitest'
import { createRedis } from '../../src/stores/redis-batch.ts'
import { createApi, createFaultyStore, demo, jobsPath, organizations, withKey } from '../support/api.ts'
import { createClockedApi, noon } from '../support/clocked-api.ts'
import { issueKey } from '../support/database.ts'
import { FAULT_MODES, type FaultMode, STORE_SECRET } from '../support/fault-control.ts'
import { slotsTaken } from '../support/slots.ts'

const [acme] = organizations
if (!acme) throw new Error('The demo has organizations')
const jobIds = acme.jobs.slice(0, 3).map(({ id }) => id)
const { redisUrl, redisToken } = demo.stores
const redis = createRedis({ url: redisUrl, token: redisToken, timeoutMs: 5_000 })
const faults = FAULT_MODES.filter((mode) => mode !== 'ok' && mode !== 'slow')

/** One request while a store fails, one after it works again; nothing of the store may show in either. */
async function askThrough(store: 'postgres' | 'redis' | 'plausible', mode: FaultMode) {
  const faulty = createFaultyStore(store)
  // An address of its own for the analytics store as well: what the breaker records stays with this test.
  const own = store === 'plausible' ? faulty : createFaultyStore('plausible')
  const api = createApi({ ...own.vars, ...faulty.vars, RATE_LIMIT_REQUESTS: '1000' })
  const key = await issueKey(acme?.id ?? '')
  const ask = async () => {
    const start = Date.now()
    const { responded, settled } = api.start(jobsPath(jobIds), withKey(key))
    const response = await responded
    const text = await response.text()
    const elapsedMs = Date.now() - start
    await settled
    expect(text + JSON.stringify([...response.headers])).not.toContain(STORE_SECRET)
    return { status: response.status, headers: response.headers, json: JSON.parse(text), elapsedMs }
  }
  await faulty.set({ mode })
  const during = await ask()
  await faulty.set({ mode: 'ok' })
  return { api, key, faulty, during, ask }
}

describe.concurrent('while Redis fails', () => {
  it.for(faults)('with %s, responses are right and in time', async (mode) => {
    const { api, key, during, ask } = await askThrough('redis', mode)
    expect(during.status).toBe(200)
    expect(during.elapsedMs).toBeLessThan(1_500)
    expect(during.headers.get('ratelimit')).toBeNull()
    expect(during.headers.get('cache-status')).toBe('job-analytics; fwd=miss')
    const after = await ask()
    expect(after.status).toBe(200)
    expect(after.json).toEqual(during.json)
    expect(after.headers.get('ratelimit')).toMatch(/^"rate";r=\d+/)
    expect(await slotsTaken(redis, key)).toBe(0)
    const { log } = await api.call(jobsPath(jobIds), withKey(key))
    expect(log[0]).not.toHaveProperty('redis_fault')
  })
})

describe.concurrent('while Postgres fails', () => {
  it.for(faults)('with %s, it is a 503 that says when to come back', async (mode) => {
    const { key, during, ask } = await askThrough('postgres', mode)
    expect(during.status).toBe(503)
    expect(during.json).toMatchObject({ error: { code: 'service_unavailable' } })
    expect(Number(during.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(during.elapsedMs).toBeLessThan(4_000)
    expect((await ask()).status).toBe(200)
    expect(await slotsTaken(redis, key)).toBe(0)
  })
})

describe('a database that wakes up', () => {
  it.each(['refused', 'status_500'] as const)('is asked once more after %s, and no oftener', async (mode) => {
    const postgres = createFaultyStore('postgres')
    const api = createApi({ ...postgres.vars })
    const key = await issueKey(acme.id)
    await postgres.set({ mode, once: true })
    expect((await api.call(jobsPath(jobIds), withKey(key))).status).toBe(200)
    expect((await postgres.report()).requests).toBe(2)
    await postgres.set({ mode })
    expect((await api.call(jobsPath(jobIds), withKey(key))).status).toBe(503)
    expect((await postgres.report()).requests).toBe(4)
  })
})

const expectedOfStore: Record<string, [number, string]> = {
  silent: [504, 'analytics_timeout'],
  slow_headers: [504, 'analytics_timeout'],
  slow_body: [504, 'analytics_timeout'],
  status_429: [503, 'analytics_quota_exhausted'],
}

describe.concurrent('while the analytics store fails', () => {
  it.for(faults)('with %s, the response says so', async (mode) => {
    const { key, during, ask } = await askThrough('plausible', mode)
    const [status, code] = expectedOfStore[mode] ?? [502, 'analytics_unavailable']
    expect([during.status, during.json.error?.code]).toEqual([status, code])
    expect(Number(during.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(during.elapsedMs).toBeLessThan(10_000)
    expect(await slotsTaken(redis, key)).toBe(0)
    // A lone 429 pauses for 5 s; everything else is tried again at once.
    expect((await ask()).status).toBe(mode === 'status_429' ? 503 : 200)
  })

  it.for(faults)('with %s, counts that are cached are returned all the same', async (mode) => {
    const { api, clock, stores } = createClockedApi(noon('Europe/Paris'), { CACHE_FRESH_SECONDS: '300' })
    const key = await issueKey(acme?.id ?? '')
    const before = await api.call(jobsPath(jobIds), withKey(key))
    await stores.plausible.set({ mode })
    clock.forward(2 * 3_600_000)
    const during = await api.call(jobsPath(jobIds), withKey(key))
    expect(during.status).toBe(200)
    expect(during.json).toEqual(before.json)
    expect(during.headers.get('cache-status')).toContain('detail=store-unavailable')
    expect(Number(during.headers.get('age'))).toBeGreaterThanOrEqual(7_200)
    expect(during.log[0]).toMatchObject({ store_fault: expect.any(String) })
  })
})

describe('a flood while Redis is unavailable', () => {
  it('is stopped by the fallback limiter, and the log says so', async () => {
    const redis = createFaultyStore('redis')
    await redis.set({ mode: 'status_500' })
    const api = createApi(redis.vars)
    const key = await issueKey(acme.id)
    const responses: Awaited<ReturnType<typeof api.call>>[] = []
    const isAnyRefused = () => responses.some(({ status }) => status === 429)
    // The limiter counts by the minute of the clock. If the minute turns during the flood, up to 200 requests pass.
    while (responses.length < 110 || (responses.length < 210 && !isAnyRefused())) {
      const calls = Array.from({ length: 10 }, () => api.call(jobsPath(jobIds), withKey(key)))
      responses.push(...(await Promise.all(calls)))
    }
    const refused = responses.filter(({ status }) => status === 429)
    expect(responses.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(100 - 1)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.headers.get('retry-after')).toBe('60')
    expect(refused[0]?.log[0]).toMatchObject({
      admission: 'fallback',
      redis_fault: 'redis_error',
      status: 429,
    })
  })
})
