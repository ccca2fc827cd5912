// Step 0 of a request, without the network: is there a key, and did we issue it?

import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../app-env.ts'
import { answerFailure } from '../request/answer.ts'
import type { Services } from '../services.ts'

/** Refuses a missing, malformed or forged key; leaves the hash of any other for the directory to look up. */
export function apiKey({ keys }: Pick<Services, 'keys'>) {
  return createMiddleware<AppEnv>(async function apiKey(c, next) {
    const key = c.req.header('x-api-key')
    if (!key) return answerFailure(c, { code: 'missing_api_key' })
    const keyHash = await keys.hashOf(key)
    if (keyHash === undefined) return answerFailure(c, { code: 'invalid_api_key' })
    c.set('keyHash', keyHash)
    return next()
  })
}
