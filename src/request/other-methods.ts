// Methods that an endpoint does not support: OPTIONS lists those it does, the others are refused.

import { ApiError } from '../http/errors.ts'
import type { AppContext } from './app-env.ts'
import { respond } from './respond.ts'

/** The handler for endpoints that support these methods. It throws `ApiError` `method_not_allowed`. */
export function otherMethods(supported: readonly string[]) {
  const allow = [...supported.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)), 'OPTIONS']
  return function otherMethods(c: AppContext): Response {
    if (c.req.method !== 'OPTIONS') throw new ApiError('method_not_allowed', { allow })
    return respond(c.get('request'), 204, null, { Allow: allow.join(', '), 'Cache-Control': 'no-store' })
  }
}
