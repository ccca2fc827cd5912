// How long the runtime takes from its start to our Worker's first response.

import { join } from 'node:path'
import { median } from '../../harness/statistics.ts'
import { startWorkerd } from '../../harness/workerd.ts'
import { sendOne } from '../rig/load.ts'

/** The time of a start. */
export interface StartUpFigure {
  /** Median milliseconds from the start of workerd's process to the end of the first response of `/health`. */
  medianMs: number
  runs: number
}

/** Starts and ends workerd `runs` times. */
export async function measureStartUp(options: {
  directory: string
  bundle: string
  bindings: Record<string, string>
  compatibilityDate: string
  runs: number
}): Promise<StartUpFigure> {
  const times: number[] = []
  for (let run = 0; run < options.runs; run++) {
    const directory = join(options.directory, `start-${run}`)
    const start = performance.now()
    const worker = await startWorkerd({ ...options, directory })
    try {
      await sendOne(`${worker.url}/health`, {})
      times.push(performance.now() - start)
    } finally {
      await worker.stop()
    }
  }
  return { medianMs: median(times), runs: options.runs }
}
