// Names the request and writes its one log line, after everything it left to do is done.

import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import type { AppEnv } from '../app-env.ts'
import { createRequestId } from '../domain/request-id.ts'
import { Trace } from '../request/trace.ts'
import type { Services } from '../services.ts'

/** Names the request, and logs one line when the answer is made and its afterwards has ended. */
export function requestLog({ now, log }: Pick<Services, 'now' | 'log'>) {
  return createMiddleware<AppEnv>(async function requestLog(c, next) {
    const trace = new Trace(createRequestId(), now)
    c.set('trace', trace)
    const answered = next().then(() => now() - trace.startedAt)
    // From the start: a caller that hangs up ends the invocation, and its slot would be lost.
    c.executionCtx.waitUntil(logAfterwards(c, trace, answered))
    await answered
  })

  async function logAfterwards(c: Context<AppEnv>, trace: Trace, answered: Promise<number>): Promise<void> {
    const durationMs = await answered
    await trace.afterwards
    log({
      event: 'request',
      request_id: trace.requestId,
      method: c.req.method,
      // The pattern and not the path, in which a caller may have put anything.
      route: routePath(c, -1),
      status: c.res.status,
      duration_ms: durationMs,
      ...trace.hopFields(),
      ...trace.fields,
    })
  }
}
