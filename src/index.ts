// The Worker's entry: bindings -> config -> services -> app.

import type { Hono } from 'hono/tiny'
import { createApp } from './app.ts'
import { ConfigError, parseConfig } from './config.ts'
import { connect } from './connect.ts'
import type { ErrorResponse } from './http/error-response.ts'
import { ERRORS } from './http/errors.ts'
import { originOf } from './http/origin.ts'
import { createRequestId } from './http/request-id.ts'
import { SECURITY_HEADERS } from './http/security-headers.ts'
import type { AppEnv } from './request/app-env.ts'

const apps = new WeakMap<Env, Hono<AppEnv>>()

export default {
  fetch(request, env, ctx): Response | Promise<Response> {
    return appFor(env)?.fetch(request, env, ctx) ?? respondMisconfigured(request)
  },
} satisfies ExportedHandler<Env>

/** The same response as for any other error on our side. The log names the binding. */
function respondMisconfigured(request: Request): Response {
  const code = 'internal_error'
  const { status, message } = ERRORS[code]
  const requestId = createRequestId()
  const docs = `${originOf(request.url)}/docs/errors#${code}`
  const body: ErrorResponse = { error: { code, message, request_id: requestId, docs } }
  const headers = { 'X-Request-Id': requestId, 'Cache-Control': 'no-store', ...SECURITY_HEADERS }
  return Response.json(body, { status, headers })
}

/** The app for these bindings, created with their first request; undefined, and logged, if they are wrong. */
function appFor(env: Env): Hono<AppEnv> | undefined {
  const existing = apps.get(env)
  if (existing) return existing
  try {
    const app = createApp(connect(parseConfig(env)))
    apps.set(env, app)
    return app
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(JSON.stringify({ event: 'config_error', message: error.message }))
    return undefined
  }
}
