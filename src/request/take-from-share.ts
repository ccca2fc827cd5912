// The share of the store's quota that an organization may use, judged by the counts that the request has read.

import { isQuotaRoomy, isWithinShare, type Queries, type Spending } from '../analytics/fair-share.ts'
import type { Services } from '../services.ts'
import type { Arrival } from '../shared-state/shared-state.ts'
import type { FiguresQuery } from './figures-query.ts'
import type { RequestContext } from './request-context.ts'

/** Whether less than half of the store's quota is used. */
export function isQuotaRoomyFor(arrival: Arrival, request: RequestContext, services: Services): boolean {
  return isQuotaRoomy(knownSpending(arrival, request, services), services.queriesPerHour)
}

/** The spending that the request has read, and the queries of this isolate that it may lack. */
export function knownSpending(
  { spending }: Arrival,
  { mark }: RequestContext,
  { sentQueries }: Services,
): Spending {
  return sentQueries.addTo(spending, mark)
}

/** Whether the organization may send the queries for these figures. */
export function isInShare<Figure>(
  { organization, cost }: FiguresQuery<Figure>,
  indexes: readonly number[],
  arrival: Arrival,
  request: RequestContext,
  services: Services,
): boolean {
  const spending = knownSpending(arrival, request, services)
  return isWithinShare(spending, organization.id, cost(indexes), services.queriesPerHour)
}

/** Counts the queries before they are sent; undefined if the organization has used its share of the store's quota. */
export function takeFromShare<Figure>(
  query: FiguresQuery<Figure>,
  indexes: readonly number[],
  arrival: Arrival,
  request: RequestContext,
  services: Services,
): Queries | undefined {
  if (!isInShare(query, indexes, arrival, request, services)) return undefined
  const queries = { organizationId: query.organization.id, count: query.cost(indexes) }
  services.sentQueries.add(queries, services.now())
  return queries
}
