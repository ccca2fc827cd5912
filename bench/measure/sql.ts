// Starts the measurement of the statement in its thread. It fills the tables at once and measures on request.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import * as z from 'zod/mini'

/** What to run: the statement as our Worker sends it, and the two sizes of the jobs table. */
export const sqlTask = z.object({ statement: z.string(), smallJobs: z.number(), largeJobs: z.number() })
export type SqlTask = z.infer<typeof sqlTask>

const sqlFigure = z.object({
  smallJobs: z.number(),
  largeJobs: z.number(),
  /** Median milliseconds of the statement for 100 jobs, planning included. */
  smallMs: z.number(),
  largeMs: z.number(),
  ratio: z.number(),
  /** How the plan reads each table at the large size: the node types of EXPLAIN. */
  accesses: z.array(z.object({ table: z.string(), by: z.string() })),
})
export type SqlFigure = z.infer<typeof sqlFigure>

/** Tables that are being filled. */
export interface SqlMeasurement {
  filled: Promise<void>
  /** Measures. Nothing else should run meanwhile. */
  measure(): Promise<SqlFigure>
  stop(): Promise<void>
}

/** Begins to fill both tables. */
export function startSqlMeasurement(task: SqlTask): SqlMeasurement {
  const thread = new Worker(new URL('./sql-thread.ts', import.meta.url), { workerData: task })
  const filled = once(thread, 'message').then(() => {})
  // A failure is reported to whoever awaits it, and is not unhandled until then.
  filled.catch(() => {})
  return {
    filled,
    async measure() {
      await filled
      const message = once(thread, 'message')
      thread.postMessage('measure')
      const [figure] = await message
      return sqlFigure.parse(figure)
    },
    async stop() {
      await thread.terminate()
    },
  }
}

/** Whether every table of the plan is read through an index. */
export function readsIndexesOnly({ accesses }: Pick<SqlFigure, 'accesses'>): boolean {
  return accesses.length > 0 && accesses.every(({ by }) => /^(Index|Index Only|Bitmap Heap) Scan$/.test(by))
}
