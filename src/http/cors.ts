// Lets pages of some origins call the API from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol).

import { createMiddleware } from 'hono/factory'

const EXPOSED_HEADERS = [
  'X-Request-Id',
  'RateLimit-Policy',
  'RateLimit',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'Retry-After',
  'Link',
  'Content-Disposition',
  'Age',
  'ETag',
  'Cache-Status',
  'Server-Timing',
].join(', ')

const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': 'GET, HEAD',
  // Tracing libraries add these headers to every request of a page.
  'Access-Control-Allow-Headers': 'x-api-key, If-None-Match, traceparent, tracestate, baggage, sentry-trace',
  'Access-Control-Max-Age': '86400',
}

/** Adds the headers for these origins. The route itself responds to a preflight, since `Allow` depends on the route. */
export function cors(origins: readonly string[]) {
  return createMiddleware(async function cors(c, next) {
    await next()
    const { headers } = c.res
    headers.append('Vary', 'Origin')
    const origin = c.req.header('origin')
    if (origin === undefined || !origins.includes(origin)) return
    headers.set('Access-Control-Allow-Origin', origin)
    headers.set('Access-Control-Expose-Headers', EXPOSED_HEADERS)
    if (c.req.method !== 'OPTIONS') return
    for (const [name, value] of Object.entries(PREFLIGHT_HEADERS)) headers.set(name, value)
  })
}
