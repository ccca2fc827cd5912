// What one request sends to the stores: subrequests of the Worker, and commands in its pipelines to Redis.

import { countsOf, type Fleet, VARIANTS, type Variant } from '../rig/fleet.ts'
import { STORE_NAMES } from '../stubs/stub-protocol.ts'

/** The counts of one variant. */
export interface RequestsFigure {
  variant: Variant
  cache: 'cold' | 'warm'
  /** Background tasks included. */
  subrequests: number
  /** A script counts as one. */
  redisCommands: number
}

const JOBS = 100

/** Counts both for each variant, cold and warm. */
export async function countRequestsMade({ workers, stubs }: Fleet): Promise<RequestsFigure[]> {
  const figures: RequestsFigure[] = []
  for (const cache of ['cold', 'warm'] as const) {
    for (const variant of VARIANTS) {
      const counts = await countsOf(stubs, workers[variant], { jobs: JOBS, cached: cache === 'warm' })
      const subrequests = STORE_NAMES.reduce((sum, store) => sum + counts.requests[store], 0)
      figures.push({ variant, cache, subrequests, redisCommands: counts.redisCommands })
    }
  }
  return figures
}
