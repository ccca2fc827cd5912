// How the client reads the `RateLimit-Policy` and `RateLimit` fields.

import { describe, expect, it } from 'vitest'
import { rateLimitOf } from '../../../packages/client/src/rate-limit-fields.ts'

const POLICY = '"rate";q=100;w=60, "concurrency";q=10;qu="concurrent-requests"'

function read(limit: string | undefined, policy: string | undefined = POLICY) {
  return rateLimitOf(
    new Headers({
      ...(limit !== undefined && { RateLimit: limit }),
      ...(policy && { 'RateLimit-Policy': policy }),
    }),
  )
}

describe('client rate limit fields', () => {
  it('the fields of the API: returns the limit that has a window', () => {
    expect(read('"rate";r=57;t=12, "concurrency";r=0')).toEqual({
      quota: 100,
      windowSeconds: 60,
      remaining: 57,
      resetSeconds: 12,
    })
  })

  it('several windows: returns the limit with the fewest requests left', () => {
    const policy = '"minute";q=100;w=60, "day";q=5000;w=86400'
    expect(read('"minute";r=57;t=12, "day";r=3;t=4000', policy)).toMatchObject({ quota: 5000, remaining: 3 })
  })

  it('no policy: returns the limit without quota and window', () => {
    expect(read('"rate";r=57;t=12', '')).toEqual({
      quota: undefined,
      windowSeconds: undefined,
      remaining: 57,
      resetSeconds: 12,
    })
  })

  it('a policy in another unit than requests: is left out', () => {
    expect(read('"bytes";r=5;t=1', '"bytes";q=100;w=60;qu="content-bytes"')).toBeUndefined()
  })

  it.each([
    ['no field', undefined],
    ['an empty field', ''],
    ['a token in place of a string', 'rate;r=57;t=12'],
    ['no `r`', '"rate";t=12'],
    ['a negative `r`', '"rate";r=-1;t=12'],
    ['a fraction', '"rate";r=5.5;t=12'],
    ['`r` as a string', '"rate";r="57";t=12'],
    ['a trailing comma', '"rate";r=57;t=12,'],
    ['the syntax of older drafts', 'limit=100, remaining=57, reset=12'],
  ])('%s: returns undefined', (_, field) => {
    expect(read(field)).toBeUndefined()
  })
})
