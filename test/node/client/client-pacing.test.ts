// The client against an API with a rate limit. The limits are small and short, so that a window passes within the test.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  AnalyticsClient,
  type AnalyticsClientOptions,
  type Progress,
} from '../../../packages/client/src/index.ts'
import { failure, jobId, limited, type ScriptedApi, silence, startScriptedApi } from './scripted-api.ts'

let api: ScriptedApi
beforeEach(async () => {
  api = await startScriptedApi()
})
afterEach(() => api.close())

function createClient(options: Partial<AnalyticsClientOptions> = {}): AnalyticsClient {
  return new AnalyticsClient({ baseUrl: api.url, apiKey: 'jak_key', ...options })
}

/** This many requests' worth of jobs. */
function jobIdsOf(requests: number): string[] {
  return Array.from({ length: requests * 100 }, (_, index) => jobId(index))
}

function refusals(): number {
  return api.statuses.filter((status) => status === 429).length
}

describe('client pacing', () => {
  it('a long call within the limit: does not wait', async () => {
    api.replies = [limited({ quota: 20, windowSeconds: 60 }, 5)]
    const start = Date.now()
    await createClient().jobVisitors(jobIdsOf(16))
    expect(Date.now() - start).toBeLessThan(2_000)
    expect(api.statuses).toHaveLength(16)
  })

  it('a long call beyond the limit: waits, is never refused, and leaves the rest of the limit to others', async () => {
    api.replies = [limited({ quota: 20, windowSeconds: 3 }, 5)]
    const seen: Progress[] = []
    const other = createClient()
    const call = createClient().jobVisitors(jobIdsOf(40), { onProgress: (step) => seen.push(step) })
    let isDone = false
    const finished = call.finally(() => {
      isDone = true
    })
    let others = 0
    while (!isDone) {
      await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, 800))])
      if (isDone) break
      const start = Date.now()
      await other.jobVisitors([jobId(1)])
      expect(Date.now() - start).toBeLessThan(1_500)
      others++
    }
    expect((await call).size).toBe(4_000)
    expect(others).toBeGreaterThan(3)
    expect(refusals()).toBe(0)
    expect(seen.at(-1)).toEqual({ done: 4_000, total: 4_000 })
  })

  it('a long call that waits: reports until when, once per wait', async () => {
    api.replies = [limited({ quota: 10, windowSeconds: 2 }, 5)]
    const seen: (Progress & { at: number })[] = []
    await createClient().jobVisitors(jobIdsOf(9), {
      onProgress: (step) => seen.push({ ...step, at: Date.now() }),
    })
    const waits = seen.filter(({ waitingUntil }) => waitingUntil)
    expect(waits).toHaveLength(1)
    expect(waits[0]?.total).toBe(900)
    expect(waits[0]?.done).toBeGreaterThanOrEqual(700)
    const waitMs = Number(waits[0]?.waitingUntil) - Number(waits[0]?.at)
    expect(waitMs).toBeGreaterThan(900)
    expect(waitMs).toBeLessThan(2_100)
    expect(seen.at(-1)).toMatchObject({ done: 900, total: 900 })
    expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(Number(waits[0]?.waitingUntil))
  })

  it('`bulkShare: 1`: a long call uses the whole limit', async () => {
    api.replies = [limited({ quota: 20, windowSeconds: 60 }, 5)]
    const start = Date.now()
    await createClient({ bulkShare: 1 }).jobVisitors(jobIdsOf(20))
    expect(Date.now() - start).toBeLessThan(2_000)
    expect(refusals()).toBe(0)
  })

  it('a limit that others have used up: a new client is refused once, waits, and goes on by default', async () => {
    api.replies = [limited({ quota: 5, windowSeconds: 2 })]
    const others = createClient()
    for (let call = 0; call < 5; call++) await others.jobVisitors([jobId(call)])
    expect((await createClient().jobVisitors([jobId(7)])).get(jobId(7))).toBe(7)
    expect(refusals()).toBe(1)
  })

  it('a long call on a limit that others have used up: is refused at most 8 times, then waits and finishes', async () => {
    api.replies = [limited({ quota: 10, windowSeconds: 2 })]
    const others = createClient()
    for (let call = 0; call < 10; call++) await others.jobVisitors([jobId(call)])
    expect((await createClient().jobVisitors(jobIdsOf(20))).size).toBe(2_000)
    expect(refusals()).toBeLessThanOrEqual(8)
  })

  it('a refusal: the other requests of the client wait as well, and then go on behind a single one', async () => {
    api.replies = [limited({ quota: 5, windowSeconds: 2 })]
    const client = createClient()
    for (let call = 0; call < 5; call++) await client.jobVisitors([jobId(call)])
    await Promise.all(Array.from({ length: 5 }, (_, call) => client.jobVisitors([jobId(call)])))
    expect(refusals()).toBe(0)
  })

  it('a limit that is used up for longer than the deadline: rejects at once with `rate_limited`', async () => {
    api.replies = [limited({ quota: 1, windowSeconds: 60 })]
    const client = createClient()
    await client.jobVisitors([jobId(1)])
    const start = Date.now()
    const error = await client.jobVisitors([jobId(2)], { deadlineMs: 5_000 }).catch((error: unknown) => error)
    expect(error).toMatchObject({ name: 'AnalyticsError', code: 'rate_limited' })
    expect(error).toHaveProperty(
      'retryAfterSeconds',
      expect.toSatisfy((seconds) => seconds > 50 && seconds <= 60),
    )
    expect(Date.now() - start).toBeLessThan(2_500)
    expect(api.requests).toHaveLength(1)
  })

  it('a window longer than the default: the default deadline grows with it', async () => {
    const refusal = {
      'Retry-After': '120',
      'RateLimit-Policy': '"rate";q=10;w=300',
      RateLimit: '"rate";r=0;t=120',
    }
    api.replies = [failure(429, 'rate_limited', refusal)]
    const waits: (Date | undefined)[] = []
    const leave = new AbortController()
    const call = createClient().jobVisitors([jobId(1)], {
      signal: leave.signal,
      onProgress({ waitingUntil }) {
        waits.push(waitingUntil)
        leave.abort()
      },
    })
    await expect(call).rejects.toMatchObject({ code: 'aborted' })
    expect(waits).toHaveLength(1)
    expect(Number(waits[0])).toBeGreaterThan(Date.now() + 110_000)
  })

  it('a signal that fires while the call waits for the limit: ends the call and frees its turn', async () => {
    api.replies = [limited({ quota: 1, windowSeconds: 2 })]
    const client = createClient()
    await client.jobVisitors([jobId(1)])
    const leaving = client.jobVisitors([jobId(2)], { signal: AbortSignal.timeout(100) })
    const staying = client.jobVisitors([jobId(3)])
    await expect(leaving).rejects.toMatchObject({ code: 'aborted' })
    expect((await staying).get(jobId(3))).toBe(3)
    expect(api.requests).toHaveLength(2)
  })

  it('a request that never gets a response: does not hold up the others', async () => {
    const inLimit = limited({ quota: 1, windowSeconds: 1 })
    api.replies = [inLimit, silence, inLimit]
    const client = createClient()
    await client.jobVisitors([jobId(1)])
    await expect(client.jobVisitors([jobId(2)], { deadlineMs: 1_500 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    })
    expect((await client.jobVisitors([jobId(3)])).get(jobId(3))).toBe(3)
  })
})
