// The types of Hono's context in this app.

import type { Context } from 'hono'
import type { RequestContext } from './request-context.ts'

/** What Hono's context carries. */
export interface AppEnv {
  Bindings: Env
  Variables: { request: RequestContext }
}

/** Hono's context in this app. */
export type AppContext = Context<AppEnv>

/** The handlers of some endpoints, by path and method. */
export type Endpoints = Record<string, Record<string, (c: AppContext) => Response | Promise<Response>>>
