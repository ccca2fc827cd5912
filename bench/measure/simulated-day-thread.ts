// A day of many organizations that share one key of the analytics store: the bundle of our Worker in this thread, with its
// real adapters and a real Redis engine. Only the network is left out, and the clock is simulated.

import { workerData } from 'node:worker_threads'
import { DateTime } from 'luxon'
import { loadBundledWorker } from '../rig/bundled-worker.ts'
import { sendFigure, sendProgress } from '../rig/figure-thread.ts'
import { SimulatedNetwork } from '../rig/simulated-network.ts'
import {
  createOrganizations,
  type SimulatedOrganization,
  visitorsOf,
} from '../rig/simulated-organizations.ts'
import { JOB_COUNT, pathOf } from '../scenario.ts'
import { dayTask } from './simulated-day.ts'

const TIME_ZONE = 'Europe/Berlin'
const START = DateTime.fromISO('2026-11-10T12:00', { zone: TIME_ZONE })
const DAY_MS = 86_400_000
const PERIOD_DAYS = 30

const { bundle, organizations: organizationCount, polls } = dayTask.parse(workerData)
const organizations = await createOrganizations(organizationCount, { jobs: JOB_COUNT })
const network = await SimulatedNetwork.open(organizations, TIME_ZONE)
const send = await loadBundledWorker(bundle)
/** They are the same all day but for the window, so they are created once. */
const expectedTexts = new Map<string, string>()

const wrong: string[] = []
for (let poll = 0; poll < polls; poll++) {
  network.nowMs = START.toMillis() + Math.round((poll * DAY_MS) / polls)
  const window = expectedWindow(network.nowMs)
  const responses = await Promise.all(
    organizations.map((organization) => problemOfResponse(organization, window)),
  )
  wrong.push(...responses.filter((problem) => problem !== undefined))
  sendProgress(poll / polls)
}
await network.close()
const counts = [...network.queriesByHour.values()]
sendFigure({
  organizations: organizationCount,
  requests: organizationCount * polls,
  wrong: wrong.length,
  firstWrong: wrong[0],
  storeQueries: counts.reduce((sum, count) => sum + count, 0),
  busiestHourQueries: Math.max(0, ...counts),
  refusedQueries: network.refusedQueries,
})

/** Sends one request. Resolves to what is wrong with the response. */
async function problemOfResponse(
  organization: SimulatedOrganization,
  window: readonly [string, string],
): Promise<string | undefined> {
  const {
    site,
    apiKeys: [apiKey = ''],
    jobs,
  } = organization
  const path = `/analytics/jobs?jobIds=${jobs.join()}&period=${PERIOD_DAYS}d`
  const response = await send(network.nowMs, path, apiKey)
  const text = await response.text()
  if (response.status === 200 && text === expectedText(organization, window)) return undefined
  return `${new Date(network.nowMs).toISOString()} ${site}: ${response.status} ${text.slice(0, 200)}`
}

function expectedText({ site, jobs }: SimulatedOrganization, window: readonly [string, string]): string {
  const name = `${site} ${window}`
  const existing = expectedTexts.get(name)
  if (existing !== undefined) return existing
  const visitors = Object.fromEntries(jobs.map((id) => [id, visitorsOf(site, pathOf(id), window)]))
  const text = JSON.stringify({
    data: { visitors },
    meta: { period: `${PERIOD_DAYS}d`, total_jobs: JOB_COUNT },
  })
  expectedTexts.set(name, text)
  return text
}

/** The days of the period, from another calendar than the Worker's. */
function expectedWindow(atMs: number): [string, string] {
  const today = DateTime.fromMillis(atMs, { zone: TIME_ZONE })
  const day = (daysAgo: number) => today.minus({ days: daysAgo }).toFormat('yyyy-MM-dd')
  return [day(PERIOD_DAYS), day(1)]
}
