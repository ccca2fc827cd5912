// A statement after hop 1, for what is known only from the analytics store's result.

import { StoreError } from '../stores/store-error.ts'
import { noAccess, serviceUnavailable } from './authenticate-and-admit.ts'
import type { RequestContext } from './request-context.ts'

/** What the statement finds. Throws `ApiError` 503 if the database fails, and 401 if the caller's access has ended meanwhile. */
export async function lookUpAgain<Found>(
  request: RequestContext,
  lookUp: () => Promise<Found | undefined>,
): Promise<Found> {
  try {
    const found = await request.timed('postgres', lookUp)
    if (found === undefined) throw noAccess(request.caller)
    return found
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    request.log({ postgres_fault: error.fault })
    throw serviceUnavailable()
  }
}
