// How old a cached value may be for what: the pure rule behind stale-while-revalidate and stale-if-error (RFC 5861).

/** For how long, in seconds since it was read, a value may be used. */
export interface CacheSettings {
  /** Answered as it is. */
  freshSeconds: number
  /** Answered at once and read again afterwards. */
  staleSeconds: number
  /** Answered only when the store fails. */
  keepSeconds: number
}

/** A value of the analytics store and what it belongs to. */
export interface CacheEntry {
  value: unknown
  /** Epoch milliseconds of the reading. */
  readAt: number
  /** The domain it was read for; a value of another domain is not used. */
  site: string
}

export type Freshness = 'fresh' | 'stale' | 'kept' | 'missing'

/** What this entry may be used for by an organization with this domain, at this moment. */
export function freshnessOf(
  entry: CacheEntry | undefined,
  site: string,
  now: number,
  settings: CacheSettings,
): Freshness {
  if (entry === undefined || entry.site !== site) return 'missing'
  const age = ageSeconds(entry, now)
  if (age < settings.freshSeconds) return 'fresh'
  if (age < settings.staleSeconds) return 'stale'
  return age < settings.keepSeconds ? 'kept' : 'missing'
}

/** Whole seconds since the value was read. */
export function ageSeconds(entry: CacheEntry, now: number): number {
  return Math.max(0, Math.floor((now - entry.readAt) / 1_000))
}

/** After how many seconds nobody can use a value any more; 0 when there is no cache. */
export function lifetimeSeconds(settings: CacheSettings): number {
  return Math.max(settings.freshSeconds, settings.staleSeconds, settings.keepSeconds)
}

/** Figures that were just read, one for each cache key, as entries. */
export function entriesOf(
  keys: readonly string[],
  values: readonly unknown[],
  site: string,
  readAt: number,
): { key: string; entry: CacheEntry }[] {
  return keys.map((key, index) => ({ key, entry: { value: values[index], readAt, site } }))
}
