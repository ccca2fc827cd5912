// `npm run scale`: measures what one request costs each store, then simulates 10 to 10,000 requests a second with these costs.

import { Command } from 'commander'
import { killAllPrograms } from '../harness/processes.ts'
import { measureCost } from './scale/measure-costs.ts'
import { averageCost, planFor } from './scale/scale-plan.ts'
import { costTable, rateTable } from './scale/scale-report.ts'
import { requestKinds, startScaleRig } from './scale/scale-rig.ts'
import type { TrafficPart } from './scale/simulate.ts'

const REQUESTS = 300
const RATES = [10, 100, 1_000, 10_000]

new Command('npm run scale --')
  .description(
    'Measure what one request costs each store, then simulate 10 to 10,000 requests a second with these costs.\nTakes about two minutes, on Linux, with redis-server and postgres installed.',
  )
  .allowExcessArguments(false)
  .parse()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killAllPrograms()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })
}

try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function run(): Promise<void> {
  const rig = await startScaleRig()
  const traffic: TrafficPart[] = []
  try {
    for (const kind of requestKinds(rig)) {
      console.error(`measuring: ${kind.name}`)
      traffic.push({ share: kind.share, cost: await measureCost(rig, kind, REQUESTS) })
    }
  } finally {
    await rig.close()
  }
  console.log(costTable([...traffic.map(({ cost }) => cost), averageCost(traffic)]))
  console.log(`\n${rateTable(RATES.map((rate) => planFor(traffic, rate)))}`)
}
