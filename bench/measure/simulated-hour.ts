// How often the analytics store is asked in an hour of requests: our Worker under a clock of our own, over a real Redis.

import { openEmbeddedRedis } from '../../local/redis/embedded-redis.ts'
import type { RedisBackend } from '../../local/redis/redis-backend.ts'
import { startUpstashFront } from '../../local/redis/upstash-front.ts'
import { sendLoad, sendOne } from '../rig/load.ts'
import type { StubStores } from '../rig/stub-stores.ts'
import { startWorkerd } from '../rig/workerd.ts'
import { bindingsFor, JOB_COUNT, jobIds, REDIS_TOKEN, requestFor } from '../scenario.ts'

export interface HourFigure {
  /** Spread evenly over one hour and the four periods, all for the same 100 jobs. */
  requests: number
  storeQueries: number
  /** Store queries of 10 first requests at once for the same jobs. */
  firstRequestsQueries: number
  /** Commands Redis ran for one request, those within scripts included: what Upstash bills. */
  redisCommandsRun: { cold: number; warm: number }
}

const HOUR_MS = 3_600_000
const PERIODS = ['7d', '30d', '6mo', '12mo']
const FIRST_REQUESTS = 10
const SETTLE_MS = 100

/** Runs the hour. `requests` of 6,000 is the rate one key may ask at. */
export async function simulateHour(options: {
  directory: string
  bundle: string
  compatibilityDate: string
  stubs: StubStores
  requests: number
  progress: (done: number) => void
}): Promise<HourFigure> {
  const { directory, bundle, compatibilityDate, stubs, requests, progress } = options
  const redis = await openEmbeddedRedis()
  const front = await startUpstashFront({ redis, token: REDIS_TOKEN })
  const bindings = bindingsFor({ ...stubs.urls, redis: front.url })
  const worker = await startWorkerd({ directory, bundle, bindings, compatibilityDate })
  try {
    const { headers } = await requestFor(JOB_COUNT)
    const startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
    const at = (offsetMs: number) => ({ ...headers, 'x-bench-now': String(startMs + offsetMs) })
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

    const run = () => sendOne(urlOf('30d'), at(HOUR_MS))
    const redisCommandsRun = { cold: await commandsOf(redis, run), warm: await commandsOf(redis, run) }
    await redis.send([['FLUSHALL']])

    await stubs.set({ delayMs: 0, cached: false })
    for (let index = 0; index < requests; index++) {
      const offsetMs = 2 * HOUR_MS + (index * HOUR_MS) / requests
      await sendOne(urlOf(PERIODS[index % PERIODS.length]), at(Math.floor(offsetMs)))
      if (index % 100 === 0) progress(index / requests)
    }
    await settle()
    const storeQueries = (await stubs.set({ delayMs: 0, cached: false })).requests.plausible
    return { requests, storeQueries, firstRequestsQueries, redisCommandsRun }
  } finally {
    await worker.stop()
    await front.close()
    await redis.close()
  }
}

/** Commands the engine ran from before a request until after what it left to do. */
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
