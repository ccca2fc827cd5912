// Opens and closes every request: creates its context, starts its background tasks, writes its one log line.

import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import { originOf } from '../http/origin.ts'
import type { Services } from '../services.ts'
import type { AppContext, AppEnv } from './app-env.ts'
import { recordUsage } from './record-usage.ts'
import { RequestContext } from './request-context.ts'

/** The first middleware. The log line is written when the background tasks have ended. */
export function requestLog(services: Services) {
  return createMiddleware<AppEnv>(async function requestLog(c, next) {
    const request = new RequestContext(services.publicUrl ?? originOf(c.req.url), services)
    c.set('request', request)
    const responded = Promise.withResolvers<void>()
    // Registered at once: when the caller disconnects the invocation is canceled, and its slot would be lost.
    c.executionCtx.waitUntil(responded.promise.then(() => finish(c, request)))
    try {
      await next()
    } finally {
      responded.resolve()
    }
  })

  async function finish(c: AppContext, request: RequestContext): Promise<void> {
    const durationMs = services.now() - request.startedAt
    recordUsage(request, services)
    // Only a bug makes it reject; the line is written anyway.
    await request.background.run().catch((error: unknown) => {
      request.log({ background_error: error instanceof Error ? error.name : 'unknown' })
    })
    services.log({
      event: 'request',
      request_id: request.id,
      method: c.req.method,
      // The pattern and not the path, in which a caller may have put anything.
      route: routePath(c, -1),
      status: c.res.status,
      duration_ms: durationMs,
      ...request.hopFields(),
      ...request.logFields,
    })
  }
}
