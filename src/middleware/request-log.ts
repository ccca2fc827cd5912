// Names the request and writes its one log line, after everything it left to do is done.

import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import type { AppEnv } from '../app-env.ts'
import { createRequestId } from '../domain/request-id.ts'
import { Trace } from '../request/trace.ts'
import type { Services } from '../services.ts'

/** Names the request, and logs one line when the answer is made and its afterwards has ended. */
export function requestLog(services: Pick<Services, 'now' | 'log'>) {
  return createMiddleware<AppEnv>(async function requestLog(c, next) {
    const trace = new Trace(createRequestId(), services.now)
    c.set('trace', trace)
    await next()
    const line = {
      event: 'request',
      request_id: trace.requestId,
      method: c.req.method,
      // The pattern and not the path, in which a caller may have put anything.
      route: routePath(c, -1),
      status: c.res.status,
      duration_ms: services.now() - trace.startedAt,
    }
    c.executionCtx.waitUntil(
      trace.afterwards.then(() => services.log({ ...line, ...trace.hopFields(), ...trace.fields })),
    )
  })
}
