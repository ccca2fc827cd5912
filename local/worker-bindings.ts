// The Worker's bindings that hold text, and which variables of the environment of `npm run dev` are passed on to it.

/** The bindings that the stack itself sets. */
type StackBinding =
  | 'DATABASE_URL'
  | 'NEON_ENDPOINT'
  | 'UPSTASH_REDIS_REST_URL'
  | 'UPSTASH_REDIS_REST_TOKEN'
  | 'PLAUSIBLE_URL'
  | 'PLAUSIBLE_API_KEY'
  | 'API_KEY_SECRET'
  | 'CONSOLE_SECRET'
  | 'CONSOLE_DATABASE_URL'

/** Values for the Worker's bindings by name. What is absent keeps the Worker's default. */
export type WorkerBindings = Partial<Record<StackBinding, string>> & Partial<Record<string, string>>

/** The variable that carries the bindings to wrangler's process, as JSON. */
export const BINDINGS_VARIABLE = 'JOB_ANALYTICS_BINDINGS'

/** How the names of the Worker's vars and secrets begin. A new setting of one of these kinds needs no change here. */
const KINDS = ['ANALYTICS_', 'API_', 'CACHE_', 'CONCURRENCY_', 'CONSOLE_', 'CORS_', 'PUBLIC_', 'RATE_LIMIT_']

/** Set by the stack itself. */
const API_KEY_SECRET = 'API_KEY_SECRET'

/** Whether a variable of the environment is passed on to the Worker. The stack itself sets what belongs to the stores and API_KEY_SECRET. */
export function isWorkerSetting(name: string): boolean {
  return name !== API_KEY_SECRET && KINDS.some((kind) => name.startsWith(kind))
}

/** The Worker's settings in an environment. Those with an empty value are left out. */
export function readSettings(environment: NodeJS.ProcessEnv): WorkerBindings {
  return Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => isWorkerSetting(name) && value),
  )
}
