// The first hop: Redis and Postgres at once, then the decision, always in the same order.

import { type Admission, type Limits, rateLimitHeaders, retryAfterSeconds } from '../domain/admission.ts'
import type { Breaker } from '../domain/breaker.ts'
import type { CacheEntry } from '../domain/freshness.ts'
import type { Failure } from '../errors.ts'
import type { DirectoryAnswer, Organization, Services } from '../services.ts'
import type { AfterRequest } from './afterwards.ts'
import type { Trace } from './trace.ts'

/** Who asks, and what the first hop is to bring. */
export interface FirstHopRequest<Rows> {
  keyHash: string
  cacheKeys: readonly string[]
  lookUp: () => Promise<DirectoryAnswer<Rows>>
}

/** Let through, with what is known by then, or refused. `headers` tell the caller of its limits in both cases. */
export type FirstHop<Rows> =
  | ({ ok: true; organization: Organization; rows: Rows; headers: Record<string, string> } & Held)
  | { ok: false; failure: Failure; headers: Record<string, string> }

/** What the shared memory held for this request. */
export interface Held {
  cacheKeys: readonly string[]
  /** One for each of these keys, in order; undefined where nothing was held. */
  cached: readonly (CacheEntry | undefined)[]
  breaker: Breaker
}

const DATABASE_RETRY_SECONDS = 2

type FirstHopServices = Pick<Services, 'shared' | 'floor' | 'exhausted' | 'limits' | 'now'>

/** Makes the hop and decides: 503 database, 401 key, 429 admission. A key known to be exhausted makes no hop at all. */
export async function firstHop<Rows>(
  request: FirstHopRequest<Rows>,
  services: FirstHopServices,
  trace: Trace,
  after: AfterRequest,
): Promise<FirstHop<Rows>> {
  const { keyHash, cacheKeys } = request
  const now = services.now()
  const waitMs = services.exhausted.waitMs(keyHash, now)
  if (waitMs > 0) {
    trace.note({ admission: 'memory' })
    return refuse({ verdict: 'rate', requestsLeft: 0, moreInMs: waitMs }, services.limits, now)
  }

  const { requestId } = trace
  const [directory, arrival] = await Promise.all([
    trace.timed('postgres', request.lookUp),
    trace.timed('redis', () => services.shared.arrive({ keyHash, requestId, now, cacheKeys })),
  ])
  const { admission } = arrival
  if (arrival.fault) trace.note({ redis_fault: arrival.fault })
  // Where the decision did not arrive it may have been made all the same, so the slot is given back then too.
  if (admission === undefined || admission.verdict === 'admitted') after.release({ keyHash, requestId })
  if (admission?.requestsLeft === 0) services.exhausted.remember(keyHash, now + admission.moreInMs)

  if (directory.kind === 'unavailable') {
    trace.note({ postgres_fault: directory.fault })
    const failure: Failure = { code: 'service_unavailable', retryAfterSeconds: DATABASE_RETRY_SECONDS }
    return { ok: false, failure, headers: headersOf(admission, services.limits, now) }
  }
  // All refusals of a key look alike, those before the hop included: so without the headers of the limits.
  if (directory.kind === 'unknown_key')
    return { ok: false, failure: { code: 'invalid_api_key' }, headers: {} }

  trace.note({ organization_id: directory.organization.id, key_id: directory.organization.keyId })
  if (admission && admission.verdict !== 'admitted') return refuse(admission, services.limits, now)
  if (admission === undefined) {
    trace.note({ admission: 'floor' })
    if (!(await services.floor.pass(keyHash))) {
      const failure: Failure = { code: 'rate_limited', retryAfterSeconds: services.floor.periodSeconds }
      return { ok: false, failure, headers: {} }
    }
  }
  const headers = headersOf(admission, services.limits, now)
  const { organization, rows } = directory
  const { cached, breaker } = arrival
  return { ok: true, organization, rows, headers, cacheKeys, cached, breaker }
}

function refuse(admission: Admission, limits: Limits, now: number): FirstHop<never> {
  const code = admission.verdict === 'concurrency' ? 'too_many_concurrent_requests' : 'rate_limited'
  const failure: Failure = { code, retryAfterSeconds: retryAfterSeconds(admission) }
  return { ok: false, failure, headers: rateLimitHeaders(admission, limits, now) }
}

function headersOf(admission: Admission | undefined, limits: Limits, now: number): Record<string, string> {
  return admission ? rateLimitHeaders(admission, limits, now) : {}
}
