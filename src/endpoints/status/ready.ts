// GET /ready: whether each store can be reached and accepts queries, checked at most every 5 seconds in one isolate.

import { noParameters, parseParameters } from '../../http/query-parameters.ts'
import type { AppContext } from '../../request/app-env.ts'
import { respondStatus } from '../../request/respond.ts'
import type { Services } from '../../services.ts'
import { type Pingable, StoreError } from '../../stores/store-error.ts'
import type { ReadyResponse } from './response.ts'

const VALID_MS = 5_000
const DEADLINE_MS = 2_000

/** The handler: 200 if all stores accept queries, otherwise 503. It says which ones do not, never why. */
export function ready(services: Services) {
  // Plain data: a promise must not be shared between requests.
  const last: { body?: ReadyResponse; until: number } = { until: 0 }
  return async function ready(c: AppContext): Promise<Response> {
    const request = c.get('request')
    parseParameters(noParameters, c.req.queries())
    const now = services.now()
    if (last.body === undefined || last.until <= now) {
      // While this request checks the stores, others use the last result.
      last.until = now + DEADLINE_MS
      last.body = await checkStores(services)
      last.until = services.now() + VALID_MS
    }
    if (last.body.status === 'ready') return respondStatus(request, 200, last.body)
    request.responseHeaders['Retry-After'] = String(VALID_MS / 1_000)
    return respondStatus(request, 503, last.body)
  }
}

async function checkStores({ stores }: Services): Promise<ReadyResponse> {
  const [database, redis, analytics] = await Promise.all([
    stateOf(stores.database, () => 'unreachable' as const),
    stateOf(stores.redis, () => 'unreachable' as const),
    stateOf(stores.analytics, (error) => (isRefusal(error) ? 'refused' : 'unreachable')),
  ])
  const states = { database, redis, analytics }
  const isReady = Object.values(states).every((state) => state === 'ok')
  return { status: isReady ? 'ready' : 'not_ready', stores: states }
}

function stateOf<State>(store: Pingable, onError: (error: unknown) => State): Promise<State | 'ok'> {
  return store.ping(AbortSignal.timeout(DEADLINE_MS)).then(() => 'ok' as const, onError)
}

/** The store responds but accepts no queries: a wrong key, another API, a locked site, a spent quota. */
function isRefusal(error: unknown): boolean {
  return error instanceof StoreError && error.fault.startsWith('status_4')
}
