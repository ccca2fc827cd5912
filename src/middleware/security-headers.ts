// The headers that keep a browser from making more of an answer than data.

import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../app-env.ts'

const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000',
}

/** Sets them on every answer of the Worker; pages have their own in `site/_headers`. */
export const securityHeaders = createMiddleware<AppEnv>(async function securityHeaders(c, next) {
  await next()
  for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value)
})
