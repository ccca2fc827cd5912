// Our Worker and the two it is compared with, running side by side over the same stub stores.

import { join } from 'node:path'
import * as z from 'zod/mini'
import { bindingsFor, requestFor } from '../scenario.ts'
import { STORE_NAMES, type StubCounts } from '../stubs/stub-protocol.ts'
import type { BuiltWorkers } from './build-workers.ts'
import { sendLoad } from './load.ts'
import type { StubStores } from './stub-stores.ts'
import { type RunningWorker, startWorkerd } from './workerd.ts'

/** Ours, the floor and the plain chain. */
export const VARIANTS = ['ours', 'floor', 'chain'] as const
export type Variant = (typeof VARIANTS)[number]

/** All three, and the stores they share. */
export interface Fleet {
  workers: Record<Variant, RunningWorker>
  stubs: StubStores
  /** Sends a variant the request for this many jobs, `count` times; milliseconds each took. */
  send(variant: Variant, load: { jobs: number; count: number; concurrency: number }): Promise<number[]>
  stop(): Promise<void>
}

/** How far the floor's requests may differ in length from ours: ids and numbers differ by a few characters. */
const TOLERATED_DIFFERENCE = 0.03
const SETTLE_MS = 100

/** Starts all three. Rejects when the floor no longer asks the stores what ours does. */
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
      floor: await keep(start('floor', texts)),
      chain: await keep(start('chain')),
    }
    for (const cached of [false, true]) await checkFloor(stubs, workers, cached)
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

/** What one request of this Worker asks of the stores, the work after its answer included. */
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

/** The scripts and the statement our Worker sends, for the floor to send them too. */
function textsOf({ bodies }: StubCounts): Record<string, string> {
  const scripts = bodies.redis
    .flatMap((body) => sentPipeline.parse(JSON.parse(body)))
    .filter(([name]) => name === 'eval')
    .map(([, script]) => String(script))
  const [admission, write] = scripts
  const [body] = bodies.postgres
  if (admission === undefined || write === undefined || body === undefined) throw floorIsOutdated()
  const { query } = sentStatement.parse(JSON.parse(body))
  return { ADMISSION_SCRIPT: admission, WRITE_SCRIPT: write, STATEMENT: query }
}

async function checkFloor(stubs: StubStores, workers: Fleet['workers'], cached: boolean): Promise<void> {
  for (const jobs of [1, 100]) {
    const ours = await countsOf(stubs, workers.ours, { jobs, cached })
    const floor = await countsOf(stubs, workers.floor, { jobs, cached })
    for (const store of STORE_NAMES) {
      const difference = Math.abs(floor.bytes[store] - ours.bytes[store])
      const isAlike =
        floor.requests[store] === ours.requests[store] &&
        difference <= TOLERATED_DIFFERENCE * ours.bytes[store]
      if (!isAlike) throw floorIsOutdated()
    }
  }
}

function floorIsOutdated(): Error {
  return new Error(
    'The floor no longer asks the stores what our Worker asks: bring bench/workers/floor-worker.ts up to date',
  )
}
