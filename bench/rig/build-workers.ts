// Bundles the Workers that are measured and compared.

import { join } from 'node:path'
import { bundleWorker } from '../../harness/bundle-worker.ts'

const WORKERS = {
  ours: 'src/index.ts',
  baseline: 'bench/workers/baseline-worker.ts',
  chain: 'bench/workers/chain-worker.ts',
  clocked: 'bench/workers/clocked-worker.ts',
} as const

/** One of the bundles. */
export type BundleName = keyof typeof WORKERS

/** The paths of the bundles, and their compatibility date. */
export interface BuiltWorkers {
  bundles: Record<BundleName, string>
  compatibilityDate: string
}

/** Bundles them, each into a directory of its own under `directory`. Rejects with wrangler's reason in one line. */
export async function buildWorkers(directory: string): Promise<BuiltWorkers> {
  const build = (name: BundleName) => bundleWorker({ directory: join(directory, name), main: WORKERS[name] })
  const [ours, baseline, chain, clocked] = await Promise.all([
    build('ours'),
    build('baseline'),
    build('chain'),
    build('clocked'),
  ])
  const bundles = {
    ours: ours.bundle,
    baseline: baseline.bundle,
    chain: chain.bundle,
    clocked: clocked.bundle,
  }
  return { bundles, compatibilityDate: ours.compatibilityDate }
}
