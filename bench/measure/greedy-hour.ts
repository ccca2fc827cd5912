// The simulated hour in which one organization uses the whole rate of its keys: what to run, and what comes of it.

import * as z from 'zod/mini'
import { type Simulation, startFigureThread } from '../rig/figure-thread.ts'

/** What to run: the bundle of our Worker with a clock that is set, and how many requests the organization sends. */
export const greedyTask = z.object({
  bundle: z.string(),
  /** Organizations that share the store with it. */
  others: z.number(),
  keys: z.number(),
  /** Of each key. */
  requestsPerMinute: z.number(),
})
/** What to run. */
export type GreedyTask = z.infer<typeof greedyTask>

const greedyFigure = z.object({
  others: z.number(),
  othersRequests: z.number(),
  /** Responses to the others that are not a 200 with the right figure, read by the store for them or fresh in the cache. */
  wrong: z.number(),
  firstWrong: z.optional(z.string()),
  greedyRequests: z.number(),
  /** Its responses by status. */
  greedyStatuses: z.record(z.string(), z.number()),
  greedyQueries: z.number(),
  storeQueries: z.number(),
  refusedQueries: z.number(),
})
/** What the others got, and what the organization took. */
export type GreedyFigure = z.infer<typeof greedyFigure>

/** Starts the simulation. */
export function startGreedyHour(
  task: GreedyTask,
  progress: (done: number) => void,
): Simulation<GreedyFigure> {
  return startFigureThread(new URL('./greedy-hour-thread.ts', import.meta.url), task, greedyFigure, progress)
}
