// Every route and every step before it, in the order they run.

import { Hono } from 'hono/tiny'
import type { AppEnv } from './app-env.ts'
import { apiKey } from './middleware/api-key.ts'
import { cors } from './middleware/cors.ts'
import { requestLog } from './middleware/request-log.ts'
import { answerFailure } from './request/answer.ts'
import { serve } from './request/endpoint.ts'
import { health } from './routes/health.ts'
import { jobList } from './routes/job-list.ts'
import { jobVisitors } from './routes/job-visitors.ts'
import { otherMethods } from './routes/other-methods.ts'
import { ready } from './routes/ready.ts'
import { siteAnalytics } from './routes/site-analytics.ts'
import type { Services } from './services.ts'

/** The whole API over these services. */
export function createApp(services: Services): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.use(requestLog(services))
  if (services.corsOrigins.length > 0) app.use(cors(services))

  app.get('/jobs', apiKey(services), serve(jobList, services))
  app.get('/analytics/jobs', apiKey(services), serve(jobVisitors, services))
  app.get('/analytics/site', apiKey(services), serve(siteAnalytics, services))
  app.get('/health', health(services))
  app.get('/ready', ready(services))

  app.on('ALL', ['/jobs', '/analytics/jobs', '/analytics/site', '/health', '/ready'], otherMethods)
  app.notFound((c) => answerFailure(c, { code: 'not_found' }))
  app.onError((error, c) => {
    c.get('trace').note({ error: error.name, stack: framesOf(error) })
    return answerFailure(c, { code: 'internal_error' })
  })
  return app
}

/** Where it happened, without the message, which may hold a value. */
function framesOf(error: Error): string | undefined {
  return error.stack
    ?.split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .join('\n')
}
