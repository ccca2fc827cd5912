// The responses of GET /health and GET /ready. Only the reference and tests use the schemas; the Worker uses their types.

import * as z from 'zod/mini'

/** The response of `GET /health`. */
export const healthResponse = z.object({ status: z.literal('ok'), release: z.string() })
/** The body of `GET /health`. */
export type HealthResponse = z.infer<typeof healthResponse>

const storeState = z.enum(['ok', 'unreachable'])
const analyticsState = z.enum(['ok', 'unreachable', 'refused'])

/** The response of `GET /ready`. */
export const readyResponse = z.object({
  status: z.enum(['ready', 'not_ready']),
  stores: z.object({ database: storeState, redis: storeState, analytics: analyticsState }),
})
/** The body of `GET /ready`. */
export type ReadyResponse = z.infer<typeof readyResponse>
