// The response of GET /usage. Only the reference and tests use the schema; the Worker uses its type.

import * as z from 'zod/mini'
import { count } from '../job-visitors/response.ts'

/** The requests of one key on one day. `key_id` is null for people, who send no key. */
const keyUsage = z.object({
  key_id: z.nullable(z.guid()),
  served: count,
  cached: count,
  rate_limited: count,
  concurrency_limited: count,
  failed: count,
})

/** Requests by day, and by each key with any. */
export const usageResponse = z.object({
  data: z.object({
    days: z.array(z.object({ date: z.iso.date(), keys: z.array(keyUsage) })),
    today: z.object({ requests: count }),
  }),
  meta: z.object({ from: z.iso.date(), to: z.iso.date(), time_zone: z.literal('UTC') }),
})
/** The body of a 200. */
export type UsageResponse = z.infer<typeof usageResponse>
