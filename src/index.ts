// The Worker's entry: bindings -> config -> services -> app.

import type { Hono } from 'hono/tiny'
import { createApp } from './app.ts'
import type { AppEnv } from './app-env.ts'
import { ConfigError, parseConfig } from './config.ts'
import { connect } from './connect.ts'

const apps = new WeakMap<Env, Hono<AppEnv>>()

export default {
  async fetch(request, env, ctx): Promise<Response> {
    const app = appFor(env)
    if (app === undefined) return new Response('Internal Server Error', { status: 500 })
    const answer = Promise.resolve(app.fetch(request, env, ctx))
    // A caller that hangs up ends the invocation, and the slot would be lost; this keeps it alive to its end.
    ctx.waitUntil(answer.catch(() => {}))
    return answer
  },
} satisfies ExportedHandler<Env>

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
