// What GET /health and GET /ready answer.

import * as z from 'zod/mini'

/** The answer of `GET /health`. */
export const healthAnswer = z.object({ status: z.literal('ok'), release: z.string() })
export type HealthAnswer = z.infer<typeof healthAnswer>

const storeState = z.enum(['ok', 'unreachable'])

/** The answer of `GET /ready`. */
export const readyAnswer = z.object({
  status: z.enum(['ready', 'not_ready']),
  stores: z.object({ database: storeState, redis: storeState, analytics: storeState }),
})
export type ReadyAnswer = z.infer<typeof readyAnswer>
