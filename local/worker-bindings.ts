// The names of the Worker's bindings that hold text: the one list of what the environment of `npm run dev` may set.

/** Never on a command line, where every user of the machine sees them. */
const SECRETS = ['DATABASE_URL', 'UPSTASH_REDIS_REST_TOKEN', 'PLAUSIBLE_API_KEY', 'API_KEY_SECRET'] as const

/** Vars the stack itself gives a value when the environment does not. */
const ADDRESSES = ['NEON_ENDPOINT', 'UPSTASH_REDIS_REST_URL', 'PLAUSIBLE_URL'] as const

/** Vars with a default of their own in the Worker; passed on as they are. */
const SETTINGS = [
  'ANALYTICS_JOB_DIMENSION',
  'RATE_LIMIT_REQUESTS',
  'RATE_LIMIT_WINDOW_SECONDS',
  'CONCURRENCY_LIMIT',
  'CACHE_FRESH_SECONDS',
  'CACHE_STALE_SECONDS',
  'CACHE_KEEP_SECONDS',
  'CORS_ORIGINS',
] as const

type BindingName = (typeof SECRETS | typeof ADDRESSES | typeof SETTINGS)[number]

/** Values for the Worker's bindings; what is absent keeps the Worker's default. */
export type WorkerBindings = Partial<Record<BindingName, string>>

/** Whether a binding's value must stay off command lines. */
export function isSecret(name: string): boolean {
  return SECRETS.some((secret) => secret === name)
}

/** The settings an environment gives, those with an empty value left out. */
export function readSettings(environment: NodeJS.ProcessEnv): WorkerBindings {
  return Object.fromEntries(
    SETTINGS.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  )
}
