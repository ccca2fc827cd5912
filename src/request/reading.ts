// What an endpoint has to say of the figures it needs, so that the cache and the store can be asked for them.

import type { StoreAnswer } from '../services.ts'

/** How to read figures for one organization's domain, by the keys they are cached under. */
export interface Reading<Value> {
  site: string
  cacheKeys: readonly string[]
  /** A cached value, checked; undefined where it is not one. */
  parse(cached: unknown): Value | undefined
  /** Asks the store for the figures behind these cache keys: a value for each of them. */
  query(cacheKeys: readonly string[]): Promise<StoreAnswer<Map<string, Value>>>
  /** What a refresh of these figures is called, so that one Worker at a time does it. */
  refreshName: string
}
