// GET /health: whether the Worker runs, and which release. Sends nothing to any store.

import { noParameters, parseParameters } from '../../http/query-parameters.ts'
import type { AppContext } from '../../request/app-env.ts'
import { respondStatus } from '../../request/respond.ts'
import type { Services } from '../../services.ts'
import type { HealthResponse } from './response.ts'

/** The handler; always 200. */
export function health({ release }: Services) {
  return function health(c: AppContext): Response {
    parseParameters(noParameters, c.req.queries())
    const body: HealthResponse = { status: 'ok', release }
    return respondStatus(c.get('request'), 200, body)
  }
}
