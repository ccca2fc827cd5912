// The messages between the benchmark and the thread of its stub stores.

import * as z from 'zod/mini'

/** The stub stores. */
export const STORE_NAMES = ['redis', 'postgres', 'plausible'] as const
/** One of the stub stores. */
export type StoreName = (typeof STORE_NAMES)[number]

/** How the stores behave: each response is `delayMs` late; Redis returns all cached figures, or none. */
export const stubSettings = z.object({ delayMs: z.number(), cached: z.boolean() })
/** How the stores behave. */
export type StubSettings = z.infer<typeof stubSettings>

/** Where the stores listen. */
export const stubUrls = z.object({ redis: z.string(), postgres: z.string(), plausible: z.string() })
/** Where the stores listen. */
export type StubUrls = z.infer<typeof stubUrls>

const perStore = z.object({ redis: z.number(), postgres: z.number(), plausible: z.number() })
const lastBodies = z.array(z.string())

/** What the stores received since the last settings. */
export const stubCounts = z.object({
  requests: perStore,
  /** Length of the bodies. */
  bytes: perStore,
  /** The last two bodies of each store, oldest first. */
  bodies: z.object({ redis: lastBodies, postgres: lastBodies, plausible: lastBodies }),
  /** Commands in the pipelines sent to Redis; a script counts as one. */
  redisCommands: z.number(),
  /** A request that a stub does not support. It makes the run worthless. */
  refused: z.optional(z.string()),
})
/** What the stores received. */
export type StubCounts = z.infer<typeof stubCounts>
