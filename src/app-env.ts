// What Hono's context carries from one step of a request to the next.

import type { Trace } from './request/trace.ts'

export interface AppEnv {
  Bindings: Env
  Variables: {
    trace: Trace
    /** SHA-256 of the presented key in hex; set once its tag has proved right. */
    keyHash: string
  }
}
