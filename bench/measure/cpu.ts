// The CPU time of a request in workerd, for our Worker, the baseline and the chain, with stores that respond at once.

import { median } from '../../harness/statistics.ts'
import type { Fleet, Variant } from '../rig/fleet.ts'
import { VARIANTS } from '../rig/fleet.ts'
import { cpuMicroseconds } from '../rig/process-cpu.ts'

/** What is measured. */
export const CPU_CASES = [
  { cache: 'cold', jobs: 1 },
  { cache: 'cold', jobs: 100 },
  { cache: 'warm', jobs: 1 },
  { cache: 'warm', jobs: 100 },
] as const
/** One case. */
export type CpuCase = (typeof CPU_CASES)[number]

/** Medians over all rounds; a ratio is the median of the ratios within each round. */
export interface CpuFigure {
  cache: CpuCase['cache']
  jobs: number
  /** Microseconds per request. */
  microseconds: Record<Variant, number>
  oursToBaseline: number
  oursToChain: number
}

/** How many requests are sent. */
export interface CpuEffort {
  /** Of each kind in a round. */
  requests: number
  /** Rounds before those that count. Until V8 has compiled the code, a request costs up to half as much again. */
  warmUpRounds: number
  rounds: number
  /** How many fleets are measured, one after the other. */
  fleets: number
}

/** One after the other, as the requests of one key arrive in an isolate: at most 100 a minute. */
const CONCURRENCY = 1
const SETTLE_MS = 20
/** The chain is slow, so it takes part in fewer of the rounds before those that count. */
const CHAIN_WARMS_EVERY = 3

type Sample = Record<Variant, number>

/**
 * Measures every case in alternating rounds, so that other work of the machine affects all Workers alike. Repeats this with
 * several fleets, since the same code uses some per cent more CPU in one process than in another.
 */
export async function measureCpu(
  start: () => Promise<Fleet>,
  effort: CpuEffort,
  progress: (done: number) => void,
): Promise<CpuFigure[]> {
  const samples = new Map<CpuCase, Sample[]>(CPU_CASES.map((testCase) => [testCase, []]))
  for (let started = 0; started < effort.fleets; started++) {
    const fleet = await start()
    try {
      await sampleFleet(fleet, effort, samples, (done) => progress((started + done) / effort.fleets))
    } finally {
      await fleet.stop()
    }
  }
  return Array.from(samples, ([testCase, taken]) => figureOf(testCase, taken))
}

async function sampleFleet(
  fleet: Fleet,
  { requests, warmUpRounds, rounds }: CpuEffort,
  samples: ReadonlyMap<CpuCase, Sample[]>,
  progress: (done: number) => void,
): Promise<void> {
  const all = warmUpRounds + rounds
  for (let round = 0; round < all; round++) {
    const counts = round >= warmUpRounds
    const sent = counts || round % CHAIN_WARMS_EVERY === 0 ? VARIANTS : (['ours', 'baseline'] as const)
    const order = sent.map((_, index) => sent[(index + round) % sent.length] ?? 'ours')
    for (const [testCase, taken] of samples) {
      const sample = await sampleCase(fleet, testCase, requests, order)
      if (counts) taken.push(sample)
    }
    progress((round + 1) / all)
  }
}

async function sampleCase(
  fleet: Fleet,
  { cache, jobs }: CpuCase,
  count: number,
  order: Variant[],
): Promise<Sample> {
  await fleet.stubs.set({ delayMs: 0, cached: cache === 'warm' })
  const sample: Sample = { ours: 0, baseline: 0, chain: 0 }
  for (const variant of order) {
    const { pid } = fleet.workers[variant]
    const before = await cpuMicroseconds(pid)
    await fleet.send(variant, { jobs, count, concurrency: CONCURRENCY })
    // The cost of a request includes its background tasks.
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
      baseline: medianOf(({ baseline }) => baseline),
      chain: medianOf(({ chain }) => chain),
    },
    oursToBaseline: medianOf(({ ours, baseline }) => ours / baseline),
    oursToChain: medianOf(({ ours, chain }) => ours / chain),
  }
}
