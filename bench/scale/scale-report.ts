// The tables of `npm run scale`, as Markdown.

import type { RequestCost } from './measure-costs.ts'
import { PRICES_OF } from './prices.ts'
import { dollarsPerMillion, type ScalePlan } from './scale-plan.ts'

/** What one request of each kind costs. */
export function costTable(costs: readonly RequestCost[]): string {
  const head = [
    ...['request', 'Redis commands', 'Redis bytes', 'Redis CPU, ms', 'Postgres CPU, ms', 'store queries'],
    ...['Worker CPU, ms', 'Redis, $', 'Neon, $', 'Workers, $'],
  ]
  const rows = costs.map((cost) => {
    const { redis, neon, workers } = dollarsPerMillion(cost)
    return [
      ...[cost.kind, cost.redisCommands.toFixed(1), thousands(cost.redisBytes), cost.redisCpuMs.toFixed(3)],
      ...[cost.postgresCpuMs.toFixed(2), cost.storeQueries.toFixed(2), cost.workerCpuMs.toFixed(2)],
      ...[redis, neon, workers].map((dollars) => dollars.toFixed(2)),
    ]
  })
  return [
    `Dollars are for a million requests, at the list prices of ${PRICES_OF}.`,
    '',
    table(head, rows),
  ].join('\n')
}

/** What each rate needs. */
export function rateTable(plans: readonly ScalePlan[]): string {
  const head = [
    ...[
      'requests a second',
      'Redis commands a second',
      'one Redis process',
      'Neon compute units',
      'waits in Postgres, p99',
    ],
    ...['store queries in the busiest hour', 'Redis, $ a month', 'Neon, $', 'Workers, $', 'breaks'],
  ]
  const rows = plans.map(({ simulated, neonUnits, dollars, broken, ...plan }) => [
    thousands(simulated.requestsPerSecond),
    thousands(plan.redisCommandsPerSecond),
    `${Math.round(simulated.redis.utilization * 100)} % busy`,
    neonUnits === undefined ? 'more than 56' : String(neonUnits),
    `${simulated.postgres.waitP99Ms.toFixed(1)} ms`,
    thousands(plan.storeQueriesPerHour),
    ...[dollars.redis, dollars.neon, dollars.workers].map((sum) =>
      Number.isNaN(sum) ? '–' : thousands(sum),
    ),
    broken.join('; ') || 'nothing',
  ])
  return table(head, rows)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
