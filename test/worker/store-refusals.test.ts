// The analytics store refuses queries: how long no more are sent, and what callers are told.

import { describe, expect, it } from 'vitest'
import { type ApiResponse, jobsPath, organizations, withKey } from '../support/api.ts'
import { createClockedApi, noon } from '../support/clocked-api.ts'
import { issueKey } from '../support/database.ts'
import type { FaultControl } from '../support/fault-control.ts'

const [acme, other] = organizations
if (!acme || !other) throw new Error('The demo has organizations')
const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

/** Each request is for another job, so that nothing is cached. */
async function createRefusedApi(vars: Record<string, string> = {}) {
  const clocked = createClockedApi(noon('UTC') + 60 * SECOND_MS, vars)
  const keys = { acme: await issueKey(acme?.id ?? ''), other: await issueKey(other?.id ?? '') }
  const ids = { acme: acme?.jobs.map(({ id }) => id) ?? [], other: other?.jobs.map(({ id }) => id) ?? [] }
  const asked = { acme: 0, other: 0 }
  const ask = (who: 'acme' | 'other' = 'acme') => {
    const index = asked[who]++
    const period = ['7d', '30d', '6mo', '12mo'][Math.floor(index / ids[who].length)]
    return clocked.api.call(jobsPath([ids[who][index % ids[who].length] ?? ''], period), withKey(keys[who]))
  }
  const refuse = (fault: Omit<FaultControl, 'mode'> & { mode?: FaultControl['mode'] } = {}) =>
    clocked.stores.plausible.set({ mode: 'status_429', ...fault })
  return { ...clocked, ask, refuse, queriesSent: async () => (await clocked.requests()).plausible }
}

function retryAfterOf({ headers }: ApiResponse): number {
  return Number(headers.get('retry-after'))
}

describe('a lone 429 of the store', () => {
  it('without Retry-After: requests are served again within 15 s, also of other organizations', async () => {
    const { ask, refuse, clock } = await createRefusedApi()
    await refuse({ once: true })
    expect((await ask()).status).toBe(503)
    let seconds = 0
    while ((await ask('other')).status !== 200) {
      clock.forward(SECOND_MS)
      seconds++
    }
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(15)
    expect((await ask()).status).toBe(200)
  })

  it('with `Retry-After: 1`: pauses for a second', async () => {
    const { ask, refuse, clock } = await createRefusedApi()
    await refuse({ once: true, retryAfter: 1 })
    const refused = await ask()
    expect(refused.json).toMatchObject({ error: { code: 'analytics_quota_exhausted' } })
    expect(retryAfterOf(refused)).toBe(1)
    expect((await ask('other')).status).toBe(503)
    clock.forward(SECOND_MS)
    expect((await ask('other')).status).toBe(200)
    expect((await ask()).status).toBe(200)
  })
})

describe('a spent quota', () => {
  /** Asks every 20 s until just before the hour turns. Each request is refused; returns how many queries were sent. */
  async function askUntilTurn({ ask, clock, queriesSent }: Awaited<ReturnType<typeof createRefusedApi>>) {
    const before = await queriesSent()
    const turn = (Math.floor(clock.now() / HOUR_MS) + 1) * HOUR_MS
    let requests = 0
    while (clock.now() < turn - 40 * SECOND_MS) {
      clock.forward(20 * SECOND_MS)
      const refused = await ask(requests++ % 2 === 0 ? 'acme' : 'other')
      expect(refused.json).toMatchObject({ error: { code: 'analytics_quota_exhausted' } })
      expect(Math.abs(clock.now() + retryAfterOf(refused) * SECOND_MS - turn)).toBeLessThan(5 * SECOND_MS)
    }
    expect(requests).toBeGreaterThan(150)
    return { turn, sent: (await queriesSent()) - before }
  }

  it('by our own count: no query is sent until the hour turns', async () => {
    const refused = await createRefusedApi({ ANALYTICS_QUERIES_PER_HOUR: '2' })
    expect((await refused.ask('acme')).status).toBe(200)
    await refused.refuse()
    expect((await refused.ask('other')).status).toBe(503)
    await refused.refuse({ mode: 'ok' })
    const { turn, sent } = await askUntilTurn(refused)
    expect(sent).toBe(0)
    refused.clock.set(turn + SECOND_MS)
    expect((await refused.ask('other')).status).toBe(200)
  })

  it('by what the store says, since others use its key: one query a minute probes', async () => {
    const refused = await createRefusedApi()
    await refused.refuse({ retryAfter: 3_600 })
    expect((await refused.ask('acme')).status).toBe(503)
    const { turn, sent } = await askUntilTurn(refused)
    expect(sent).toBeGreaterThan(30)
    expect(sent).toBeLessThan(60)
    await refused.refuse({ mode: 'ok' })
    refused.clock.set(turn + SECOND_MS)
    expect((await refused.ask('acme')).status).toBe(200)
    expect((await refused.ask('other')).status).toBe(200)
  })
})

describe('a 503 of the store', () => {
  it('with `Retry-After: 120`: passes it on', async () => {
    const { ask, refuse } = await createRefusedApi()
    await refuse({ mode: 'status_503', retryAfter: 120 })
    const refused = await ask()
    expect(refused.json).toMatchObject({ error: { code: 'analytics_unavailable' } })
    expect(retryAfterOf(refused)).toBe(120)
  })
})
