// The Worker's entry: bindings -> config -> services -> app.

import type { Hono } from 'hono/tiny'
import type { ErrorAnswer } from './answers/error.ts'
import { createApp } from './app.ts'
import type { AppEnv } from './app-env.ts'
import { ConfigError, parseConfig } from './config.ts'
import { connect } from './connect.ts'
import { createRequestId } from './domain/request-id.ts'
import { ERRORS } from './errors.ts'

const apps = new WeakMap<Env, Hono<AppEnv>>()

export default {
  fetch(request, env, ctx): Response | Promise<Response> {
    return appFor(env)?.fetch(request, env, ctx) ?? answerMisconfigured(request)
  },
} satisfies ExportedHandler<Env>

/** The same answer as for any other fault of ours; which binding it is stands in the log. */
function answerMisconfigured(request: Request): Response {
  const code = 'internal_error'
  const { status, message } = ERRORS[code]
  const requestId = createRequestId()
  const docs = `${new URL(request.url).origin}/docs/errors#${code}`
  const body: ErrorAnswer = { error: { code, message, request_id: requestId, docs } }
  return Response.json(body, { status, headers: { 'X-Request-Id': requestId, 'Cache-Control': 'no-store' } })
}

/** The app for these bindings, made on their first request; undefined, and logged, where they are wrong. */
function appFor(env: Env): Hono<AppEnv> | undefined {
  const known = apps.get(env)
  if (known) return known
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
