// What an answer says of its own age: Cache-Control, Age and Cache-Status (RFC 9111, RFC 9211).

import type { CacheSettings } from './freshness.ts'

/** How the cache took part in an answer; `stale-error`: the store failed and kept figures were used. */
export type CacheUse = 'hit' | 'stale' | 'stale-error' | 'miss' | 'partial' | 'bypass'

const CACHE_NAME = 'job-analytics'

/** Headers for figures of which the oldest was read `ageSeconds` ago. */
export function cacheHeaders(
  use: { cacheUse: CacheUse; ageSeconds: number; stored: boolean },
  settings: CacheSettings,
): Record<string, string> {
  const left = settings.freshSeconds - use.ageSeconds
  return {
    'Cache-Control': `private, max-age=${Math.max(0, left)}`,
    Age: String(use.ageSeconds),
    'Cache-Status': `${CACHE_NAME}; ${describe(use.cacheUse, left)}${use.stored ? '; stored' : ''}`,
  }
}

function describe(use: CacheUse, ttlSeconds: number): string {
  switch (use) {
    case 'hit':
      return `hit; ttl=${ttlSeconds}`
    case 'stale':
      return `hit; ttl=${ttlSeconds}; detail=refreshing`
    case 'stale-error':
      return `hit; ttl=${ttlSeconds}; detail=store-unavailable`
    case 'miss':
    case 'partial':
    case 'bypass':
      return `fwd=${use === 'partial' ? 'partial' : use}`
  }
}
