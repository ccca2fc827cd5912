// What an endpoint hands to the cached query: which figures, where they are cached, and how the store is queried for them.

import type { ResolvedWindow } from '../analytics/windows.ts'
import type { CacheEntry } from '../cache/freshness.ts'
import type { Organization } from '../directory/directory.ts'

/** Counts this many more queries. Returns how many the request sends in all. */
export type Spend = (queries: number) => number

/** Figures of one site. Each has a cache key, and its index is that of its key. */
export interface FiguresQuery<Figure> {
  organization: Organization
  site: string
  window: ResolvedWindow
  cacheKeys: readonly string[]
  /** What the cache holds for each key. */
  cached: readonly (CacheEntry | undefined)[]
  /** A cached value, parsed; undefined if it is not a figure. */
  parse(cached: unknown): Figure | undefined
  /**
   * Queries the store for the figures at these indexes; one for each, in the same order. Throws `StoreError`, and `ApiError`
   * if something other than the store failed. `spend` is for queries beyond `cost`, and is called before they are sent.
   */
  read(indexes: readonly number[], spend: Spend): Promise<readonly Figure[]>
  /** How many queries `read` sends for these indexes. */
  cost(indexes: readonly number[]): number
  /** The name of the lock under which one request at a time refreshes these figures. */
  lock: string
}
