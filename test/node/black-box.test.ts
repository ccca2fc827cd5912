// The Worker as its callers meet it: over HTTP, in workerd, before the whole stack with an analytics store that can fail.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../local/free-port.ts'
import { type Stack, startStack } from '../../local/stack.ts'
import { startWranglerDev, type WranglerDev } from '../../local/wrangler-dev.ts'
import { createRedis } from '../../src/stores/redis-batch.ts'
import { startFaultyStores } from '../setup/faulty-stores.ts'
import type { FaultControl } from '../support/fault-control.ts'
import { slotsTaken } from '../support/slots.ts'

const LEASE_MS = 15_000

let stack: Stack
let faulty: Awaited<ReturnType<typeof startFaultyStores>>
let worker: WranglerDev
let origin: string

/** Starts the Worker anew, its figures never cached: each request goes to the store. */
async function startWorker(): Promise<void> {
  const port = await freePort()
  const bindings = {
    ...stack.bindings,
    PLAUSIBLE_URL: `${faulty.url}/plausible/black-box`,
    CACHE_FRESH_SECONDS: '0',
    CACHE_STALE_SECONDS: '0',
    CACHE_KEEP_SECONDS: '0',
    RATE_LIMIT_REQUESTS: '10000',
  }
  worker = startWranglerDev({ port, bindings })
  await worker.ready
  origin = `http://127.0.0.1:${port}`
}

beforeAll(async () => {
  stack = await startStack({ environment: {} })
  faulty = await startFaultyStores({ plausible: stack.bindings.PLAUSIBLE_URL ?? '' })
  await startWorker()
}, 120_000)

afterAll(async () => {
  await worker?.stop()
  faulty?.close()
  await stack?.close()
})

function demo() {
  if (stack.demo === undefined) throw new Error('The embedded stack has a demo')
  return stack.demo
}

function redis() {
  const { redisUrl, redisToken } = demo().stores
  return createRedis({ url: redisUrl, token: redisToken, timeoutMs: 5_000 })
}

function organization(index: number) {
  const found = demo().organizations[index]
  if (found === undefined) throw new Error('The demo has three organizations')
  return found
}

async function setStore(control: FaultControl): Promise<void> {
  await fetch(`${faulty.url}/control/black-box`, { method: 'PUT', body: JSON.stringify(control) })
}

function ask(index: number, init: RequestInit = {}): Promise<Response> {
  const { apiKey, jobs } = organization(index)
  const headers = { 'x-api-key': apiKey }
  return fetch(`${origin}/analytics/jobs?jobIds=${jobs[0]?.id}`, { ...init, headers })
}

/** Waits until no slot is taken; the time that took. */
async function untilFree(apiKey: string, withinMs: number): Promise<number> {
  const start = Date.now()
  while ((await slotsTaken(redis(), apiKey)) > 0) {
    if (Date.now() - start > withinMs) throw new Error('A slot is still taken')
    await sleep(50)
  }
  return Date.now() - start
}

describe('slots', () => {
  it('come back from callers that hang up', async () => {
    const { apiKey } = organization(0)
    await setStore({ mode: 'slow', delayMs: 3_000 })
    const controllers = Array.from({ length: 5 }, () => new AbortController())
    const asked = controllers.map(({ signal }) => ask(0, { signal }).catch((error: Error) => error.name))
    await expect.poll(() => slotsTaken(redis(), apiKey), { timeout: 3_000 }).toBe(5)
    for (const controller of controllers) controller.abort()
    expect(await Promise.all(asked)).toEqual(Array(5).fill('AbortError'))
    // Long before their leases end.
    expect(await untilFree(apiKey, 5_000)).toBeLessThan(5_000)
  })

  it('of a Worker that was killed come back within 15 s', { timeout: 60_000 }, async () => {
    const { apiKey } = organization(1)
    await setStore({ mode: 'slow', delayMs: 5_000 })
    const asked = Array.from({ length: 3 }, () => ask(1).catch(() => undefined))
    await expect.poll(() => slotsTaken(redis(), apiKey), { timeout: 5_000 }).toBe(3)
    worker.kill()
    await Promise.all(asked)
    await worker.exited
    await sleep(500)
    expect(await slotsTaken(redis(), apiKey)).toBe(3)
    expect(await untilFree(apiKey, LEASE_MS)).toBeLessThanOrEqual(LEASE_MS)
    await setStore({ mode: 'ok' })
    await startWorker()
    expect((await ask(1)).status).toBe(200)
  })
})

// Programs of callers who have read the contract and nothing else.
describe('a caller’s own code', () => {
  type JobVisitorsBody = {
    data: { visitors: Record<string, number> }
    meta: { period: string; total_jobs: number }
  }

  const get = async (ids: string[], period = '30d', send = fetch): Promise<JobVisitorsBody> => {
    const url = new URL('/analytics/jobs', origin)
    url.searchParams.set('jobIds', ids.join(','))
    url.searchParams.set('period', period)
    const response = await send(url, { headers: { 'x-api-key': organization(0).apiKey } })
    if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { response })
    return (await response.json()) as JobVisitorsBody
  }
  const jobs = () => organization(0).jobs.slice(0, 60)

  it('fetches with retries, waiting as it is told', async () => {
    let tries = 0
    const withRetries: typeof fetch = async (input, init) => {
      for (;;) {
        tries++
        const response = await fetch(input, init)
        const retryAfter = Number(response.headers.get('retry-after'))
        if (response.ok || tries > 5 || !retryAfter) return response
        await response.text()
        await setStore({ mode: 'ok' })
        await sleep(retryAfter * 1_000)
      }
    }
    await setStore({ mode: 'status_500' })
    const { meta } = await get([jobs()[0]?.id ?? ''], '30d', withRetries)
    expect(meta.total_jobs).toBe(1)
    expect(tries).toBeGreaterThan(1)
  })

  it('caches what it fetched for as long as it may', async () => {
    const etags = new Map<string, { etag: string; body: unknown }>()
    const cachedGet = async (url: string) => {
      const known = etags.get(url)
      const headers = { 'x-api-key': organization(0).apiKey, ...(known && { 'if-none-match': known.etag }) }
      const response = await fetch(url, { headers })
      if (response.status === 304) return { body: known?.body, fromCache: true }
      const body: unknown = await response.json()
      etags.set(url, { etag: response.headers.get('etag') ?? '', body })
      return { body, fromCache: false }
    }
    const url = `${origin}/analytics/jobs?jobIds=${jobs()[0]?.id}&period=12mo`
    const first = await cachedGet(url)
    const second = await cachedGet(url)
    expect(second.fromCache).toBe(true)
    expect(second.body).toEqual(first.body)
  })

  it('makes rows for a dashboard', async () => {
    const { data } = await get(jobs().map(({ id }) => id))
    const rows = jobs().map(({ id, title }) => ({ title, visitors: data.visitors[id] }))
    expect(rows).toHaveLength(60)
    for (const { visitors } of rows) expect(visitors).toBeGreaterThanOrEqual(0)
  })

  it('makes a weekly top ten', async () => {
    const { data } = await get(
      jobs().map(({ id }) => id),
      '7d',
    )
    const top = Object.entries(data.visitors)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 10)
    expect(top).toHaveLength(10)
    expect(top[0]?.[1]).toBeGreaterThan(top[9]?.[1] ?? 0)
  })

  it('compares 7 days with 30, a day on average', async () => {
    const ids = jobs().map(({ id }) => id)
    const [week, month] = await Promise.all([get(ids, '7d'), get(ids, '30d')])
    const total = ({ data }: JobVisitorsBody) =>
      Object.values(data.visitors).reduce((sum, count) => sum + count, 0)
    expect(total(month)).toBeGreaterThanOrEqual(total(week))
    expect(total(week) / 7).toBeGreaterThan(0)
  })
})

// Last, for it leaves the circuit breaker open.
describe('slots after everything', () => {
  it('come back after any mix of responses, failures and hang-ups', async () => {
    const { apiKey } = organization(0)
    const modes: FaultControl[] = [
      { mode: 'ok' },
      { mode: 'status_401' },
      { mode: 'html' },
      { mode: 'cut_body' },
    ]
    for (const [index, control] of modes.entries()) {
      await setStore(control)
      const signal = index % 2 === 0 ? AbortSignal.timeout(5) : AbortSignal.timeout(10_000)
      await Promise.allSettled(Array.from({ length: 8 }, async () => (await ask(0, { signal })).text()))
    }
    await setStore({ mode: 'ok' })
    expect((await ask(0)).status).toBeLessThan(504)
    await untilFree(apiKey, 5_000)
  })
})
