// CPU time a request costs in workerd, beside the floor's and the chain's, with stores that answer at once.

import type { Fleet, Variant } from '../rig/fleet.ts'
import { VARIANTS } from '../rig/fleet.ts'
import { cpuMicroseconds } from '../rig/process-cpu.ts'
import { median } from '../rig/statistics.ts'

export const CPU_CASES = [
  { cache: 'cold', jobs: 1 },
  { cache: 'cold', jobs: 100 },
  { cache: 'warm', jobs: 1 },
  { cache: 'warm', jobs: 100 },
] as const
export type CpuCase = (typeof CPU_CASES)[number]

/** Medians over all rounds; a ratio is the median of the ratios within each round. */
export interface CpuFigure {
  cache: CpuCase['cache']
  jobs: number
  /** Microseconds a request. */
  microseconds: Record<Variant, number>
  oursToFloor: number
  oursToChain: number
}

/** How many requests of each kind are sent in a round, and how many rounds there are. */
export interface CpuEffort {
  warmUp: number
  requests: number
  rounds: number
}

/** One after the other, as an isolate sees the requests of one key: at most 100 a minute. */
const CONCURRENCY = 1
const SETTLE_MS = 20

type Sample = Record<Variant, number>

/** Measures every case in alternating rounds, so that whatever else the machine does falls on all of them. */
export async function measureCpu(
  fleet: Fleet,
  effort: CpuEffort,
  progress: (done: number) => void,
): Promise<CpuFigure[]> {
  for (const testCase of CPU_CASES) await sampleCase(fleet, testCase, effort.warmUp, [...VARIANTS])
  const samples = new Map<CpuCase, Sample[]>(CPU_CASES.map((testCase) => [testCase, []]))
  for (let round = 0; round < effort.rounds; round++) {
    const order = VARIANTS.map((_, index) => VARIANTS[(index + round) % VARIANTS.length] ?? 'ours')
    for (const [testCase, taken] of samples) {
      taken.push(await sampleCase(fleet, testCase, effort.requests, order))
    }
    progress((round + 1) / effort.rounds)
  }
  return Array.from(samples, ([testCase, taken]) => figureOf(testCase, taken))
}

async function sampleCase(
  fleet: Fleet,
  { cache, jobs }: CpuCase,
  count: number,
  order: Variant[],
): Promise<Sample> {
  await fleet.stubs.set({ delayMs: 0, cached: cache === 'warm' })
  const sample: Sample = { ours: 0, floor: 0, chain: 0 }
  for (const variant of order) {
    const { pid } = fleet.workers[variant]
    const before = await cpuMicroseconds(pid)
    await fleet.send(variant, { jobs, count, concurrency: CONCURRENCY })
    // What requests leave to do after their answers belongs to their cost.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    sample[variant] = ((await cpuMicroseconds(pid)) - before) / count
  }
  return sample
}

function figureOf({ cache, jobs }: CpuCase, samples: Sample[]): CpuFigure {
  const medianOf = (value: (sample: Sample) => number) => median(samples.map(value))
  return {
    cache,
    jobs,
    microseconds: {
      ours: medianOf(({ ours }) => ours),
      floor: medianOf(({ floor }) => floor),
      chain: medianOf(({ chain }) => chain),
    },
    oursToFloor: medianOf(({ ours, floor }) => ours / floor),
    oursToChain: medianOf(({ ours, chain }) => ours / chain),
  }
}
