// Config -> services: the only place that builds adapters.

import { SentQueries } from './analytics/fair-share.ts'
import { plausibleStore } from './analytics/plausible-store.ts'
import { plausibleV1Store } from './analytics/plausible-v1-store.ts'
import type { Config } from './config.ts'
import { ConsoleTokens } from './console/console-tokens.ts'
import { neonDirectory } from './directory/neon-directory.ts'
import { neonKeyDirectory } from './directory/neon-key-directory.ts'
import { issueApiKey } from './keys/key-issuer.ts'
import { KeyVerifier } from './keys/key-verifier.ts'
import { ExhaustedKeys } from './limits/exhausted-keys.ts'
import { workersFallbackLimiter } from './limits/fallback-limiter.ts'
import type { ConsoleServices, Services } from './services.ts'
import { upstashSharedState } from './shared-state/upstash-shared-state.ts'
import { createRedis } from './stores/redis-batch.ts'
import { UncountedUsage } from './usage/uncounted-usage.ts'

const STORES = { v2: plausibleStore, v1: plausibleV1Store }

const REDIS_TIMEOUT_MS = 800
const POSTGRES_TIMEOUT_MS = 3_000
const STORE_TIMEOUT_MS = 6_000

/**
 * Builds everything the app needs. Opens no connection: each request opens its own. With the clock `given`, `Services.now`
 * decides admission instead of Redis' own time; tests turn it.
 */
export function connect(config: Config, clock: 'redis' | 'given' = 'redis'): Services {
  const limits = {
    requests: config.RATE_LIMIT_REQUESTS,
    windowSeconds: config.RATE_LIMIT_WINDOW_SECONDS,
    concurrent: config.CONCURRENCY_LIMIT,
  }
  const cache = {
    freshSeconds: config.CACHE_FRESH_SECONDS,
    staleSeconds: config.CACHE_STALE_SECONDS,
    staleIfErrorSeconds: config.CACHE_KEEP_SECONDS,
  }
  const redis = createRedis({
    url: config.UPSTASH_REDIS_REST_URL,
    token: config.UPSTASH_REDIS_REST_TOKEN,
    timeoutMs: REDIS_TIMEOUT_MS,
  })
  const directory = neonDirectory({
    connectionString: config.DATABASE_URL,
    endpoint: config.NEON_ENDPOINT,
    timeoutMs: POSTGRES_TIMEOUT_MS,
  })
  const shared = upstashSharedState(redis, {
    limits,
    cache,
    namespace: namespaceOf(config),
    clock,
  })
  const store = STORES[config.ANALYTICS_API]({
    url: config.PLAUSIBLE_URL,
    apiKey: config.PLAUSIBLE_API_KEY,
    jobDimension: config.ANALYTICS_JOB_DIMENSION,
    timeoutMs: STORE_TIMEOUT_MS,
  })
  return {
    directory,
    shared,
    store,
    stores: { database: directory, redis: shared, analytics: store },
    sentQueries: new SentQueries(),
    uncountedUsage: new UncountedUsage(),
    queriesPerHour: config.ANALYTICS_QUERIES_PER_HOUR,
    applyEvent: config.ANALYTICS_APPLY_EVENT,
    fallbackLimiter: workersFallbackLimiter(config.FLOOR),
    exhausted: new ExhaustedKeys(),
    limits,
    cache,
    keys: new KeyVerifier(
      [config.API_KEY_SECRET, config.API_KEY_SECRET_PREVIOUS].filter((secret) => secret !== undefined),
    ),
    console: connectConsole(config),
    corsOrigins: config.CORS_ORIGINS,
    publicUrl: config.PUBLIC_URL,
    assets: config.ASSETS,
    release: config.CF_VERSION_METADATA?.tag || config.CF_VERSION_METADATA?.id || 'local',
    now: () => Date.now(),
    log: (line) => console.log(JSON.stringify(line)),
  }
}

/** Undefined where a setting of the console is missing. */
function connectConsole(config: Config): ConsoleServices | undefined {
  const { CONSOLE_SECRET: secret, CONSOLE_DATABASE_URL: connectionString } = config
  if (secret === undefined || connectionString === undefined) return undefined
  return {
    tokens: new ConsoleTokens(secret),
    directory: neonKeyDirectory({
      connectionString,
      endpoint: config.NEON_ENDPOINT,
      timeoutMs: POSTGRES_TIMEOUT_MS,
    }),
    issueKey: () => issueApiKey(config.API_KEY_SECRET),
    frameAncestors: config.CONSOLE_FRAME_ANCESTORS,
  }
}

/**
 * The beginning of every key in Redis that depends on the analytics store and on how jobs are counted in it. v1 leaves out
 * groups that v2 has, so its figures are kept apart.
 */
export function namespaceOf({
  PLAUSIBLE_URL,
  ANALYTICS_JOB_DIMENSION,
  ANALYTICS_API,
}: Pick<Config, 'PLAUSIBLE_URL' | 'ANALYTICS_JOB_DIMENSION' | 'ANALYTICS_API'>): string {
  const host = PLAUSIBLE_URL.replace(/^https?:\/\/|\/$/g, '')
  return `stats:${host}:${ANALYTICS_JOB_DIMENSION}${ANALYTICS_API === 'v1' ? ':v1' : ''}`
}
