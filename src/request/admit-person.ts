// Hop 1 of requests that only people make.

import type { Services } from '../services.ts'
import { authenticateAndAdmit } from './authenticate-and-admit.ts'
import type { PersonCaller } from './caller.ts'
import type { RequestContext } from './request-context.ts'

/**
 * What `lookUp` finds about the person's organization, once the person is admitted. Throws `ApiError`, as `authenticateAndAdmit`
 * does; undefined means that there is no such organization.
 */
export async function admitPerson<Found>(
  request: RequestContext,
  services: Services,
  caller: PersonCaller,
  lookUp: () => Promise<Found | undefined>,
): Promise<Found> {
  const organization = { id: caller.organizationId, keyId: null }
  const { found } = await authenticateAndAdmit(request, services, {
    caller,
    cacheKeys: [],
    async lookUp() {
      const result = await lookUp()
      return result && { organization, result }
    },
  })
  return found.result
}
