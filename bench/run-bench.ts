// Every measurement, in the order it runs: what needs a quiet machine runs alone.

import { join } from 'node:path'
import * as z from 'zod/mini'
import { type BundleFigure, measureBundle } from './measure/bundle-size.ts'
import { type CpuEffort, type CpuFigure, measureCpu } from './measure/cpu.ts'
import { type HopsFigure, measureHops } from './measure/hops.ts'
import { countRequestsMade, type RequestsFigure } from './measure/requests-made.ts'
import { measureSiblingHops, type SiblingHopsFigure } from './measure/sibling-hops.ts'
import { type HourFigure, simulateHour } from './measure/simulated-hour.ts'
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
  sql: SqlFigure
  bundle: BundleFigure
  startUp: StartUpFigure
}

/** How much of each is done. */
export interface Effort {
  latencies: number
  cpu: CpuEffort
  hourRequests: number
  largeJobs: number
  starts: number
}

export const FULL: Effort = {
  latencies: 240,
  cpu: { requests: 100, warmUpRounds: 16, rounds: 8, fleets: 2 },
  hourRequests: 6_000,
  largeJobs: 1_000_000,
  starts: 5,
}

export const QUICK: Effort = {
  latencies: 20,
  cpu: { requests: 40, warmUpRounds: 1, rounds: 2, fleets: 1 },
  hourRequests: 300,
  largeJobs: 10_000,
  starts: 1,
}

const SMALL_JOBS = 1_000

/** Runs all of it in a directory of its own. Everything it starts is ended, also when it fails. */
export async function runBench(
  effort: Effort,
  directory: string,
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
    // Neither the hour nor the filling of the tables is a matter of time, so they run at once.
    const hour = await simulateHour({
      directory: join(directory, 'run-clocked'),
      bundle: bundles.clocked,
      compatibilityDate,
      stubs,
      requests: effort.hourRequests,
      progress: (done) => progress(`simulated hour ${percent(done)}`),
    })
    const sql = await sqlOf(measuredSql, progress)
    return { hops, siblingHops, cpu, requestsMade, hour, sql, bundle: await measureBundle(bundle), startUp }
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

/** The statement is the one our Worker sends. */
async function sqlTaskOf({ stubs, workers }: Fleet, effort: Effort) {
  const { bodies } = await countsOf(stubs, workers.ours, { jobs: 1, cached: true })
  const statement = sentStatement.parse(JSON.parse(bodies.postgres[0] ?? '')).query
  return { statement, smallJobs: SMALL_JOBS, largeJobs: effort.largeJobs }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
