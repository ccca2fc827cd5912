// Our Worker and the two it is compared with, running side by side over the same stub stores.

import { join } from 'node:path'
import * as z from 'zod/mini'
import { type RunningWorker, startWorkerd } from '../../harness/workerd.ts'
import { bindingsFor, requestFor } from '../scenario.ts'
import { STORE_NAMES, type StubCounts } from '../stubs/stub-protocol.ts'
import type { BuiltWorkers } from './build-workers.ts'
import { sendLoad } from './load.ts'
import type { StubStores } from './stub-stores.ts'

/** Our Worker, the baseline and the plain chain. */
export const VARIANTS = ['ours', 'baseline', 'chain'] as const
/** One of the Workers. */
export type Variant = (typeof VARIANTS)[number]

/** All three, and the stores they share. */
export interface Fleet {
  workers: Record<Variant, RunningWorker>
  stubs: StubStores
  /** Sends the request for this many jobs to a variant, `count` times. Resolves to the milliseconds of each. */
  send(variant: Variant, load: { jobs: number; count: number; concurrency: number }): Promise<number[]>
  stop(): Promise<void>
}

/** How far the baseline's requests may differ in length from ours: ids and numbers differ by a few characters. */
const TOLERATED_DIFFERENCE = 0.03
const SETTLE_MS = 100

/** Starts all three. Rejects when the baseline's requests to the stores differ from ours. */
export async function startFleet(options: {
  directory: string
  built: BuiltWorkers
  stubs: StubStores
}): Promise<Fleet> {
  const { directory, built, stubs } = options
  const bindings = bindingsFor(stubs.urls)
  const start = (variant: Variant, extra: Record<string, string> = {}) =>
    startWorkerd({
      directory: join(directory, `run-${variant}`),
      bundle: built.bundles[variant],
      compatibilityDate: built.compatibilityDate,
      bindings: { ...bindings, ...extra },
    })
  const started: RunningWorker[] = []
  const keep = async (starting: Promise<RunningWorker>) => {
    const worker = await starting
    started.push(worker)
    return worker
  }
  const stop = async () => {
    await Promise.all(started.map((worker) => worker.stop()))
  }
  try {
    const ours = await keep(start('ours'))
    const texts = textsOf(await countsOf(stubs, ours, { jobs: 1, cached: false }))
    const workers = {
      ours,
      baseline: await keep(start('baseline', texts)),
      chain: await keep(start('chain')),
    }
    for (const cached of [false, true]) await checkBaseline(stubs, workers, cached)
    const requests = { 1: await requestFor(1), 100: await requestFor(100) }
    return {
      workers,
      stubs,
      async send(variant, { jobs, count, concurrency }) {
        const { path, headers } = requests[jobs === 1 ? 1 : 100]
        return sendLoad({ url: workers[variant].url + path, headers, count, concurrency })
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What the stores receive for one request to this Worker, its background tasks included. */
export async function countsOf(
  stubs: StubStores,
  worker: RunningWorker,
  { jobs, cached }: { jobs: number; cached: boolean },
): Promise<StubCounts> {
  const { path, headers } = await requestFor(jobs)
  await stubs.set({ delayMs: 0, cached })
  await sendLoad({ url: worker.url + path, headers, count: 1, concurrency: 1 })
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  return stubs.set({ delayMs: 0, cached })
}

const sentPipeline = z.array(z.array(z.union([z.string(), z.number()])))
const sentStatement = z.object({ query: z.string() })
const sentStoreQuery = z.object({ date_range: z.tuple([z.string(), z.string()]) })

/** The scripts, the statement, the beginning of the cache keys and the days that our Worker sends, as bindings of the baseline. */
function textsOf({ bodies }: StubCounts): Record<string, string> {
  const commands = bodies.redis.flatMap((body) => sentPipeline.parse(JSON.parse(body)))
  const scripts = commands.filter(([name]) => name === 'eval').map(([, script]) => String(script))
  const [admission, write] = scripts
  const [, cacheKey] = commands.find(([name]) => name === 'mget') ?? []
  const [namespace] = String(cacheKey).split(':jobs:')
  const [statement] = bodies.postgres
  const [storeQuery] = bodies.plausible
  if (!(admission && write && namespace && statement && storeQuery)) throw outdatedBaseline()
  const { query } = sentStatement.parse(JSON.parse(statement))
  const [from, to] = sentStoreQuery.parse(JSON.parse(storeQuery)).date_range
  return {
    ADMISSION_SCRIPT: admission,
    WRITE_SCRIPT: write,
    STATEMENT: query,
    NAMESPACE: namespace,
    FROM: from,
    TO: to,
  }
}

async function checkBaseline(stubs: StubStores, workers: Fleet['workers'], cached: boolean): Promise<void> {
  for (const jobs of [1, 100]) {
    const ours = await countsOf(stubs, workers.ours, { jobs, cached })
    const baseline = await countsOf(stubs, workers.baseline, { jobs, cached })
    for (const store of STORE_NAMES) {
      const difference = Math.abs(baseline.bytes[store] - ours.bytes[store])
      const isAlike =
        baseline.requests[store] === ours.requests[store] &&
        difference <= TOLERATED_DIFFERENCE * ours.bytes[store]
      if (!isAlike) throw outdatedBaseline()
    }
  }
}

function outdatedBaseline(): Error {
  return new Error(
    'The requests of the baseline to the stores differ from those of our Worker: update bench/workers/baseline-worker.ts',
  )
}
