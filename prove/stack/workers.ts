// Several Workers as they are deployed, each in a process of its own and with a clock of its own, over the same stores.

import { join } from 'node:path'
import { bundleWorker } from '../../harness/bundle-worker.ts'
import { type RunningWorker, startWorkerd } from '../../harness/workerd.ts'

/** A running Worker; its clock is `skewMs` ahead. */
export interface SkewedWorker extends RunningWorker {
  skewMs: number
}

/** How far the clocks are ahead. Far more than those of real machines differ. */
export const SKEWS_MS = [0, 45_000, -90_000]

const RATE_LIMIT = join(import.meta.dirname, '..', 'workers', 'counting-rate-limit.js')

/** Bundles the Worker once and starts it as often as there are clocks, in subdirectories of `directory`. */
export async function startWorkers(
  directory: string,
  bindings: Record<string, string>,
): Promise<SkewedWorker[]> {
  const { bundle, compatibilityDate } = await bundleWorker({
    directory: join(directory, 'bundle'),
    main: 'prove/workers/skewed-worker.ts',
  })
  const starting = SKEWS_MS.map(async (skewMs, index) => {
    const worker = await startWorkerd({
      directory: join(directory, `worker-${index}`),
      bundle,
      compatibilityDate,
      bindings: { ...bindings, CLOCK_SKEW_MS: String(skewMs) },
      rateLimitModule: RATE_LIMIT,
    })
    return { ...worker, skewMs }
  })
  return Promise.all(starting)
}
