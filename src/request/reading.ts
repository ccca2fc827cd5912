// What an endpoint has to say of the figures it needs, so that the cache and the store can be asked for them.

import type { StoreAnswer } from '../services.ts'

/** How to read figures for one organization's domain. A figure is known by its position among the cache keys. */
export interface Reading<Value> {
  site: string
  /** What each figure is cached under: the plan's own keys, or keys that were not known before the first hop. */
  cacheKeys: readonly string[]
  /** A cached value, checked; undefined where it is not one. */
  parse(cached: unknown): Value | undefined
  /** Asks the store for the figures at these positions: a value for each of them, in the same order. */
  query(positions: readonly number[]): Promise<StoreAnswer<readonly Value[]>>
  /** What a refresh of these figures is called, so that one Worker at a time does it. */
  refreshName: string
}

/** The items at these positions, in their order. */
export function pick<Item>(items: readonly Item[], positions: readonly number[]): Item[] {
  const picked: Item[] = []
  for (const position of positions) {
    const item = items[position]
    if (item !== undefined) picked.push(item)
  }
  return picked
}
