import { describe, expect, it } from 'vitest'
import { type Admission, rateLimitHeaders, retryAfterSeconds } from '../../src/domain/admission.ts'
import { breakerState, quotaPause } from '../../src/domain/breaker.ts'
import { cacheHeaders } from '../../src/domain/cache-headers.ts'
import { ExhaustedKeys } from '../../src/domain/exhausted-keys.ts'
import { fingerprintOf } from '../../src/domain/fingerprint.ts'
import { freshnessOf, lifetimeSeconds } from '../../src/domain/freshness.ts'
import { distinctJobs } from '../../src/domain/job-ids.ts'
import { createRequestId } from '../../src/domain/request-id.ts'

const settings = { freshSeconds: 300, staleSeconds: 3_600, keepSeconds: 86_400 }

describe('freshness', () => {
  const entry = { value: 7, readAt: 1_000_000, site: 'jobs.example' }
  it.each([
    [0, 'fresh'],
    [299, 'fresh'],
    [300, 'stale'],
    [3_599, 'stale'],
    [3_600, 'kept'],
    [86_399, 'kept'],
    [86_400, 'missing'],
    [-5, 'fresh'],
  ] as const)('after %d seconds a value is %s', (age, freshness) => {
    expect(freshnessOf(entry, 'jobs.example', 1_000_000 + age * 1_000, settings)).toBe(freshness)
  })

  it('of a value of another domain is missing', () => {
    expect(freshnessOf(entry, 'other.example', 1_000_000, settings)).toBe('missing')
  })

  it('of no value is missing', () => {
    expect(freshnessOf(undefined, 'jobs.example', 0, settings)).toBe('missing')
  })

  it('is turned off by three zeros', () => {
    const off = { freshSeconds: 0, staleSeconds: 0, keepSeconds: 0 }
    expect(freshnessOf(entry, 'jobs.example', entry.readAt, off)).toBe('missing')
    expect(lifetimeSeconds(off)).toBe(0)
  })
})

describe('the cache headers', () => {
  it('say how long a hit stays fresh', () => {
    expect(cacheHeaders({ cacheUse: 'hit', ageSeconds: 100, stored: false }, settings)).toEqual({
      'Cache-Control': 'private, max-age=200',
      Age: '100',
      'Cache-Status': 'job-analytics; hit; ttl=200',
    })
  })

  it('never promise freshness to a stale answer', () => {
    const headers = cacheHeaders({ cacheUse: 'stale', ageSeconds: 400, stored: false }, settings)
    expect(headers['Cache-Control']).toBe('private, max-age=0')
    expect(headers['Cache-Status']).toBe('job-analytics; hit; ttl=-100; detail=refreshing')
  })

  it('say that an answer was read and stored', () => {
    const headers = cacheHeaders({ cacheUse: 'partial', ageSeconds: 10, stored: true }, settings)
    expect(headers['Cache-Status']).toBe('job-analytics; fwd=partial; stored')
  })
})

describe('the circuit breaker', () => {
  it('is closed without a pause, open during one and half open after one for failures', () => {
    expect(breakerState({ pause: undefined, failures: 4 }, 0)).toBe('closed')
    const pause = { until: 1_000, reason: 'failures' } as const
    expect(breakerState({ pause, failures: 0 }, 999)).toBe('open')
    expect(breakerState({ pause, failures: 0 }, 1_000)).toBe('half_open')
    expect(breakerState({ pause: { until: 1_000, reason: 'quota' }, failures: 0 }, 1_000)).toBe('closed')
  })

  it('pauses for a spent quota until the clock hour turns in UTC', () => {
    const now = Date.UTC(2026, 2, 29, 0, 59, 59, 500)
    expect(quotaPause(now)).toEqual({ until: Date.UTC(2026, 2, 29, 1), reason: 'quota' })
    expect(quotaPause(Date.UTC(2026, 2, 29, 1)).until).toBe(Date.UTC(2026, 2, 29, 2))
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
  const admission: Admission = { verdict: 'admitted', requestsLeft: 57, slotsLeft: 7, moreInMs: 11_001 }

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
    expect(retryAfterSeconds({ ...admission, verdict: 'rate', moreInMs: 1 })).toBe(1)
    expect(retryAfterSeconds({ ...admission, verdict: 'concurrency' })).toBe(1)
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

describe('a fingerprint', () => {
  it('is the same for the same text', () => {
    for (const text of ['', 'a', 'ab', 'abc', 'ä€😀', 'x'.repeat(10_001)]) {
      expect(fingerprintOf(text)).toBe(fingerprintOf(`${text.slice(0, 1)}${text.slice(1)}`))
      expect(fingerprintOf(text)).toMatch(/^[0-9a-z]{8,14}$/)
    }
  })

  it('differs for answers that differ in one count, one place or one length', () => {
    const body = (a: number, b: number) => `{"data":{"visitors":{"x":${a},"y":${b}}},"meta":{"period":"30d"}}`
    const texts = Array.from({ length: 200 }, (_, a) =>
      Array.from({ length: 200 }, (__, b) => body(a, b)),
    ).flat()
    for (let length = 0; length < 500; length++) texts.push('0'.repeat(length), '\0'.repeat(length))
    const distinct = new Set(texts)
    expect(new Set([...distinct].map(fingerprintOf)).size).toBe(distinct.size)
  })
})
