// Lets the pages of some origins call the API from the browser (https://fetch.spec.whatwg.org/#http-cors-protocol).

import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../app-env.ts'
import type { Services } from '../services.ts'

const EXPOSED_HEADERS = [
  'X-Request-Id',
  'RateLimit-Policy',
  'RateLimit',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'Retry-After',
  'Link',
  'Age',
  'ETag',
  'Cache-Status',
  'Server-Timing',
].join(', ')

const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': 'GET, HEAD',
  'Access-Control-Allow-Headers': 'x-api-key, If-None-Match',
  'Access-Control-Max-Age': '86400',
}

/** The route itself answers; this adds what the browser of an allowed origin wants to see. */
export function cors({ corsOrigins }: Pick<Services, 'corsOrigins'>) {
  return createMiddleware<AppEnv>(async function cors(c, next) {
    await next()
    const { headers } = c.res
    headers.append('Vary', 'Origin')
    const origin = c.req.header('origin')
    if (origin === undefined || !corsOrigins.includes(origin)) return
    headers.set('Access-Control-Allow-Origin', origin)
    headers.set('Access-Control-Expose-Headers', EXPOSED_HEADERS)
    if (c.req.method !== 'OPTIONS') return
    for (const [name, value] of Object.entries(PREFLIGHT_HEADERS)) headers.set(name, value)
  })
}
