// Latency in hops: how many store delays in a row a caller waits for.

import { median, percentile } from '../../harness/statistics.ts'
import { type Fleet, VARIANTS, type Variant } from '../rig/fleet.ts'

/** The stores respond after this time, which stands for a network. */
export const DELAY_MS = 40

/** The latency of one variant. */
export interface HopsFigure {
  variant: Variant
  cache: 'cold' | 'warm'
  medianMs: number
  p99Ms: number
  /** The median over the delay. */
  hops: number
}

const JOBS = 100
const CONCURRENCY = 4
const WARM_UP = 12

/** Measures `count` requests for 100 jobs to each variant, cold and, if there is a cache, warm. */
export async function measureHops(fleet: Fleet, count: number): Promise<HopsFigure[]> {
  const figures: HopsFigure[] = []
  for (const cache of ['cold', 'warm'] as const) {
    await fleet.stubs.set({ delayMs: DELAY_MS, cached: cache === 'warm' })
    for (const variant of VARIANTS) {
      // The chain has no cache.
      if (variant === 'chain' && cache === 'warm') continue
      await fleet.send(variant, { jobs: JOBS, count: WARM_UP, concurrency: CONCURRENCY })
      const times = await fleet.send(variant, { jobs: JOBS, count, concurrency: CONCURRENCY })
      const medianMs = median(times)
      figures.push({ variant, cache, medianMs, p99Ms: percentile(times, 0.99), hops: medianMs / DELAY_MS })
    }
  }
  await fleet.stubs.set({ delayMs: 0, cached: false })
  return figures
}
