// How often the analytics store is queried in an hour and in a day: our Worker over a real Redis, with a simulated clock.

import { startWorkerd } from '../../harness/workerd.ts'
import { openEmbeddedRedis } from '../../local/redis/embedded-redis.ts'
import type { RedisBackend } from '../../local/redis/redis-backend.ts'
import { startUpstashFront } from '../../local/redis/upstash-front.ts'
import { sendLoad, sendOne } from '../rig/load.ts'
import type { StubStores } from '../rig/stub-stores.ts'
import { bindingsFor, JOB_COUNT, jobIds, REDIS_TOKEN, requestFor } from '../scenario.ts'

/** The queries of one client that polls the same 100 jobs over the four periods in turn. */
export interface HourFigure {
  /** Spread evenly over one hour without a midnight. */
  requests: number
  storeQueries: number
  /** Requests in the 24 hours that begin with that hour; midnight is in the middle of them. */
  dayRequests: number
  dayStoreQueries: number
  /** Store queries of 10 first requests at once for the same job. */
  firstRequestsQueries: number
  /** Commands that Redis runs for one request, those within scripts included. Upstash bills for them. */
  redisCommandsRun: { cold: number; warm: number }
}

/** How many requests the simulation sends. */
export interface HourEffort {
  /** In the first hour. 6,000 is the rate that one key may reach. */
  hour: number
  /** In each of the 23 hours after it. */
  laterHours: number
}

const HOUR_MS = 3_600_000
const LATER_HOURS = 23
/** The site counts its days in UTC. */
const NOON = Date.parse('2026-11-10T12:00:00Z')
const PERIODS = ['7d', '30d', '6mo', '12mo']
const FIRST_REQUESTS = 10
const SETTLE_MS = 100

/** Runs the hour and the rest of the day. */
export async function simulateHour(options: {
  directory: string
  bundle: string
  compatibilityDate: string
  stubs: StubStores
  effort: HourEffort
  progress: (done: number) => void
}): Promise<HourFigure> {
  const { directory, bundle, compatibilityDate, stubs, effort, progress } = options
  const redis = await openEmbeddedRedis()
  const front = await startUpstashFront({ redis, token: REDIS_TOKEN })
  const bindings = bindingsFor({ ...stubs.urls, redis: front.url })
  const worker = await startWorkerd({ directory, bundle, bindings, compatibilityDate })
  try {
    const { headers } = await requestFor(JOB_COUNT)
    const at = (offsetMs: number) => ({ ...headers, 'x-bench-now': String(Math.floor(NOON + offsetMs)) })
    const urlOf = (period: string | undefined, ids = jobIds(JOB_COUNT)) =>
      `${worker.url}/analytics/jobs?jobIds=${ids.join(',')}&period=${period}`

    await stubs.set({ delayMs: SETTLE_MS, cached: false })
    const [firstJob = ''] = jobIds(1)
    const load = {
      url: urlOf('7d', [firstJob]),
      headers: at(0),
      count: FIRST_REQUESTS,
      concurrency: FIRST_REQUESTS,
    }
    await sendLoad(load)
    const firstRequestsQueries = (await stubs.set({ delayMs: 0, cached: false })).requests.plausible
    await settle()

    const run = () => sendOne(urlOf('30d'), at(0))
    const redisCommandsRun = { cold: await commandsOf(redis, run), warm: await commandsOf(redis, run) }
    await redis.send([['FLUSHALL']])

    const all = effort.hour + LATER_HOURS * effort.laterHours
    let sent = 0
    const queriesWhile = async (startMs: number, hours: number, requests: number) => {
      await stubs.set({ delayMs: 0, cached: false })
      for (let index = 0; index < requests; index++) {
        const offsetMs = startMs + (index * hours * HOUR_MS) / requests
        await sendOne(urlOf(PERIODS[index % PERIODS.length]), at(offsetMs))
        if (sent++ % 100 === 0) progress(sent / all)
      }
      await settle()
      return (await stubs.set({ delayMs: 0, cached: false })).requests.plausible
    }
    const storeQueries = await queriesWhile(0, 1, effort.hour)
    const laterQueries = await queriesWhile(HOUR_MS, LATER_HOURS, LATER_HOURS * effort.laterHours)
    return {
      requests: effort.hour,
      storeQueries,
      dayRequests: all,
      dayStoreQueries: storeQueries + laterQueries,
      firstRequestsQueries,
      redisCommandsRun,
    }
  } finally {
    await worker.stop()
    await front.close()
    await redis.close()
  }
}

/** Commands that the engine runs from before a request until after its background tasks. */
async function commandsOf(redis: RedisBackend, run: () => Promise<unknown>): Promise<number> {
  await redis.send([['CONFIG', 'RESETSTAT']])
  await run()
  await settle()
  const [reply] = await redis.send([['INFO', 'commandstats']])
  const lines = String(reply).matchAll(/^cmdstat_([a-z|_-]+):calls=(\d+)/gm)
  return Array.from(lines)
    .filter(([, name]) => name !== 'config|resetstat' && name !== 'info')
    .reduce((sum, [, , calls]) => sum + Number(calls), 0)
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
}
