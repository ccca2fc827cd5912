// What the benchmark and the thread of its stub stores tell each other.

import * as z from 'zod/mini'

export const STORE_NAMES = ['redis', 'postgres', 'plausible'] as const
export type StoreName = (typeof STORE_NAMES)[number]

/** How the stores behave: each answer `delayMs` late; Redis with all counts `cached`, or none. */
export const stubSettings = z.object({ delayMs: z.number(), cached: z.boolean() })
export type StubSettings = z.infer<typeof stubSettings>

export const stubUrls = z.object({ redis: z.string(), postgres: z.string(), plausible: z.string() })
export type StubUrls = z.infer<typeof stubUrls>

const perStore = z.object({ redis: z.number(), postgres: z.number(), plausible: z.number() })
const lastBodies = z.array(z.string())

/** What the stores were asked since the last settings. */
export const stubCounts = z.object({
  requests: perStore,
  /** Length of the bodies they were sent. */
  bytes: perStore,
  /** The last two bodies each of them was sent, oldest first. */
  bodies: z.object({ redis: lastBodies, postgres: lastBodies, plausible: lastBodies }),
  /** Commands in the pipelines sent to Redis; a script counts as one. */
  redisCommands: z.number(),
  /** A request that a stub did not know; the run is worth nothing then. */
  refused: z.optional(z.string()),
})
export type StubCounts = z.infer<typeof stubCounts>
