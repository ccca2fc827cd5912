// The simulated day of many organizations: what to run, and what comes of it.

import * as z from 'zod/mini'
import { type Simulation, startFigureThread } from '../rig/figure-thread.ts'

/** What to run: the bundle of our Worker with a clock that is set, and how many organizations poll how often. */
export const dayTask = z.object({
  bundle: z.string(),
  organizations: z.number(),
  /** In 24 hours, spread evenly. At each poll all organizations send their request at once. */
  polls: z.number(),
})
/** What to run. */
export type DayTask = z.infer<typeof dayTask>

const dayFigure = z.object({
  organizations: z.number(),
  requests: z.number(),
  /** Responses that are not a 200 with the right figure of each job. */
  wrong: z.number(),
  /** What the first wrong response was. */
  firstWrong: z.optional(z.string()),
  storeQueries: z.number(),
  /** The most queries in one clock hour. */
  busiestHourQueries: z.number(),
  /** Queries that the store refused because of its quota. */
  refusedQueries: z.number(),
})
/** Whether all organizations got their figures all day, and what it cost the store. */
export type DayFigure = z.infer<typeof dayFigure>

/** Starts the simulation. */
export function startSimulatedDay(task: DayTask, progress: (done: number) => void): Simulation<DayFigure> {
  return startFigureThread(new URL('./simulated-day-thread.ts', import.meta.url), task, dayFigure, progress)
}
