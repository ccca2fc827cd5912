// Hop 1: Redis and Postgres at once, then the decision, always in the same order.

import type { Organization } from '../directory/directory.ts'
import { ApiError } from '../http/errors.ts'
import { type Admission, rateLimitHeaders, retryAfterSeconds } from '../limits/admission.ts'
import type { Services } from '../services.ts'
import type { Arrival } from '../shared-state/shared-state.ts'
import { StoreError, toStoreError } from '../stores/store-error.ts'
import type { Caller } from './caller.ts'
import type { RequestContext } from './request-context.ts'

/** Seconds after which such a request may be tried again. */
const DATABASE_RETRY_SECONDS = 2

/** What hop 1 reads. */
export interface FirstHop<Found> {
  caller: Caller
  /** Figures that are likely to be needed. */
  cacheKeys: readonly string[]
  /** The one statement: the caller's organization, and which of the requested data belongs to it. */
  lookUp: () => Promise<Found | undefined>
}

/** An admitted request: what the statement found, and what the shared state holds. */
export interface Admitted<Found> {
  found: Found
  arrival: Arrival
}

/**
 * Makes the hop and decides in this order: 503 database, 401 key or token, 429 admission. Throws `ApiError`. A caller whose window is
 * known to be full costs no hop. Response headers report the limits from here on.
 */
export async function authenticateAndAdmit<
  Found extends { organization: Pick<Organization, 'id' | 'keyId'> },
>(
  request: RequestContext,
  services: Services,
  { caller, cacheKeys, lookUp }: FirstHop<Found>,
): Promise<Admitted<Found>> {
  const { limitId } = caller
  const token = 'token' in caller ? caller.token : undefined
  const now = services.now()
  const waitMs = services.exhausted.waitMs(limitId, now)
  if (waitMs > 0) {
    request.log({ admission: 'memory' })
    return refuse({ verdict: 'rate', requestsLeft: 0, resetMs: waitMs }, request, services)
  }

  const [lookedUp, { arrival, readAt }] = await Promise.all([
    request.timed('postgres', lookUp).then(
      (found) => ({ found }),
      (error: unknown) => ({ error }),
    ),
    request
      .timed('redis', () => services.shared.arrive({ limitId, requestId: request.id, now, cacheKeys, token }))
      .then((arrival) => ({ arrival, readAt: services.now() })),
  ])
  const { admission } = arrival
  if (arrival.error !== undefined) request.log({ redis_fault: toStoreError(arrival.error).fault })
  // If no decision arrived, one may still have been made, so the slot is released then too.
  if (admission === undefined || admission.verdict === 'admitted') {
    request.background.add({ release: { limitId, requestId: request.id } })
  }

  if ('error' in lookedUp) {
    if (!(lookedUp.error instanceof StoreError)) throw lookedUp.error
    request.log({ postgres_fault: lookedUp.error.fault })
    if (admission) reportLimits(admission, request, services)
    throw serviceUnavailable()
  }
  // Only Redis records which tokens were used.
  if (token !== undefined && arrival.isTokenNew === undefined) throw serviceUnavailable()
  if (arrival.isTokenNew === false) throw new ApiError('invalid_token')
  // Every refusal of a key is the same response, even without a hop, so it does not report limits.
  if (lookedUp.found === undefined) throw noAccess(caller)
  const { found } = lookedUp
  const { id: organizationId, keyId } = found.organization
  services.uncountedUsage.identify(limitId, { organizationId, keyId: keyId ?? undefined })
  // Only for keys that exist, so that a revoked key gets the same 401 however often it is tried.
  // Redis counted the wait from a moment before `readAt`, so nobody is told to come back too early.
  if (admission?.requestsLeft === 0) services.exhausted.remember(limitId, readAt + admission.resetMs)
  request.log({ organization_id: organizationId, ...(keyId !== null && { key_id: keyId }) })
  if (admission === undefined) await admitWithoutRedis(limitId, request, services)
  else if (admission.verdict === 'admitted') reportLimits(admission, request, services)
  else refuse(admission, request, services)
  return { found, arrival }
}

/** The 401 for a caller whose key or organization the database does not have. */
export function noAccess(caller: Caller | undefined): ApiError {
  return new ApiError(caller && 'person' in caller ? 'invalid_session' : 'invalid_api_key')
}

/** The 503 for a request that failed because of the database or Redis. */
export function serviceUnavailable(): ApiError {
  return new ApiError('service_unavailable', { retryAfterSeconds: DATABASE_RETRY_SECONDS })
}

async function admitWithoutRedis(
  limitId: string,
  request: RequestContext,
  { fallbackLimiter }: Services,
): Promise<void> {
  request.log({ admission: 'fallback' })
  if (await fallbackLimiter.allow(limitId)) return
  throw new ApiError('rate_limited', { retryAfterSeconds: fallbackLimiter.periodSeconds })
}

function refuse(admission: Admission, request: RequestContext, services: Services): never {
  reportLimits(admission, request, services)
  const code = admission.verdict === 'concurrency' ? 'too_many_concurrent_requests' : 'rate_limited'
  throw new ApiError(code, { retryAfterSeconds: retryAfterSeconds(admission) })
}

function reportLimits(admission: Admission, request: RequestContext, { limits, now }: Services): void {
  Object.assign(request.responseHeaders, rateLimitHeaders(admission, limits, now()))
}
