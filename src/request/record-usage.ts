// Records how a request ended, for the counts of its key or its people.

import type { ErrorCode } from '../http/errors.ts'
import type { Services } from '../services.ts'
import type { UsageOutcome } from '../usage/usage.ts'
import type { RequestContext } from './request-context.ts'

/** The caller has no organization: the database does not have the key, or a token was used before. */
const UNKNOWN_CALLER: readonly (ErrorCode | undefined)[] = [
  'invalid_api_key',
  'invalid_session',
  'invalid_token',
]

/** Records a request that has an authentic key or comes from a signed-in person. Requests of unknown callers are not counted. */
export function recordUsage(request: RequestContext, { uncountedUsage }: Services): void {
  const { caller, errorCode, startedAt } = request
  if (caller === undefined) return
  if (UNKNOWN_CALLER.includes(errorCode)) uncountedUsage.forget(caller.limitId)
  else uncountedUsage.add(caller.limitId, outcomeOf(request), startedAt)
}

function outcomeOf({ errorCode, isFromCache }: RequestContext): UsageOutcome {
  switch (errorCode) {
    case undefined:
      return isFromCache ? 'cached' : 'served'
    case 'rate_limited':
      return 'rate_limited'
    case 'too_many_concurrent_requests':
      return 'concurrency_limited'
    default:
      return 'failed'
  }
}
