// The response headers about the age of figures: Cache-Control, Age and Cache-Status (RFC 9111, RFC 9211).

/** What the cache did for a response. `stale-error`: cached figures were served because the store could not be queried. */
export type CacheUse = 'hit' | 'stale' | 'stale-error' | 'miss' | 'partial' | 'bypass'

const CACHE_NAME = 'job-analytics'

/** What a response says about the age of its figures. */
export interface CacheReport {
  cacheUse: CacheUse
  /** Age of the oldest figure. */
  ageSeconds: number
  /** Seconds until the first figure is no longer fresh; negative if that has passed. */
  freshForSeconds: number
  /** All figures that were read are written to the cache. */
  stored: boolean
}

/** Whether no figure was queried for the response. */
export function isFromCache({ cacheUse }: CacheReport): boolean {
  return /^(hit|stale)/.test(cacheUse)
}

/** The headers of a response. */
export function cacheHeaders({
  cacheUse,
  ageSeconds,
  freshForSeconds,
  stored,
}: CacheReport): Record<string, string> {
  return {
    'Cache-Control': `private, max-age=${Math.max(0, freshForSeconds)}`,
    Age: String(ageSeconds),
    'Cache-Status': `${CACHE_NAME}; ${describe(cacheUse, freshForSeconds)}${stored ? '; stored' : ''}`,
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
      return `fwd=${use}`
  }
}
