// Sorts cached figures by what they may be used for.

import type { Window } from '../analytics/windows.ts'
import type { CacheReport } from '../cache/cache-headers.ts'
import { freshnessOf } from '../cache/freshness.ts'
import type { Services } from '../services.ts'
import type { FiguresQuery } from './figures-query.ts'

/** What the cache holds, and the indexes of what is not fresh, by what it may be used for. */
export interface CachedFigures<Figure> {
  figures: (Figure | undefined)[]
  /** What the response reports if all of them are served, and if only the fresh ones are. */
  all: Ages
  fresh: Ages
  settling: number[]
  stale: number[]
  staleIfError: number[]
  missing: number[]
}

type Ages = Pick<CacheReport, 'ageSeconds' | 'freshForSeconds'>

/** The cached figures of a query, sorted. */
export function sortByFreshness<Figure>(
  { site, window, cacheKeys, cached, parse }: FiguresQuery<Figure>,
  { cache, now }: Services,
): CachedFigures<Figure> {
  const held: CachedFigures<Figure> = {
    figures: [],
    all: { ageSeconds: 0, freshForSeconds: Number.POSITIVE_INFINITY },
    fresh: { ageSeconds: 0, freshForSeconds: Number.POSITIVE_INFINITY },
    settling: [],
    stale: [],
    staleIfError: [],
    missing: [],
  }
  const at = now()
  for (const index of cacheKeys.keys()) {
    const entry = cached[index]
    const { state, ...ages } = freshnessOf(entry, site, window, at, cache)
    const figure = entry === undefined || state === 'missing' ? undefined : parse(entry.value)
    held.figures.push(figure)
    if (figure === undefined) {
      held.missing.push(index)
      continue
    }
    held.all = older(held.all, ages)
    if (state === 'fresh' || state === 'settling') held.fresh = older(held.fresh, ages)
    if (state === 'settling') held.settling.push(index)
    else if (state === 'stale') held.stale.push(index)
    else if (state === 'stale_if_error') held.staleIfError.push(index)
  }
  return held
}

/** The days of the oldest of these cached figures. */
export function earliestWindow<Figure>(
  { cached }: FiguresQuery<Figure>,
  indexes: readonly number[],
): Window | undefined {
  const windows = indexes.flatMap((index) => cached[index]?.window ?? [])
  return windows.sort((a, b) => (a.to < b.to ? -1 : 1))[0]
}

function older(a: Ages, b: Ages): Ages {
  return {
    ageSeconds: Math.max(a.ageSeconds, b.ageSeconds),
    freshForSeconds: Math.min(a.freshForSeconds, b.freshForSeconds),
  }
}
