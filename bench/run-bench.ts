// Every measurement, in the order they run. Those that need a quiet machine run alone.

import { join } from 'node:path'
import * as z from 'zod/mini'
import { type BundleFigure, measureBundle } from './measure/bundle-size.ts'
import { type CpuEffort, type CpuFigure, measureCpu } from './measure/cpu.ts'
import { type GreedyFigure, type GreedyTask, startGreedyHour } from './measure/greedy-hour.ts'
import { type HeapEffort, type HeapFigure, measureHeap } from './measure/heap.ts'
import { type HopsFigure, measureHops } from './measure/hops.ts'
import { countRequestsMade, type RequestsFigure } from './measure/requests-made.ts'
import { measureSiblingHops, type SiblingHopsFigure } from './measure/sibling-hops.ts'
import { type DayFigure, type DayTask, startSimulatedDay } from './measure/simulated-day.ts'
import { type HourEffort, type HourFigure, simulateHour } from './measure/simulated-hour.ts'
import { type SqlFigure, type SqlMeasurement, startSqlMeasurement } from './measure/sql.ts'
import { measureStartUp, type StartUpFigure } from './measure/start-up.ts'
import { buildWorkers } from './rig/build-workers.ts'
import { countsOf, type Fleet, startFleet } from './rig/fleet.ts'
import { startStubStores } from './rig/stub-stores.ts'
import { bindingsFor } from './scenario.ts'

/** All figures of a run. */
export interface Figures {
  hops: HopsFigure[]
  siblingHops: SiblingHopsFigure[]
  cpu: CpuFigure[]
  requestsMade: RequestsFigure[]
  hour: HourFigure
  day: DayFigure
  greedy: GreedyFigure
  /** Only if it was requested. */
  heap?: HeapFigure
  sql: SqlFigure
  bundle: BundleFigure
  startUp: StartUpFigure
}

/** How many requests, rounds and rows a run takes. */
export interface Effort {
  latencies: number
  cpu: CpuEffort
  hour: HourEffort
  day: Omit<DayTask, 'bundle'>
  greedy: Omit<GreedyTask, 'bundle'>
  heap: HeapEffort
  largeJobs: number
  starts: number
}

/** A run that counts. */
export const FULL: Effort = {
  latencies: 240,
  cpu: { requests: 100, warmUpRounds: 16, rounds: 8, fleets: 2 },
  hour: { hour: 6_000, laterHours: 240 },
  day: { organizations: 500, polls: 288 },
  greedy: { others: 49, keys: 10, requestsPerMinute: 100 },
  heap: { requests: 100_000, keys: 10_000 },
  largeJobs: 1_000_000,
  starts: 5,
}

/** A run that shows that everything works. */
export const QUICK: Effort = {
  latencies: 20,
  cpu: { requests: 40, warmUpRounds: 1, rounds: 2, fleets: 1 },
  hour: { hour: 300, laterHours: 24 },
  day: { organizations: 20, polls: 24 },
  greedy: { others: 49, keys: 10, requestsPerMinute: 2 },
  heap: { requests: 2_000, keys: 200 },
  largeJobs: 10_000,
  starts: 1,
}

const SMALL_JOBS = 1_000

/** Runs all of them in a directory of their own; the heap only `withHeap`. Ends everything that it starts, also when it fails. */
export async function runBench(
  effort: Effort,
  directory: string,
  withHeap: boolean,
  progress: (text: string) => void,
): Promise<Figures> {
  const stops: (() => Promise<void>)[] = []
  try {
    progress('bundling')
    const built = await buildWorkers(directory)
    const { bundles, compatibilityDate } = built
    const stubs = await startStubStores()
    stops.push(() => stubs.stop())
    const start = () => startFleet({ directory, built, stubs })
    const fleet = await start()
    stops.push(() => fleet.stop())

    progress('subrequests')
    const requestsMade = await countRequestsMade(fleet)
    progress('hops')
    const hops = await measureHops(fleet, effort.latencies)
    const siblingHops = await measureSiblingHops(fleet, effort.latencies)
    const cpu = await measureCpu(start, effort.cpu, (done) => progress(`CPU ${percent(done)}`))

    progress('start-up')
    const { ours: bundle } = bundles
    const bindings = bindingsFor(stubs.urls)
    const startUp = await measureStartUp({
      directory,
      bundle,
      bindings,
      compatibilityDate,
      runs: effort.starts,
    })
    const measuredSql = startSqlMeasurement(await sqlTaskOf(fleet, effort))
    stops.push(() => measuredSql.stop())
    const heap = withHeap
      ? await measureHeap({
          directory: join(directory, 'run-inspected'),
          bundle,
          compatibilityDate,
          stubs,
          effort: effort.heap,
          progress: (done) => progress(`heap ${percent(done)}`),
        })
      : undefined
    const { clocked } = bundles
    const simulatedDay = startSimulatedDay({ bundle: clocked, ...effort.day }, (done) =>
      progress(`simulated day ${percent(done)}`),
    )
    stops.push(() => simulatedDay.stop())
    // Neither the simulations nor the filling of the tables measure time, so they run at once.
    const hour = await simulateHour({
      directory: join(directory, 'run-clocked'),
      bundle: clocked,
      compatibilityDate,
      stubs,
      effort: effort.hour,
      progress: (done) => progress(`simulated hour and day ${percent(done)}`),
    })
    const day = await simulatedDay.figure
    const greedyHour = startGreedyHour({ bundle: clocked, ...effort.greedy }, (done) =>
      progress(`hour of a greedy organization ${percent(done)}`),
    )
    stops.push(() => greedyHour.stop())
    const greedy = await greedyHour.figure
    const sql = await sqlOf(measuredSql, progress)
    return {
      hops,
      siblingHops,
      cpu,
      requestsMade,
      hour,
      day,
      greedy,
      sql,
      bundle: await measureBundle(bundle),
      startUp,
      ...(heap && { heap }),
    }
  } finally {
    await Promise.all(stops.map((stop) => stop()))
  }
}

async function sqlOf(measurement: SqlMeasurement, progress: (text: string) => void): Promise<SqlFigure> {
  progress('filling tables')
  await measurement.filled
  progress('SQL')
  return measurement.measure()
}

const sentStatement = z.object({ query: z.string() })

/** The statement that our Worker sends. */
async function sqlTaskOf({ stubs, workers }: Fleet, effort: Effort) {
  const { bodies } = await countsOf(stubs, workers.ours, { jobs: 1, cached: true })
  const statement = sentStatement.parse(JSON.parse(bodies.postgres[0] ?? '')).query
  return { statement, smallJobs: SMALL_JOBS, largeJobs: effort.largeJobs }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
