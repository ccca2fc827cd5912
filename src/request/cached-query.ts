// Hop 2: figures from the cache if they may be used, and one round of queries for all others.

import { type CacheReport, cacheHeaders, isFromCache } from '../cache/cache-headers.ts'
import { freshSecondsOf, lifetimeSeconds } from '../cache/freshness.ts'
import { toStoredEntries } from '../cache/stored-entries.ts'
import { ApiError } from '../http/errors.ts'
import type { Services } from '../services.ts'
import type { Arrival, StateChanges } from '../shared-state/shared-state.ts'
import type { FiguresQuery } from './figures-query.ts'
import { queryStore, refreshStore } from './query-store.ts'
import type { RequestContext } from './request-context.ts'
import { earliestWindow, sortByFreshness } from './sort-by-freshness.ts'
import { isQuotaRoomyFor } from './take-from-share.ts'

/**
 * The figures, in the order of their cache keys. Response headers report their age. Throws `ApiError` if the store
 * must not be queried or fails, and the cache has nothing to serve.
 */
export async function cachedQuery<Figure>(
  query: FiguresQuery<Figure>,
  arrival: Arrival,
  request: RequestContext,
  services: Services,
): Promise<(Figure | undefined)[]> {
  const held = sortByFreshness(query, services)
  const { figures, settling, stale, staleIfError, missing } = held
  const fromCache = (cacheUse: CacheReport['cacheUse']) => {
    reportCache({ cacheUse, ...held.all, stored: false }, request)
    return figures
  }
  const refresh = (indexes: readonly number[]) =>
    refreshStore(query, indexes, arrival, request, services, (read) =>
      writesOf(query, indexes, read, services),
    )
  if (staleIfError.length === 0 && missing.length === 0) {
    if (stale.length > 0) {
      refresh(stale)
      return fromCache('stale')
    }
    // Late events are no reason to use the quota that others may need for their first figures.
    if (settling.length > 0 && isQuotaRoomyFor(arrival, request, services)) refresh(settling)
    return fromCache('hit')
  }

  const needed = [...staleIfError, ...missing, ...stale]
  try {
    const read = await queryStore(query, needed, arrival, request, services)
    for (const [i, index] of needed.entries()) figures[index] = read[i]
    const isCached = lifetimeSeconds(services.cache) > 0
    const writes = writesOf(query, needed, read, services)
    if (isCached && writes.entries.length > 0) request.background.add({ writes })
    // They are written after the response. Large ones are not, and none are if Redis failed in hop 1.
    const stored = isCached && writes.entries.length === needed.length && arrival.error === undefined
    const cacheUse = !isCached ? 'bypass' : needed.length === figures.length ? 'miss' : 'partial'
    const freshForSeconds = Math.min(
      held.fresh.freshForSeconds,
      freshSecondsOf(query.window, services.now(), services.cache),
    )
    reportCache({ cacheUse, ...held.fresh, freshForSeconds, stored }, request)
    return figures
  } catch (error) {
    if (!(error instanceof ApiError) || missing.length > 0) throw error
    request.servedWindow = earliestWindow(query, staleIfError)
    return fromCache('stale-error')
  } finally {
    request.responseHeaders['Server-Timing'] = request.serverTiming()
  }
}

function writesOf<Figure>(
  { organization, cacheKeys, site, window: { from, to } }: FiguresQuery<Figure>,
  indexes: readonly number[],
  read: readonly Figure[],
  { now }: Services,
): NonNullable<StateChanges['writes']> {
  const readAt = now()
  const entries = indexes.map((index, i) => ({
    key: cacheKeys[index] ?? '',
    entry: { value: read[i], readAt, site, window: { from, to } },
  }))
  return { organizationId: organization.id, entries: toStoredEntries(entries) }
}

function reportCache(report: CacheReport, request: RequestContext): void {
  request.log({ cache: report.cacheUse })
  request.isFromCache = isFromCache(report) && request.isFromCache !== false
  Object.assign(request.responseHeaders, cacheHeaders(report))
}
