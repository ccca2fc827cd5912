// The figures as tables for people.

import { cpus } from 'node:os'
import Table from 'cli-table3'
import type { HeapFigure } from './measure/heap.ts'
import { readsIndexesOnly } from './measure/sql.ts'
import type { Figures } from './run-bench.ts'
import type { Target } from './targets.ts'

/** Where the figures were measured. */
export interface Machine {
  cpu: string
  cores: number
  node: string
}

/** The figures of a run and its targets. */
export interface Report extends Figures {
  machine: Machine
  quick: boolean
  seconds: number
  targets: Target[]
}

/** This machine. */
export function machineOf(): Machine {
  const [first] = cpus()
  return { cpu: first?.model.trim() || 'unknown', cores: cpus().length, node: process.version }
}

/** The whole report as text. */
export function tablesOf(report: Report): string {
  const { machine, quick, seconds } = report
  const where = `${machine.cores} x ${machine.cpu}, Node ${machine.node}, ${seconds} s`
  const missed = report.targets.filter(({ met }) => !met).length
  const verdict =
    missed === 0 ? 'All targets are met.' : `${missed} of ${report.targets.length} targets are missed.`
  return [
    `${where}${quick ? ', quick: rough figures' : ''}`,
    hopsTable(report),
    siblingsTable(report),
    cpuTable(report),
    requestsTable(report),
    oneNumberTable(report),
    ...(report.heap ? [heapTable(report.heap)] : []),
    targetsTable(report),
    verdict,
  ].join('\n\n')
}

function hopsTable({ hops }: Report): string {
  const rows = hops.map(({ variant, cache, hops: count, medianMs, p99Ms }) => [
    variant,
    cache,
    count.toFixed(2),
    medianMs.toFixed(1),
    p99Ms.toFixed(1),
  ])
  return table(['100 jobs, stores 40 ms away', 'cache', 'hops', 'median ms', 'p99 ms'], rows)
}

function siblingsTable({ siblingHops }: Report): string {
  const rows = siblingHops.map(({ endpoint, cache, hops, medianMs }) => [
    endpoint,
    cache,
    hops.toFixed(2),
    medianMs.toFixed(1),
  ])
  return table(['other endpoints, stores 40 ms away', 'cache', 'hops', 'median ms'], rows)
}

function cpuTable({ cpu }: Report): string {
  const rows = cpu.map(({ cache, jobs, microseconds, oursToBaseline, oursToChain }) => [
    `${cache}, ${jobs === 1 ? '1 job' : `${jobs} jobs`}`,
    microseconds.ours.toFixed(0),
    microseconds.baseline.toFixed(0),
    microseconds.chain.toFixed(0),
    oursToBaseline.toFixed(2),
    oursToChain.toFixed(2),
  ])
  return table(['CPU per request, µs', 'ours', 'baseline', 'chain', 'ours/baseline', 'ours/chain'], rows)
}

function requestsTable({ requestsMade, hour }: Report): string {
  const rows = requestsMade.map(({ variant, cache, subrequests, redisCommands }) => [
    variant,
    cache,
    subrequests,
    redisCommands,
    variant === 'ours' ? hour.redisCommandsRun[cache] : '',
  ])
  return table(['one request', 'cache', 'subrequests', 'Redis commands', 'with those in scripts'], rows)
}

function oneNumberTable({ hour, day, greedy, sql, bundle, startUp }: Report): string {
  const plan = sql.accesses.map(({ table: name, by }) => `${name}: ${by}`).join(', ')
  return table(
    ['figure', 'value'],
    [
      [`store queries, hour of ${hour.requests} requests for 100 jobs`, hour.storeQueries],
      [`store queries, 24 hours of ${hour.dayRequests} requests for 100 jobs`, hour.dayStoreQueries],
      [`wrong responses, day of ${day.requests} requests of ${day.organizations} organizations`, day.wrong],
      ['their store queries, and the most in one hour', `${day.storeQueries}, ${day.busiestHourQueries}`],
      [
        `wrong of ${greedy.othersRequests} responses to ${greedy.others} organizations beside a greedy one`,
        greedy.wrong,
      ],
      [
        `store queries of its ${greedy.greedyRequests} requests in the hour, and of all`,
        `${greedy.greedyQueries}, ${greedy.storeQueries}`,
      ],
      ['store queries, 10 first requests at once', hour.firstRequestsQueries],
      [`SQL at ${sql.smallJobs} jobs, median`, `${sql.smallMs.toFixed(2)} ms`],
      [`SQL at ${sql.largeJobs} jobs, median`, `${sql.largeMs.toFixed(2)} ms`],
      [`SQL plan (${readsIndexesOnly(sql) ? 'indexes only' : 'not only indexes'})`, plan],
      ['bundle', `${(bundle.bytes / 1_000).toFixed(0)} kB, gzip ${(bundle.gzipBytes / 1_000).toFixed(0)} kB`],
      ['start of workerd to the first response, median', `${startUp.medianMs.toFixed(0)} ms`],
    ],
  )
}

function heapTable({ keys, points, growth }: HeapFigure): string {
  const rows = points.map(({ requests, megabytes }) => [requests, megabytes.toFixed(2)])
  const head = [`requests of ${keys} keys`, 'heap, MB']
  return table(head, [...rows, ['largest of the second half over the first half', growth.toFixed(2)]])
}

function targetsTable({ targets }: Report): string {
  const rows = targets.map(({ name, value, limit, met }) => [
    name,
    Number.isInteger(value) ? value : value.toFixed(2),
    limit,
    met ? 'met' : 'MISSED',
  ])
  return table(['target', 'value', 'at most', ''], rows)
}

function table(head: string[], rows: (string | number)[][]): string {
  const built = new Table({ head, style: { head: [], border: [] } })
  built.push(...rows)
  return built.toString()
}
