// GET /health: the Worker runs, and which release of it. Asks no store.

import type { Context } from 'hono'
import type { HealthAnswer } from '../answers/status.ts'
import type { AppEnv } from '../app-env.ts'
import { answer } from '../request/answer.ts'
import type { Services } from '../services.ts'

/** The handler; always 200. */
export function health({ release }: Pick<Services, 'release'>) {
  return function health(c: Context<AppEnv>): Response {
    const body: HealthAnswer = { status: 'ok', release }
    return answer(c, 200, JSON.stringify(body), {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    })
  }
}
