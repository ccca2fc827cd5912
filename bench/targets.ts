// What the figures are to reach, and whether they do.

import { readsIndexesOnly } from './measure/sql.ts'
import type { Figures } from './run-bench.ts'

/** One target; `met` where `value` is at most `limit`. */
export interface Target {
  name: string
  value: number
  limit: number
  met: boolean
}

/** Every target of a run. */
export function targetsOf(figures: Figures): Target[] {
  const { hour, sql } = figures
  return [
    ...hopTargets(figures),
    ...cpuTargets(figures),
    ...requestTargets(figures),
    ...siblingTargets(figures),
    target(`store queries in an hour of ${hour.requests} requests`, hour.storeQueries, 60),
    target('store queries of 10 first requests at once', hour.firstRequestsQueries, 10),
    target(`SQL time at ${sql.largeJobs} jobs over ${sql.smallJobs}`, sql.ratio, 1.5),
    target('tables read without an index', sql.accesses.length > 0 && readsIndexesOnly(sql) ? 0 : 1, 0),
  ]
}

const MAX_HOPS = { cold: 2.25, warm: 1.25 }
const MAX_P99_TO_MEDIAN = 2

function hopTargets({ hops }: Figures): Target[] {
  return hops
    .filter(({ variant }) => variant === 'ours')
    .flatMap(({ cache, hops: count, p99Ms, medianMs }) => [
      target(`hops, ${cache}`, count, MAX_HOPS[cache]),
      target(`p99 over median, ${cache}`, p99Ms / medianMs, MAX_P99_TO_MEDIAN),
    ])
}

/** What a hop takes besides the store's delay, as in the targets above. */
const SLACK = 0.25

function siblingTargets({ siblingHops }: Figures): Target[] {
  return siblingHops.map(({ endpoint, cache, hops, planned }) =>
    target(`hops, ${endpoint.split('?')[0]}, ${cache}`, hops, planned + SLACK),
  )
}

const MAX_CPU_TO_FLOOR = 1.35
const MAX_CPU_100_TO_1 = 1.4

function cpuTargets({ cpu }: Figures): Target[] {
  const toFloor = cpu.map(({ cache, jobs, oursToFloor }) =>
    target(
      `CPU over the floor, ${cache}, ${jobs === 1 ? '1 job' : `${jobs} jobs`}`,
      oursToFloor,
      MAX_CPU_TO_FLOOR,
    ),
  )
  const growth = (['cold', 'warm'] as const).map((cache) => {
    const [one, many] = [1, 100].map((jobs) =>
      cpu.find((figure) => figure.cache === cache && figure.jobs === jobs),
    )
    const ratio = (many?.microseconds.ours ?? Number.NaN) / (one?.microseconds.ours ?? Number.NaN)
    return target(`CPU of 100 jobs over 1 job, ${cache}`, ratio, MAX_CPU_100_TO_1)
  })
  return [...toFloor, ...growth]
}

const MAX_SUBREQUESTS = { cold: 4, warm: 3 }

function requestTargets({ requestsMade }: Figures): Target[] {
  return requestsMade
    .filter(({ variant }) => variant === 'ours')
    .map(({ cache, subrequests }) => target(`subrequests, ${cache}`, subrequests, MAX_SUBREQUESTS[cache]))
}

function target(name: string, value: number, limit: number): Target {
  return { name, value, limit, met: value <= limit }
}
