// The targets, and whether the figures meet them.

import { readsIndexesOnly } from './measure/sql.ts'
import type { Figures } from './run-bench.ts'

/** One target; `met` if `value` is at most `limit`. */
export interface Target {
  name: string
  value: number
  limit: number
  met: boolean
}

/** Every target of a run. */
export function targetsOf(figures: Figures): Target[] {
  const { hour, day, greedy, sql, bundle, heap } = figures
  return [
    ...hopTargets(figures),
    ...cpuTargets(figures),
    ...requestTargets(figures),
    ...siblingTargets(figures),
    target(`store queries in an hour of ${hour.requests} requests`, hour.storeQueries, 4),
    target('store queries in 24 hours with one midnight', hour.dayStoreQueries, 12),
    target(`wrong responses in a day of ${day.organizations} organizations`, day.wrong, 0),
    target(`wrong responses to ${greedy.others} organizations beside a greedy one`, greedy.wrong, 0),
    target(
      `store queries of the greedy one's ${greedy.greedyRequests} requests`,
      greedy.greedyQueries,
      MAX_SHARE,
    ),
    target('store queries of 10 first requests at once', hour.firstRequestsQueries, 10),
    target(`SQL time at ${sql.largeJobs} jobs over ${sql.smallJobs}`, sql.ratio, 1.5),
    target('tables read without an index', sql.accesses.length > 0 && readsIndexesOnly(sql) ? 0 : 1, 0),
    target('bundle, bytes of gzip', bundle.gzipBytes, MAX_GZIP_BYTES),
    ...(heap
      ? [target('heap, second half of the requests over first half', heap.growth, MAX_HEAP_GROWTH)]
      : []),
  ]
}

/** Half of the store's 600 queries an hour. */
const MAX_SHARE = 300
const MAX_HEAP_GROWTH = 1.1
const MAX_GZIP_BYTES = 132_000
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

/** What may come on top of the stores' delay, as in the targets above. */
const SLACK = 0.25

function siblingTargets({ siblingHops }: Figures): Target[] {
  return siblingHops.map(({ endpoint, cache, hops, planned }) =>
    target(`hops, ${endpoint.split('?')[0]}, ${cache}`, hops, planned + SLACK),
  )
}

const MAX_CPU_TO_CHAIN = 0.9
const MAX_CPU_100_TO_1 = 1.6

function cpuTargets({ cpu }: Figures): Target[] {
  const toChain = cpu.map(({ cache, jobs, oursToChain }) =>
    target(
      `CPU over the plain chain, ${cache}, ${jobs === 1 ? '1 job' : `${jobs} jobs`}`,
      oursToChain,
      MAX_CPU_TO_CHAIN,
    ),
  )
  const growth = (['cold', 'warm'] as const).map((cache) => {
    const [one, many] = [1, 100].map((jobs) =>
      cpu.find((figure) => figure.cache === cache && figure.jobs === jobs),
    )
    const ratio = (many?.microseconds.ours ?? Number.NaN) / (one?.microseconds.ours ?? Number.NaN)
    return target(`CPU of 100 jobs over 1 job, ${cache}`, ratio, MAX_CPU_100_TO_1)
  })
  return [...toChain, ...growth]
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
