// Starts what the Worker needs from outside, embedded unless the environment replaces it: Postgres, Redis, Plausible.
import { randomBytes } from 'node:crypto'
import { type DemoOrganization, seedDemo } from './demo/seed-demo.ts'
import { startEmbeddedDatabase } from './embedded-database.ts'
import { startPlausible } from './plausible/start-plausible.ts'
import { startNeonFront } from './postgres/neon-front.ts'
import { openPostgresServer } from './postgres/server-backend.ts'
import { openEmbeddedRedis } from './redis/embedded-redis.ts'
import { connectRedisServer } from './redis/redis-server.ts'
import { startUpstashFront } from './redis/upstash-front.ts'
import { type DatabasePlan, type PlausiblePlan, planStack, type RedisPlan } from './stack-plan.ts'
import type { WorkerBindings } from './worker-bindings.ts'

/** Everything the Worker needs from outside, running. */
export interface Stack {
  /** For the Worker, secrets among them. */
  bindings: WorkerBindings
  /** What was seeded and where it lies; only where the database is the embedded one. */
  demo: Demo | undefined
  /** What the person who started it should know, a line each. */
  warnings: string[]
  /** Ends what was started. Parts that the environment named are left alone. */
  close(): Promise<void>
}

/** The contents of `.dev/demo.json` but for the Worker's address. */
export interface Demo {
  organizations: DemoOrganization[]
  stores: {
    /** The owner's login, not the Worker's: it may change everything. */
    databaseUrl: string
    /** The whole address, `/sql` included. */
    neonEndpoint: string
    /** Of the REST front. */
    redisUrl: string
    redisToken: string
    plausibleUrl: string
  }
  secrets: { apiKeySecret: string; plausibleApiKey: string }
}

interface Part {
  close?(): Promise<void>
}

/**
 * Starts the stack as the environment asks (see `planStack`) on free ports of 127.0.0.1; an embedded database is migrated and
 * gets the demo's organizations, and the stand-in for Plausible their visits. Fails with one line of what to do, nothing left running.
 */
export async function startStack({ environment }: { environment: NodeJS.ProcessEnv }): Promise<Stack> {
  const plan = planStack(environment)
  const apiKeySecret = plan.apiKeySecret ?? makeSecret()
  const parts: Part[] = []
  const keep = <Started extends Part>(part: Started): Started => {
    parts.push(part)
    return part
  }
  const close = async () => {
    await Promise.all(parts.splice(0).map((part) => part.close?.()))
  }
  try {
    const starting = [
      startDatabase(plan.database).then(keep),
      startRedis(plan.redis).then(keep),
      startAnalytics(plan.plausible).then(keep),
    ] as const
    // Also those that come up after another failed must be known, to be closed.
    await Promise.allSettled(starting)
    const [database, redis, plausible] = await Promise.all(starting)
    const bindings = {
      ...plan.settings,
      ...database.bindings,
      ...redis.bindings,
      ...plausible.bindings,
      API_KEY_SECRET: apiKeySecret,
    }
    const demo = database.embedded && {
      organizations: await seedDemo({
        sql: database.embedded.sql,
        plausible: plausible.standIn,
        apiKeySecret,
        now: new Date(),
      }),
      stores: {
        databaseUrl: database.embedded.ownerUrl,
        neonEndpoint: database.embedded.endpoint,
        redisUrl: redis.bindings.UPSTASH_REDIS_REST_URL,
        redisToken: redis.bindings.UPSTASH_REDIS_REST_TOKEN,
        plausibleUrl: plausible.bindings.PLAUSIBLE_URL,
      },
      secrets: { apiKeySecret, plausibleApiKey: plausible.bindings.PLAUSIBLE_API_KEY },
    }
    const strangers = plan.database.kind !== 'embedded' && plan.apiKeySecret === undefined
    return { bindings, demo, close, warnings: strangers ? [unknownKeysWarning] : [] }
  } catch (error) {
    await close()
    throw error
  }
}

const unknownKeysWarning =
  'API_KEY_SECRET is not set, so no key of your database will be accepted: set it to the secret they were made with'

async function startDatabase(plan: DatabasePlan) {
  switch (plan.kind) {
    case 'embedded': {
      const database = await startEmbeddedDatabase()
      const bindings = { DATABASE_URL: database.workerUrl, NEON_ENDPOINT: database.endpoint }
      return { bindings, embedded: database, close: () => database.close() }
    }
    case 'server': {
      const backend = openPostgresServer(plan.server)
      const front = await startNeonFront({ backend })
      const close = async () => {
        await front.close()
        await backend.close()
      }
      return {
        bindings: { DATABASE_URL: plan.url, NEON_ENDPOINT: front.endpoint },
        embedded: undefined,
        close,
      }
    }
    case 'neon': {
      const endpoint = plan.endpoint === undefined ? {} : { NEON_ENDPOINT: plan.endpoint }
      return { bindings: { DATABASE_URL: plan.url, ...endpoint }, embedded: undefined }
    }
  }
}

async function startRedis(plan: RedisPlan) {
  if (plan.kind === 'upstash') {
    return { bindings: { UPSTASH_REDIS_REST_URL: plan.url, UPSTASH_REDIS_REST_TOKEN: plan.token } }
  }
  const redis = await (plan.kind === 'server' ? connectRedisServer(plan.url) : openEmbeddedRedis())
  const token = makeSecret()
  const front = await startUpstashFront({ redis, token })
  return {
    bindings: { UPSTASH_REDIS_REST_URL: front.url, UPSTASH_REDIS_REST_TOKEN: token },
    close: async () => {
      await front.close()
      await redis.close()
    },
  }
}

async function startAnalytics(plan: PlausiblePlan) {
  if (plan.kind === 'own') {
    return { bindings: { PLAUSIBLE_URL: plan.url, PLAUSIBLE_API_KEY: plan.apiKey }, standIn: undefined }
  }
  const apiKey = makeSecret()
  const standIn = await startPlausible({ apiKey })
  return {
    bindings: { PLAUSIBLE_URL: standIn.url, PLAUSIBLE_API_KEY: apiKey },
    standIn,
    close: () => standIn.close(),
  }
}

function makeSecret(): string {
  return randomBytes(32).toString('base64url')
}
