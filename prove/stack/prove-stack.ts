// Everything of a run: the stores with the world in them, and the Workers over them.

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresStore, startPostgresStore } from '../../harness/postgres-store.ts'
import { type RedisStore, startRedisStore } from '../../harness/redis-store.ts'
import { seedDatabase, type WorldKeys } from '../world/seed-world.ts'
import { APPLY_EVENT, createWorld, type World } from '../world/world.ts'
import { type AnalyticsStore, startAnalyticsStore } from './analytics-store.ts'
import { type SkewedWorker, startWorkers } from './workers.ts'

/** What a run is made of. */
export interface ProveStack {
  world: World
  keys: WorldKeys
  redis: RedisStore
  postgres: PostgresStore
  analytics: AnalyticsStore
  workers: readonly SkewedWorker[]
  close(): Promise<void>
}

/** How to start it. */
export interface StackOptions {
  seed: string
  windowSeconds: number
  /** How many keys each organization has for generated requests. */
  validKeys: number
  /** Whether to use the embedded engines although servers are installed. */
  isEmbedded: boolean
  /** Replaces bindings of the Workers: for tests, which plant a fault. */
  bindings?: Readonly<Record<string, string>>
  onProgress: (text: string) => void
}

/** Starts it. Leaves nothing running when a part fails. */
export async function startProveStack(options: StackOptions): Promise<ProveStack> {
  const { seed, windowSeconds, validKeys, isEmbedded, bindings = {}, onProgress } = options
  const directory = await mkdtemp(join(tmpdir(), 'prove-'))
  const parts: { close(): Promise<void> }[] = []
  const keep = async <Part extends { close(): Promise<void> }>(starting: Promise<Part>): Promise<Part> => {
    const part = await starting
    parts.push(part)
    return part
  }
  const close = async () => {
    await Promise.all(parts.splice(0).map((part) => part.close()))
    await rm(directory, { recursive: true, force: true })
  }
  try {
    onProgress('starting the stores')
    const world = createWorld(seed, Date.now())
    const apiKeySecret = randomBytes(32).toString('base64url')
    const starting = [
      keep(startRedisStore({ isEmbedded, token: randomBytes(24).toString('base64url') })),
      keep(startPostgresStore({ isEmbedded })),
      keep(startAnalyticsStore(world)),
    ] as const
    // Waits for all, so that a part that starts after another failed is closed too.
    await Promise.allSettled(starting)
    const [redis, postgres, analytics] = await Promise.all(starting)
    const keys = await seedDatabase(postgres.sql, world, { apiKeySecret, validKeys })
    onProgress('bundling and starting the Workers')
    const workers = await startWorkers(directory, {
      ...redis.bindings,
      ...postgres.bindings,
      ...analytics.bindings,
      API_KEY_SECRET: apiKeySecret,
      ANALYTICS_APPLY_EVENT: APPLY_EVENT,
      // A run asks for more different figures than an hour of the store's quota has queries.
      ANALYTICS_QUERIES_PER_HOUR: '0',
      RATE_LIMIT_WINDOW_SECONDS: String(windowSeconds),
      CORS_ORIGINS: 'https://dashboard.example',
      PUBLIC_URL: 'https://api.prove.example',
      ...bindings,
    })
    parts.push({ close: () => Promise.all(workers.map((worker) => worker.stop())).then(() => undefined) })
    return { world, keys, redis, postgres, analytics, workers, close }
  } catch (error) {
    await close()
    throw error
  }
}
