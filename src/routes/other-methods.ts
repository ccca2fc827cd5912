// Every method that an address does not serve: OPTIONS is told what it takes, the others are refused.

import type { Context } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { answer, answerFailure } from '../request/answer.ts'

const ALLOWED = ['GET', 'HEAD', 'OPTIONS']

/** 204 with `Allow` for OPTIONS, 405 for the rest. For addresses that serve GET. */
export function otherMethods(c: Context<AppEnv>): Response {
  if (c.req.method !== 'OPTIONS') return answerFailure(c, { code: 'method_not_allowed', allow: ALLOWED })
  return answer(c, 204, null, { Allow: ALLOWED.join(', '), 'Cache-Control': 'no-store' })
}
