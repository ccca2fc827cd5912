// Queries of the analytics store: whether one may be sent, and what it shows about the store.

import { circuitState, isTroubled, nextHour, type Outcome, quotaPause } from '../analytics/circuit-breaker.ts'
import { isQuotaSpent, type Queries } from '../analytics/fair-share.ts'
import { ApiError, type ErrorCode } from '../http/errors.ts'
import type { Services } from '../services.ts'
import type { Arrival, StateChanges } from '../shared-state/shared-state.ts'
import { StoreError } from '../stores/store-error.ts'
import type { FiguresQuery, Spend } from './figures-query.ts'
import type { RequestContext } from './request-context.ts'
import { isInShare, knownSpending, takeFromShare } from './take-from-share.ts'

/**
 * Queries the store if the share of its quota and the circuit breaker allow it, counts the queries, and records what they
 * show about the store. Throws `ApiError`.
 */
export async function queryStore<Figure>(
  query: FiguresQuery<Figure>,
  indexes: readonly number[],
  arrival: Arrival,
  request: RequestContext,
  services: Services,
): Promise<readonly Figure[]> {
  const queries = takeFromShare(query, indexes, arrival, request, services)
  if (queries === undefined) {
    throw unavailable('analytics_quota_exhausted', nextHour(services.now()) - services.now())
  }
  try {
    await passCircuit(query, arrival, request, services)
  } catch (error) {
    services.sentQueries.remove(queries)
    throw error
  }
  request.background.add({ queries })
  const { site } = query
  try {
    const read = await readFromStore(query, indexes, queries, request)
    const outcome = isTroubled(arrival.circuit, site) ? 'recovered' : 'succeeded'
    request.background.add({ outcome: { site, outcome } })
    return read
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    request.log({ store_fault: error.fault })
    const outcome = outcomeOf(error, arrival, request, services)
    if (outcome !== undefined) request.background.add({ outcome: { site, outcome } })
    if (typeof outcome === 'object') {
      throw unavailable('analytics_quota_exhausted', outcome.until - services.now())
    }
    const code = error.fault === 'timeout' ? 'analytics_timeout' : 'analytics_unavailable'
    throw unavailable(code, (error.retryAfterSeconds ?? 0) * 1_000)
  }
}

/**
 * Reads figures again after the response, in one request at a time, if the store may be queried at all. `writesOf` makes
 * of them what is cached.
 */
export function refreshStore<Figure>(
  query: FiguresQuery<Figure>,
  indexes: readonly number[],
  arrival: Arrival,
  request: RequestContext,
  services: Services,
  writesOf: (read: readonly Figure[]) => NonNullable<StateChanges['writes']>,
): void {
  const { site } = query
  if (circuitState(arrival.circuit, site, services.now()).state !== 'closed') return
  if (!isInShare(query, indexes, arrival, request, services)) return
  request.background.refreshUnder(query.lock, async (): Promise<StateChanges> => {
    // Others may have used the share since.
    const queries = takeFromShare(query, indexes, arrival, request, services)
    if (queries === undefined) return {}
    try {
      const read = await readFromStore(query, indexes, queries, request)
      return { queries, writes: writesOf(read), outcome: { site, outcome: 'succeeded' } }
    } catch (error) {
      // The database failed, which says nothing about the store.
      if (error instanceof ApiError) return { queries }
      if (!(error instanceof StoreError)) throw error
      request.log({ refresh_fault: error.fault })
      const outcome = outcomeOf(error, arrival, request, services)
      return { queries, ...(outcome !== undefined && { outcome: { site, outcome } }) }
    }
  })
}

/** Throws `ApiError` if the site must not be queried. In half-open state only the request with the lock may query. */
async function passCircuit<Figure>(
  { site }: FiguresQuery<Figure>,
  { circuit }: Arrival,
  request: RequestContext,
  { shared, now }: Services,
): Promise<void> {
  const state = circuitState(circuit, site, now())
  if (state.state === 'closed') return
  if (state.state === 'half_open') {
    const lock = `probe:${state.probe}`
    if ((await shared.apply({ lock }, now())).locked) {
      request.background.add({ unlock: lock })
      return
    }
  }
  request.log({ circuit: 'open' })
  const code = state.reason === 'quota' ? 'analytics_quota_exhausted' : 'analytics_unavailable'
  throw unavailable(code, state.until - now())
}

/** Reads the figures; queries beyond the expected ones are added to `queries`. */
function readFromStore<Figure>(
  query: FiguresQuery<Figure>,
  indexes: readonly number[],
  queries: Queries,
  request: RequestContext,
): Promise<readonly Figure[]> {
  const spend: Spend = (more) => {
    queries.count += more
    return queries.count
  }
  return request.timed('store', () => query.read(indexes, spend))
}

function outcomeOf(
  error: StoreError,
  arrival: Arrival,
  request: RequestContext,
  services: Services,
): Outcome | undefined {
  const signal = services.store.signalOf(error)
  if (typeof signal !== 'object') return signal
  const isSpent = isQuotaSpent(knownSpending(arrival, request, services), services.queriesPerHour)
  return quotaPause(signal.refusedForMs, arrival.circuit, isSpent, services.now())
}

function unavailable(code: ErrorCode, waitMs: number): ApiError {
  return new ApiError(code, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) })
}
