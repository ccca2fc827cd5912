// Every route, and every middleware before it, in the order they run.

import { Hono } from 'hono/tiny'
import { getPath } from 'hono/utils/url'
import { consoleHandlers } from './endpoints/console/route.ts'
import { jobList } from './endpoints/job-list/route.ts'
import { jobVisitors } from './endpoints/job-visitors/route.ts'
import { keyHandlers } from './endpoints/keys/route.ts'
import { siteAnalytics } from './endpoints/site-analytics/route.ts'
import { health } from './endpoints/status/health.ts'
import { ready } from './endpoints/status/ready.ts'
import { usage } from './endpoints/usage/route.ts'
import { cors } from './http/cors.ts'
import { requireHost } from './http/require-host.ts'
import type { AppEnv, Endpoints } from './request/app-env.ts'
import { limitInvalidRequests } from './request/limit-invalid-requests.ts'
import { otherMethods } from './request/other-methods.ts'
import { requestLog } from './request/request-log.ts'
import { respondError, respondNotFound } from './request/respond.ts'
import type { Services } from './services.ts'

/** A request target without a path, such as that of `OPTIONS *`, is not found. Hono would run no middleware for it. */
function pathOf(request: Request): string {
  const path = getPath(request)
  return path.startsWith('/') ? path : `/${path}`
}

/** The whole API over these services. */
export function createApp(services: Services): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ getPath: pathOf })
  app.use(requestLog(services))
  app.use(requireHost)
  if (services.corsOrigins.length > 0) app.use(cors(services.corsOrigins))

  const { console } = services
  const endpoints: Endpoints = {
    '/jobs': { GET: jobList(services) },
    '/analytics/jobs': { GET: jobVisitors(services) },
    '/analytics/site': { GET: siteAnalytics(services) },
    '/usage': { GET: usage(services) },
    ...(console && keyHandlers(services, console)),
    ...(console && consoleHandlers(services, console)),
    '/health': { GET: health(services) },
    '/ready': { GET: ready(services) },
  }
  for (const [path, handlers] of Object.entries(endpoints)) {
    for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler)
    app.all(path, otherMethods(Object.keys(handlers)))
  }

  app.notFound((c) => respondNotFound(c, services.assets))
  app.onError(async (error, c) => {
    return respondError(c, await limitInvalidRequests(error, c.get('request'), services))
  })
  return app
}
