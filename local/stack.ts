// Starts what the Worker needs from outside: Postgres, Redis and Plausible, embedded unless the environment replaces them.
import { randomBytes } from 'node:crypto'
import { ConfigError, inspectSettings } from '../src/config.ts'
import { APPLY_EVENT } from './demo/demo-visits.ts'
import { seedDemo } from './demo/seed-demo.ts'
import type { Demo } from './demo-schema.ts'
import { startEmbeddedDatabase } from './embedded-database.ts'
import { startPlausibleProcess } from './plausible-process.ts'
import { startNeonFront } from './postgres/neon-front.ts'
import { STATEMENT_LIMIT_MS } from './postgres/postgres-backend.ts'
import { openPostgresServer } from './postgres/server-backend.ts'
import { openEmbeddedRedis } from './redis/embedded-redis.ts'
import { connectRedisServer } from './redis/redis-server.ts'
import { startUpstashFront } from './redis/upstash-front.ts'
import { type DatabasePlan, planStack, type RedisPlan, type StackPlan } from './stack-plan.ts'
import type { WorkerBindings } from './worker-bindings.ts'

/** Everything the Worker needs from outside, running. */
export interface Stack {
  /** For the Worker, secrets among them. */
  bindings: WorkerBindings
  /** The demo and the stores' addresses; only if the database is the embedded one. */
  demo: Demo | undefined
  /** Warnings for the person who started it, a line each. */
  warnings: string[]
  /** Ends what was started, whatever it is doing. Parts that the environment named are left alone. */
  close(): Promise<void>
}

interface Part {
  close?(): Promise<void>
}

/**
 * Starts the stack as the environment says (see `planStack`) on free ports of 127.0.0.1. An embedded database is migrated and
 * filled with the demo's organizations, and the stand-in for Plausible with their visits. `onProgress` gets a line for each step.
 * Rejects with one line that says what to do, and leaves nothing running.
 */
export async function startStack({
  environment,
  onProgress = () => {},
}: {
  environment: NodeJS.ProcessEnv
  onProgress?: (line: string) => void
}): Promise<Stack> {
  const plan = planStack(environment)
  const apiKeySecret = plan.apiKeySecret ?? makeSecret()
  const consoleSecret = plan.settings['CONSOLE_SECRET'] ?? makeSecret()
  const now = new Date()
  const demoTime = plan.database.kind === 'embedded' ? now.getTime() : undefined
  const parts: Part[] = []
  const report = async <Started>(name: string, { kind }: { kind: string }, starting: Promise<Started>) => {
    const startedAt = performance.now()
    const part = await starting
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    if (kind === 'embedded') onProgress(`${name} is running (${seconds} s)`)
    return part
  }
  const keep = <Started extends Part>(part: Started): Started => {
    parts.push(part)
    return part
  }
  const close = async () => {
    await Promise.all(parts.splice(0).map((part) => part.close?.()))
  }
  try {
    // First, because it takes no time: a REDIS_URL that is wrong is an error at once.
    const redis = await report('Redis', plan.redis, startRedis(plan.redis)).then(keep)
    const starting = [
      report('Postgres', plan.database, startDatabase(plan.database)).then(keep),
      report('Plausible', plan.plausible, startAnalytics(plan, demoTime)).then(keep),
    ] as const
    // Waits for both, so that a part that starts after the other one failed is closed too.
    await Promise.allSettled(starting)
    const [database, plausible] = await Promise.all(starting)
    const bindings = {
      ...(plan.plausible.kind !== 'own' && { ANALYTICS_APPLY_EVENT: APPLY_EVENT }),
      ...plan.settings,
      ...database.bindings,
      ...redis.bindings,
      ...plausible.bindings,
      API_KEY_SECRET: apiKeySecret,
      ...(database.embedded && { CONSOLE_SECRET: consoleSecret }),
    }
    const demo = database.embedded && {
      organizations: await seedDemo({
        sql: database.embedded.sql,
        // The stand-in's own process has filled it already.
        plausible: undefined,
        apiKeySecret,
        now,
      }),
      stores: {
        databaseUrl: database.embedded.ownerUrl,
        neonEndpoint: database.embedded.endpoint,
        redisUrl: redis.bindings.UPSTASH_REDIS_REST_URL,
        redisToken: redis.bindings.UPSTASH_REDIS_REST_TOKEN,
        plausibleUrl: plausible.bindings.PLAUSIBLE_URL,
      },
      secrets: {
        apiKeySecret,
        plausibleApiKey: plausible.bindings.PLAUSIBLE_API_KEY,
        consoleSecret,
      },
    }
    const { problems } = inspectSettings(bindings)
    const warnings = problems.length > 0 ? [new ConfigError(problems).message] : []
    if (plan.database.kind !== 'embedded' && plan.apiKeySecret === undefined) {
      warnings.push(UNKNOWN_KEYS_WARNING)
    }
    return { bindings, demo, close, warnings }
  } catch (error) {
    await close()
    throw error
  }
}

const UNKNOWN_KEYS_WARNING =
  'API_KEY_SECRET is not set, so no key in your database will be accepted: set it to the secret that made the keys'
const PLAUSIBLE_RESTART_WARNING =
  'Warning: the stand-in for Plausible did not respond and was started again with the demo. Later visits are gone.'

async function startDatabase(plan: DatabasePlan) {
  switch (plan.kind) {
    case 'embedded': {
      const database = await startEmbeddedDatabase()
      const bindings = {
        DATABASE_URL: database.workerUrl,
        NEON_ENDPOINT: database.endpoint,
        CONSOLE_DATABASE_URL: database.consoleUrl,
      }
      return { bindings, embedded: database, close: () => database.close() }
    }
    case 'server': {
      const backend = openPostgresServer({ ...plan.server, statementLimitMs: STATEMENT_LIMIT_MS })
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

async function startAnalytics({ plausible: plan, settings }: StackPlan, demoTime: number | undefined) {
  if (plan.kind === 'own') return { bindings: { PLAUSIBLE_URL: plan.url, PLAUSIBLE_API_KEY: plan.apiKey } }
  // A server that has v2 is no reason to use v1.
  const statsApis = settings['ANALYTICS_API'] === 'v1' ? (['v1'] as const) : (['v1', 'v2'] as const)
  const apiKey = makeSecret()
  const onRestart = () => console.error(PLAUSIBLE_RESTART_WARNING)
  const standIn = await startPlausibleProcess({ apiKey, statsApis, demoTime, onRestart })
  return {
    bindings: { PLAUSIBLE_URL: standIn.url, PLAUSIBLE_API_KEY: apiKey },
    close: () => standIn.close(),
  }
}

function makeSecret(): string {
  return randomBytes(32).toString('base64url')
}
