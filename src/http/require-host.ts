// Rejects requests with an invalid `Host` header.

import { createMiddleware } from 'hono/factory'
import { ApiError } from './errors.ts'

/** Throws `ApiError` 400 for two `Host` headers, or for one that is not a host (RFC 9112, 3.2). Cloudflare refuses these itself. */
export const requireHost = createMiddleware(async function requireHost(c, next) {
  if (!URL.canParse(c.req.url)) {
    const message = 'Send one `Host` header, with the host of the API.'
    throw new ApiError('invalid_request', { details: [{ parameter: 'Host', message }] })
  }
  await next()
})
