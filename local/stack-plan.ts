// Decides from the environment which parts of the stack are embedded and which are replaced. Starts nothing.
import { type ConnectionTarget, parseConnectionString } from './postgres/connection-string.ts'
import { readSettings, type WorkerBindings } from './worker-bindings.ts'

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/

/** Postgres: embedded, a server on this machine behind a front for Neon's protocol, or a server that speaks that protocol. */
export type DatabasePlan =
  | { kind: 'embedded' }
  | { kind: 'server'; url: string; server: ConnectionTarget }
  | { kind: 'neon'; url: string; endpoint: string | undefined }

/** Redis: embedded, a server behind a front for Upstash's protocol, or a server that speaks that protocol. */
export type RedisPlan =
  | { kind: 'embedded' }
  | { kind: 'server'; url: string }
  | { kind: 'upstash'; url: string; token: string }

/** The analytics store: the stand-in, or a Plausible of your own. */
export type PlausiblePlan = { kind: 'embedded' } | { kind: 'own'; url: string; apiKey: string }

/** Which parts to start, and the Worker's settings. */
export interface StackPlan {
  database: DatabasePlan
  redis: RedisPlan
  plausible: PlausiblePlan
  /** Undefined if the stack has to make one. */
  apiKeySecret: string | undefined
  settings: WorkerBindings
}

/** The environment's variables contradict each other or are invalid. The message is one line that names them, without values. */
export class StackPlanError extends Error {
  override readonly name = 'StackPlanError'
}

/** Reads the environment. An empty variable counts as not set. Throws StackPlanError. */
export function planStack(environment: NodeJS.ProcessEnv): StackPlan {
  return {
    database: planDatabase(environment),
    redis: planRedis(environment),
    plausible: planPlausible(environment),
    apiKeySecret: environment['API_KEY_SECRET'] || undefined,
    settings: readSettings(environment),
  }
}

function planDatabase({ DATABASE_URL: url, NEON_ENDPOINT: endpoint }: NodeJS.ProcessEnv): DatabasePlan {
  if (!url) {
    if (endpoint) throw new StackPlanError('NEON_ENDPOINT is set without DATABASE_URL: set both or neither')
    return { kind: 'embedded' }
  }
  const server = parseConnectionString(url)
  if (server === undefined) {
    throw new StackPlanError(
      'DATABASE_URL is not of the form postgres://user:password@host/database: correct or unset it',
    )
  }
  if (endpoint || !LOOPBACK.test(server.host)) return { kind: 'neon', url, endpoint: endpoint || undefined }
  return { kind: 'server', url, server }
}

function planRedis(environment: NodeJS.ProcessEnv): RedisPlan {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, REDIS_URL: serverUrl } = environment
  if (url && token) return { kind: 'upstash', url, token }
  if (url || token) {
    throw new StackPlanError(
      'UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN go together: set both or neither',
    )
  }
  return serverUrl ? { kind: 'server', url: serverUrl } : { kind: 'embedded' }
}

function planPlausible({ PLAUSIBLE_URL: url, PLAUSIBLE_API_KEY: apiKey }: NodeJS.ProcessEnv): PlausiblePlan {
  if (url && apiKey) return { kind: 'own', url, apiKey }
  if (url || apiKey)
    throw new StackPlanError('PLAUSIBLE_URL and PLAUSIBLE_API_KEY go together: set both or neither')
  return { kind: 'embedded' }
}
