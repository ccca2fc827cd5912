// Runs a simulation in a thread of its own, which sends its progress and in the end its figure.

import { parentPort, Worker } from 'node:worker_threads'
import * as z from 'zod/mini'

/** A simulation that runs. */
export interface Simulation<Figure> {
  figure: Promise<Figure>
  stop(): Promise<void>
}

const message = z.union([z.object({ done: z.number() }), z.object({ figure: z.unknown() })])

/** Starts the thread with its task. `figure` is the schema of what it sends in the end. */
export function startFigureThread<Figure>(
  module: URL,
  task: object,
  figure: z.core.$ZodType<Figure>,
  progress: (done: number) => void,
): Simulation<Figure> {
  const thread = new Worker(module, { workerData: task })
  const sent = new Promise<Figure>((resolve, reject) => {
    thread.on('message', (data: unknown) => {
      const received = message.safeParse(data).data
      if (received && 'done' in received) progress(received.done)
      else {
        const parsed = z.safeParse(figure, received?.figure)
        if (parsed.success) resolve(parsed.data)
        else reject(parsed.error)
      }
    })
    thread.once('error', reject)
    thread.once('exit', () => reject(new Error(`The thread of ${module.pathname} ended early`)))
  })
  // A failure is reported to whoever awaits the figure, and is not unhandled until then.
  sent.catch(() => {})
  return {
    figure: sent,
    async stop() {
      await thread.terminate()
    },
  }
}

/** Sends how much is done, 0 to 1, from the thread. */
export function sendProgress(done: number): void {
  parentPort?.postMessage({ done })
}

/** Sends the figure from the thread. */
export function sendFigure(figure: object): void {
  parentPort?.postMessage({ figure })
}
