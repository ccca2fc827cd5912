// Config -> services: the only place that builds adapters.

import { neonDirectory } from './adapters/neon-directory.ts'
import { plausibleStore } from './adapters/plausible-store.ts'
import { UpstashRedis } from './adapters/upstash-redis.ts'
import { upstashSharedState } from './adapters/upstash-shared-state.ts'
import { workersFloor } from './adapters/workers-floor.ts'
import type { Config } from './config.ts'
import { ExhaustedKeys } from './domain/exhausted-keys.ts'
import { fingerprintOf } from './domain/fingerprint.ts'
import { IssuedKeys } from './domain/issued-keys.ts'
import type { Services } from './services.ts'

/** The longest a request can take is Postgres, a claim in Redis and the store in a row: under 10 s. */
const REDIS_TIMEOUT_MS = 800
const POSTGRES_TIMEOUT_MS = 3_000
const STORE_TIMEOUT_MS = 6_000

/** Builds everything the app needs. Opens no connection: each request makes its own. */
export function connect(config: Config): Services {
  const limits = {
    requests: config.RATE_LIMIT_REQUESTS,
    windowSeconds: config.RATE_LIMIT_WINDOW_SECONDS,
    concurrent: config.CONCURRENCY_LIMIT,
  }
  const cache = {
    freshSeconds: config.CACHE_FRESH_SECONDS,
    staleSeconds: config.CACHE_STALE_SECONDS,
    keepSeconds: config.CACHE_KEEP_SECONDS,
  }
  const upstash = new UpstashRedis({
    url: config.UPSTASH_REDIS_REST_URL,
    token: config.UPSTASH_REDIS_REST_TOKEN,
    timeoutMs: REDIS_TIMEOUT_MS,
  })
  const directory = neonDirectory({
    connectionString: config.DATABASE_URL,
    endpoint: config.NEON_ENDPOINT,
    timeoutMs: POSTGRES_TIMEOUT_MS,
  })
  const shared = upstashSharedState(upstash, { limits, cache, namespace: namespaceOf(config) })
  const store = plausibleStore({
    url: config.PLAUSIBLE_URL,
    apiKey: config.PLAUSIBLE_API_KEY,
    jobDimension: config.ANALYTICS_JOB_DIMENSION,
    timeoutMs: STORE_TIMEOUT_MS,
  })
  return {
    directory,
    shared,
    floor: workersFloor(config.FLOOR),
    store,
    stores: { database: directory, redis: shared, analytics: store },
    exhausted: new ExhaustedKeys(),
    limits,
    cache,
    corsOrigins: config.CORS_ORIGINS,
    release: config.CF_VERSION_METADATA?.tag || config.CF_VERSION_METADATA?.id || 'local',
    keys: new IssuedKeys(config.API_KEY_SECRET),
    now: () => Date.now(),
    log: (line) => console.log(JSON.stringify(line)),
  }
}

/** Short, for it is in every cache key: what the figures depend on beside the query. */
function namespaceOf(config: Config): string {
  const store = `${config.PLAUSIBLE_URL} ${config.ANALYTICS_JOB_DIMENSION}`
  return `stats-${fingerprintOf(store).slice(0, 7)}`
}
