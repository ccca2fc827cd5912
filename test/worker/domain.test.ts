import { describe, expect, it } from 'vitest'
import {
  type Circuit,
  CLOSED_CIRCUIT,
  circuitState,
  nextHour,
  quotaPause,
} from '../../src/analytics/circuit-breaker.ts'
import { isWithinShare, SentQueries } from '../../src/analytics/fair-share.ts'
import { plausibleStore } from '../../src/analytics/plausible-store.ts'
import { resolveWindow, type Window } from '../../src/analytics/windows.ts'
import { cacheHeaders } from '../../src/cache/cache-headers.ts'
import { type CacheEntry, freshnessOf, freshSecondsOf, lifetimeSeconds } from '../../src/cache/freshness.ts'
import { distinctJobs } from '../../src/directory/requested-jobs.ts'
import { digestOf } from '../../src/http/digest.ts'
import { createRequestId } from '../../src/http/request-id.ts'
import { type Admission, rateLimitHeaders, retryAfterSeconds } from '../../src/limits/admission.ts'
import { ExhaustedKeys } from '../../src/limits/exhausted-keys.ts'
import { StoreError } from '../../src/stores/store-error.ts'

const settings = { freshSeconds: 300, staleSeconds: 3_600, staleIfErrorSeconds: 86_400 }
const HOUR_MS = 3_600_000
const MIDNIGHT = Date.UTC(2026, 2, 10)

/** The window of `7d` in UTC on March 10, and the same window a day later. */
const closed = resolveWindow({ period: '7d' }, 'UTC', MIDNIGHT)
const next = resolveWindow({ period: '7d' }, 'UTC', MIDNIGHT + 24 * HOUR_MS)
const today = resolveWindow({ period: 'today' }, 'UTC', MIDNIGHT)
const entryOf = (window: Window, readAt: number): CacheEntry => ({
  value: 7,
  readAt,
  site: 'jobs.example',
  window: { from: window.from, to: window.to },
})

describe('freshness of a closed window', () => {
  const readAt = MIDNIGHT + HOUR_MS
  const entry = entryOf(closed, readAt)
  it.each([
    [0, 'fresh'],
    [299, 'fresh'],
    [300, 'stale'],
    [3_599, 'stale'],
    [3_600, 'stale_if_error'],
    [89_999, 'stale_if_error'],
    [90_000, 'missing'],
    [-5, 'fresh'],
  ] as const)('after %d seconds: %s', (age, state) => {
    const freshness = freshnessOf(entry, 'jobs.example', closed, readAt + age * 1_000, settings)
    expect(freshness).toEqual({
      state,
      ageSeconds: Math.max(0, age),
      freshForSeconds: 300 - Math.max(0, age),
    })
  })

  it('another domain: missing', () => {
    expect(freshnessOf(entry, 'other.example', closed, readAt, settings).state).toBe('missing')
  })

  it('no entry: missing', () => {
    expect(freshnessOf(undefined, 'jobs.example', closed, readAt, settings).state).toBe('missing')
  })

  it('settings of three zeros: missing, and a lifetime of 0', () => {
    const off = { freshSeconds: 0, staleSeconds: 0, staleIfErrorSeconds: 0 }
    expect(freshnessOf(entry, 'jobs.example', closed, readAt, off).state).toBe('missing')
    expect(lifetimeSeconds(off)).toBe(0)
  })

  it('a day of 86,400 seconds: fresh to the last second before midnight and no longer', () => {
    const day = { ...settings, freshSeconds: 86_400 }
    const until = MIDNIGHT + 24 * HOUR_MS
    expect(freshnessOf(entry, 'jobs.example', closed, until - 1_000, day)).toEqual({
      state: 'fresh',
      ageSeconds: 82_799,
      freshForSeconds: 1,
    })
    // One second later the same request covers other days.
    expect(freshnessOf(entry, 'jobs.example', next, until, day).state).toBe('stale_if_error')
    expect(freshSecondsOf(closed, until - 1_000, day)).toBe(1)
    expect(freshSecondsOf(closed, MIDNIGHT, day)).toBe(86_400)
  })

  it('the window of the day before: never fresh, and reported with a negative time', () => {
    const late = entryOf(closed, MIDNIGHT + 24 * HOUR_MS - 1_000)
    const freshness = freshnessOf(late, 'jobs.example', next, MIDNIGHT + 24 * HOUR_MS, settings)
    expect(freshness).toEqual({ state: 'stale_if_error', ageSeconds: 1, freshForSeconds: -1 })
  })

  it.each([
    [14 * 60, 15 * 60 - 1, 'fresh'],
    [14 * 60, 15 * 60, 'settling'],
    [0, 15 * 60, 'settling'],
    [15 * 60, 15 * 60 + 1, 'fresh'],
    // Read before the day was over, so the rest of it is missing.
    [-10, 49, 'fresh'],
    [-10, 50, 'stale'],
    [-12 * 3_600, 15 * 60, 'stale_if_error'],
  ] as const)('read %d s after it closed, at %d s: %s', (read, at, state) => {
    const day = { ...settings, freshSeconds: 86_400 }
    const entry = entryOf(closed, MIDNIGHT + read * 1_000)
    expect(freshnessOf(entry, 'jobs.example', closed, MIDNIGHT + at * 1_000, day).state).toBe(state)
  })
})

describe('freshness of a window that includes today', () => {
  const readAt = MIDNIGHT + HOUR_MS
  const day = { ...settings, freshSeconds: 86_400 }
  it.each([
    [59, 'fresh'],
    [60, 'stale'],
    [299, 'stale'],
    [300, 'stale_if_error'],
  ] as const)('after %d seconds: %s', (age, state) => {
    const at = readAt + age * 1_000
    expect(freshnessOf(entryOf(today, readAt), 'jobs.example', today, at, day)).toEqual({
      state,
      ageSeconds: age,
      freshForSeconds: 60 - age,
    })
  })

  it('is never longer than the settings say', () => {
    expect(freshSecondsOf(today, readAt, { ...day, freshSeconds: 7 })).toBe(7)
    expect(freshSecondsOf(today, readAt, day)).toBe(60)
    expect(freshSecondsOf(today, MIDNIGHT + 24 * HOUR_MS - 9_000, day)).toBe(9)
  })
})

describe('the cache headers', () => {
  it('say how long a hit stays fresh', () => {
    const report = { cacheUse: 'hit', ageSeconds: 100, freshForSeconds: 200, stored: false } as const
    expect(cacheHeaders(report)).toEqual({
      'Cache-Control': 'private, max-age=200',
      Age: '100',
      'Cache-Status': 'job-analytics; hit; ttl=200',
    })
  })

  it('never promise freshness to a stale response', () => {
    const report = { ageSeconds: 400, freshForSeconds: -100, stored: false }
    const headers = cacheHeaders({ ...report, cacheUse: 'stale' })
    expect(headers['Cache-Control']).toBe('private, max-age=0')
    expect(headers['Cache-Status']).toBe('job-analytics; hit; ttl=-100; detail=refreshing')
    const failed = cacheHeaders({ ...report, cacheUse: 'stale-error' })
    expect(failed['Cache-Status']).toBe('job-analytics; hit; ttl=-100; detail=store-unavailable')
  })

  it('say that a response was read and stored', () => {
    const report = { ageSeconds: 10, freshForSeconds: 290, stored: true }
    const headers = cacheHeaders({ ...report, cacheUse: 'partial' })
    expect(headers['Cache-Status']).toBe('job-analytics; fwd=partial; stored')
  })
})

describe('circuit breaker', () => {
  const now = 1_000_000
  const paused = (pause: Circuit['pause'], sites: [string, number][] = []): Circuit => ({
    pause,
    pausedSites: new Map(sites),
  })
  const stateOf = (circuit: Circuit, site = 'a', at = now) => circuitState(circuit, site, at).state

  it('is closed without a pause', () => {
    expect(stateOf(CLOSED_CIRCUIT)).toBe('closed')
  })

  it('is open for a paused site only, and half open for it after the pause', () => {
    const circuit = paused(undefined, [['a', now + 1]])
    expect([stateOf(circuit), stateOf(circuit, 'b'), stateOf(circuit, 'a', now + 1)]).toEqual([
      'open',
      'closed',
      'half_open',
    ])
  })

  it('is open for all sites during a pause, and lets no site probe that failed last', () => {
    const circuit = paused({ reason: 'failures', until: now + 1, site: 'a' })
    expect([stateOf(circuit, 'b'), stateOf(circuit, 'b', now + 1), stateOf(circuit, 'a', now + 1)]).toEqual([
      'open',
      'half_open',
      'open',
    ])
  })

  it('lets a request probe the quota now and then, and closes when the pause ends', () => {
    const circuit = paused({ reason: 'quota', until: now + 2, probeAt: now + 1, refusals: 1 })
    expect([stateOf(circuit), stateOf(circuit, 'a', now + 1), stateOf(circuit, 'a', now + 2)]).toEqual([
      'open',
      'half_open',
      'closed',
    ])
  })

  it('pauses for as long as the store says, and never beyond the hour', () => {
    const hourEnd = nextHour(now)
    expect(quotaPause(1_000, CLOSED_CIRCUIT, true, now).until).toBe(now + 1_000)
    expect(quotaPause(10 * 3_600_000, CLOSED_CIRCUIT, false, now).until).toBe(hourEnd)
  })

  it('pauses until the hour turns when the quota is spent, else for a short time that doubles', () => {
    const spent = Date.UTC(2026, 2, 29, 0, 59, 59, 500)
    expect(quotaPause(undefined, CLOSED_CIRCUIT, true, spent).until).toBe(Date.UTC(2026, 2, 29, 1))
    const waits: number[] = []
    let circuit = CLOSED_CIRCUIT
    for (let i = 0; i < 9; i++) {
      const pause = quotaPause(undefined, circuit, false, now)
      waits.push((pause.until - now) / 1_000)
      circuit = paused(pause)
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300])
  })
})

describe('signals of the store', () => {
  const store = plausibleStore({ url: 'http://a', apiKey: 'k', jobDimension: 'event:page', timeoutMs: 1 })
  it.each([
    ['status_429', { refusedForMs: undefined }],
    ['status_401', undefined],
    ['status_402', undefined],
    ['too_large', undefined],
    ['status_500', 'failed'],
    ['timeout', 'failed'],
    ['unusable', 'failed'],
  ] as const)('%s is %j', (fault, signal) => {
    expect(store.signalOf(new StoreError(fault))).toEqual(signal)
  })

  it('status_429 with Retry-After names its wait', () => {
    expect(store.signalOf(new StoreError('status_429', 7))).toEqual({ refusedForMs: 7_000 })
  })
})

describe('fair share', () => {
  const spending = (counts: Record<string, number>) => ({
    total: Object.values(counts).reduce((sum, count) => sum + count, 0),
    byOrganization: new Map(Object.entries(counts)),
  })

  it('lets an organization use as much as it leaves to the others', () => {
    expect(isWithinShare(spending({ a: 299 }), 'a', 1, 600)).toBe(true)
    expect(isWithinShare(spending({ a: 300 }), 'a', 1, 600)).toBe(false)
    expect(isWithinShare(spending({ a: 300 }), 'b', 4, 600)).toBe(true)
    expect(isWithinShare(spending({ a: 300, b: 200 }), 'c', 1, 600)).toBe(true)
    expect(isWithinShare(spending({ a: 300, b: 200, c: 99 }), 'd', 1, 600)).toBe(true)
    expect(isWithinShare(spending({ a: 300, b: 200, c: 100 }), 'd', 1, 600)).toBe(false)
  })

  it('does not limit anyone when there is no limit', () => {
    expect(isWithinShare(spending({ a: 1_000_000 }), 'a', 4, 0)).toBe(true)
  })

  it('counts queries that the shared count, as it was read on arrival, may not include', () => {
    const sent = new SentQueries()
    const before = sent.mark()
    const queries = { organizationId: 'a', count: 3 }
    const others = { organizationId: 'b', count: 1 }
    sent.add(queries, 0)
    sent.add(others, 0)
    expect(sent.addTo(spending({ a: 5 }), before)).toEqual(spending({ a: 8, b: 1 }))
    sent.counted(queries, 0)
    const after = sent.mark()
    expect(sent.addTo(spending({ a: 5 }), before)).toEqual(spending({ a: 8, b: 1 }))
    expect(sent.addTo(spending({ a: 8 }), after)).toEqual(spending({ a: 8, b: 1 }))
    sent.remove(others)
    expect(sent.addTo(spending({ a: 8 }), after)).toEqual(spending({ a: 8 }))
    // It is forgotten when no request is left that could lack it.
    sent.add({ organizationId: 'c', count: 1 }, 16_000)
    expect(sent.addTo(spending({ a: 8 }), before)).toEqual(spending({ a: 8, c: 1 }))
  })
})

describe('the memory of exhausted keys', () => {
  it('holds a key for its wait and no longer', () => {
    const keys = new ExhaustedKeys()
    keys.remember('a', 1_000)
    expect(keys.waitMs('a', 400)).toBe(600)
    expect(keys.waitMs('a', 1_000)).toBe(0)
    expect(keys.waitMs('b', 0)).toBe(0)
  })

  it('forgets the oldest beyond 10,000 keys', () => {
    const keys = new ExhaustedKeys()
    for (let i = 0; i <= 10_000; i++) keys.remember(`key ${i}`, 1_000)
    expect(keys.waitMs('key 0', 0)).toBe(0)
    expect(keys.waitMs('key 1', 0)).toBe(1_000)
    expect(keys.waitMs('key 10000', 0)).toBe(1_000)
  })
})

describe('the headers of the limits', () => {
  const limits = { requests: 100, windowSeconds: 60, concurrent: 10 }
  const admission: Admission = { verdict: 'admitted', requestsLeft: 57, slotsLeft: 7, resetMs: 11_001 }

  it('are those of the draft and the older ones', () => {
    expect(rateLimitHeaders(admission, limits, 1_000_000)).toEqual({
      'RateLimit-Policy': '"rate";q=100;w=60, "concurrency";q=10;qu="concurrent-requests"',
      RateLimit: '"rate";r=57;t=12, "concurrency";r=7',
      'X-RateLimit-Limit': '100',
      'X-RateLimit-Remaining': '57',
      'X-RateLimit-Reset': '1012',
    })
  })

  it('round a wait up, so that whoever waits it is admitted', () => {
    expect(retryAfterSeconds({ ...admission, verdict: 'rate' })).toBe(12)
    expect(retryAfterSeconds({ ...admission, verdict: 'rate', resetMs: 1 })).toBe(1)
    expect(retryAfterSeconds({ ...admission, verdict: 'concurrency' })).toBe(1)
    expect(retryAfterSeconds({ ...admission, verdict: 'concurrency', slotWaitMs: 3_400 })).toBe(4)
  })
})

describe('job IDs', () => {
  it('are one job in any case, named as first written', () => {
    expect(distinctJobs(['AB', 'cd', 'ab', 'CD'])).toEqual([
      { id: 'ab', asWritten: 'AB' },
      { id: 'cd', asWritten: 'cd' },
    ])
  })
})

describe('a request id', () => {
  it('is 16 characters, never the same', () => {
    const ids = Array.from({ length: 1_000 }, createRequestId)
    expect(new Set(ids).size).toBe(1_000)
    for (const id of ids) expect(id).toMatch(/^[\w-]{16}$/)
  })
})

describe('digest', () => {
  it('is 20 characters of base64url, the same for the same text only', async () => {
    const body = (a: number, b: number) => `{"data":{"visitors":{"x":${a},"y":${b}}},"meta":{"period":"30d"}}`
    const texts = Array.from({ length: 400 }, (_, n) => body(n % 20, Math.floor(n / 20)))
    const digests = await Promise.all(texts.map(digestOf))
    expect(new Set(digests).size).toBe(400)
    expect(await Promise.all(texts.map(digestOf))).toEqual(digests)
    for (const digest of digests) expect(digest).toMatch(/^[\w-]{20}$/)
  })
})
