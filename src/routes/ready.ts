// GET /ready: whether each store can be reached, looked at no more than every 5 seconds in one isolate.

import type { Context } from 'hono'
import type { ReadyAnswer } from '../answers/status.ts'
import type { AppEnv } from '../app-env.ts'
import { answer } from '../request/answer.ts'
import type { Reachable, Services } from '../services.ts'

const KEEP_MS = 5_000
const DEADLINE_MS = 2_000

type ReadyServices = Pick<Services, 'stores' | 'now'>

/** The handler: 200 when all of them can be reached, else 503. Says which, never why. */
export function ready(services: ReadyServices) {
  // Plain data: a promise may not be shared between requests.
  let known: { answer: ReadyAnswer; until: number } | undefined
  return async function ready(c: Context<AppEnv>): Promise<Response> {
    const now = services.now()
    if (known === undefined || known.until <= now) {
      // While this request looks, the others make do with what was known.
      if (known) known.until = now + DEADLINE_MS
      known = { answer: await lookAtStores(services), until: services.now() + KEEP_MS }
    }
    const isReady = known.answer.status === 'ready'
    const retry = isReady ? {} : { 'Retry-After': String(KEEP_MS / 1_000) }
    const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...retry }
    return answer(c, isReady ? 200 : 503, JSON.stringify(known.answer), headers)
  }
}

async function lookAtStores({ stores }: ReadyServices): Promise<ReadyAnswer> {
  const [database, redis, analytics] = await Promise.all([
    stateOf(stores.database),
    stateOf(stores.redis),
    stateOf(stores.analytics),
  ])
  const states = { database, redis, analytics }
  const isReady = Object.values(states).every((state) => state === 'ok')
  return { status: isReady ? 'ready' : 'not_ready', stores: states }
}

async function stateOf(store: Reachable): Promise<'ok' | 'unreachable'> {
  return (await store.ping(DEADLINE_MS)) === undefined ? 'ok' : 'unreachable'
}
