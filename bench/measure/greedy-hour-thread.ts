// An hour in which one organization sends a new filter with each request, at the whole rate of all its keys, while others poll
// their jobs: the bundle of our Worker in this thread, with its real adapters and a real Redis engine.

import { workerData } from 'node:worker_threads'
import { loadBundledWorker } from '../rig/bundled-worker.ts'
import { sendFigure, sendProgress } from '../rig/figure-thread.ts'
import { SimulatedNetwork } from '../rig/simulated-network.ts'
import {
  createOrganizations,
  type SimulatedOrganization,
  visitorsOf,
} from '../rig/simulated-organizations.ts'
import { pathOf } from '../scenario.ts'
import { greedyTask } from './greedy-hour.ts'

const START_MS = Date.parse('2026-11-10T12:00:00Z')
const SECOND_MS = 1_000
const SECONDS = 3_600
/** The days of `period=7d` at that time. */
const WINDOW = ['2026-11-03', '2026-11-09'] as const
/** Each of the others asks for another job every twelve minutes, and for the same one every minute. */
const JOBS = 5

const { bundle, others: otherCount, keys, requestsPerMinute } = greedyTask.parse(workerData)
const [greedy] = await createOrganizations(1, { keys, jobs: 0 })
if (greedy === undefined) throw new Error('There is one such organization')
const others = await createOrganizations(otherCount, { first: 2, jobs: JOBS })
const network = await SimulatedNetwork.open([greedy, ...others], 'UTC')
const send = await loadBundledWorker(bundle)

const wrong: string[] = []
const statuses: Record<string, number> = {}
let greedyRequests = 0
let othersRequests = 0
for (let second = 0; second < SECONDS; second++) {
  network.nowMs = START_MS + second * SECOND_MS
  const due = Math.floor(((second + 1) * keys * requestsPerMinute) / 60) - greedyRequests
  const turn = others.filter((_, number) => number % 60 === second % 60)
  const job = Math.floor((second * JOBS) / SECONDS)
  await Promise.all([
    ...Array.from({ length: due }, sendGreedily),
    ...turn.map((other) => check(other, other.jobs[job] ?? '')),
  ])
  if (second % 60 === 0) sendProgress(second / SECONDS)
}
await network.close()
const counts = [...network.queriesByHour.values()]
sendFigure({
  others: otherCount,
  othersRequests,
  wrong: wrong.length,
  firstWrong: wrong[0],
  greedyRequests,
  greedyStatuses: statuses,
  greedyQueries: network.queriesBySite.get(greedy.site) ?? 0,
  storeQueries: counts.reduce((sum, count) => sum + count, 0),
  refusedQueries: network.refusedQueries,
})

async function sendGreedily(): Promise<void> {
  const number = greedyRequests++
  const apiKey = greedy?.apiKeys[number % keys] ?? ''
  const { status, body } = await send(network.nowMs, `/analytics/site?source=s${number}&period=7d`, apiKey)
  await body?.cancel()
  statuses[status] = (statuses[status] ?? 0) + 1
}

/** Sends one request of another organization, and records what is wrong with the response. */
async function check({ site, apiKeys: [apiKey = ''] }: SimulatedOrganization, job: string): Promise<void> {
  othersRequests++
  const response = await send(network.nowMs, `/analytics/jobs?jobIds=${job}&period=7d`, apiKey)
  const text = await response.text()
  const visitors = { [job]: visitorsOf(site, pathOf(job), WINDOW) }
  const expected = JSON.stringify({ data: { visitors }, meta: { period: '7d', total_jobs: 1 } })
  const cacheStatus = response.headers.get('cache-status') ?? ''
  if (response.status === 200 && text === expected && !cacheStatus.includes('detail')) return
  wrong.push(
    `${new Date(network.nowMs).toISOString()} ${site}: ${response.status} ${cacheStatus} ${text.slice(0, 200)}`,
  )
}
