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

/** How much is sent. */
export interface CpuEffort {
  /** Of each kind in a round. */
  requests: number
  /** Rounds before those that count: until V8 has compiled what it will, a request costs up to half as much again. */
  warmUpRounds: number
  rounds: number
  /** How many fleets do all of this, one after the other. */
  fleets: number
}

/** One after the other, as an isolate sees the requests of one key: at most 100 a minute. */
const CONCURRENCY = 1
const SETTLE_MS = 20
/** The chain is slow and needs no close figure, so it is warmed up in fewer rounds. */
const CHAIN_WARMS_EVERY = 3

type Sample = Record<Variant, number>

/**
 * Measures every case in alternating rounds, so that whatever else the machine does falls on all of them, and in several
 * fleets, which it ends: the same code takes some per cent more in one process than in another.
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
    const sent = counts || round % CHAIN_WARMS_EVERY === 0 ? VARIANTS : (['ours', 'floor'] as const)
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
