// Parses the Worker's bindings, for the Worker and for every script that checks them.

import * as z from 'zod/mini'

/** The least length of each signing secret: `API_KEY_SECRET`, its predecessor, and `CONSOLE_SECRET`. */
export const MIN_SECRET_LENGTH = 32

const JOB_DIMENSION = /^event:(page|props:[^\s:]{1,300})$/
const MAX_EVENT_NAME_LENGTH = 120
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/
const NOT_ASCII = 'contains a blank, a line break or a character outside ASCII'
const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]']

/** What is wrong with a value, as the rest of a sentence that begins with the binding's name; undefined if nothing is. */
type Rule = (value: string) => string | undefined

const text = z.string({ error: ({ input }) => (input === undefined ? 'is not set' : 'must be text') })

function textWith(rule: Rule) {
  return text.check(
    z.check<string>(({ value, issues }) => {
      const problem = rule(value)
      if (problem !== undefined) issues.push({ code: 'custom', message: problem, input: value })
    }),
  )
}

const secret = textWith((value) =>
  value.length >= MIN_SECRET_LENGTH ? undefined : `must have at least ${MIN_SECRET_LENGTH} characters`,
)
/** It is sent in a request header, which cannot contain spaces, line breaks or non-ASCII characters. */
const token = textWith((value) => (PRINTABLE_ASCII.test(value) ? undefined : NOT_ASCII))
const databaseUrl = textWith(problemOfDatabaseUrl)
const storeUrl = z.pipe(
  textWith(problemOfStoreUrl),
  z.transform((url: string) => url.replace(/\/$/, '')),
)
const publicOrigin = z.pipe(
  textWith(problemOfPublicUrl),
  z.transform((url: string) => new URL(url).origin),
)
const origins = z.pipe(textWith(problemOfOrigins), z.transform(splitList))
const frameAncestors = z.pipe(textWith(problemOfFrameAncestors), z.transform(splitList))

function wholeNumber(fallback: number, minimum: number) {
  const rule: Rule = (value) =>
    /^\d{1,9}$/.test(value) && Number(value) >= minimum
      ? undefined
      : `must be a whole number of at least ${minimum}`
  return z._default(z.pipe(textWith(rule), z.transform(Number)), fallback)
}

const settings = z.object({
  DATABASE_URL: databaseUrl,
  NEON_ENDPOINT: z.optional(textWith(problemOfNeonEndpoint)),
  UPSTASH_REDIS_REST_URL: storeUrl,
  UPSTASH_REDIS_REST_TOKEN: token,
  PLAUSIBLE_URL: storeUrl,
  PLAUSIBLE_API_KEY: token,
  API_KEY_SECRET: secret,
  API_KEY_SECRET_PREVIOUS: z.optional(secret),
  CONSOLE_SECRET: z.optional(secret),
  CONSOLE_DATABASE_URL: z.optional(databaseUrl),
  CONSOLE_FRAME_ANCESTORS: z._default(frameAncestors, []),
  PUBLIC_URL: z.optional(publicOrigin),
  ANALYTICS_API: z._default(z.enum(['v2', 'v1'], { error: 'must be v2 or v1' }), 'v2'),
  ANALYTICS_JOB_DIMENSION: z._default(textWith(problemOfJobDimension), 'event:page'),
  ANALYTICS_APPLY_EVENT: z.optional(textWith(problemOfEventName)),
  ANALYTICS_QUERIES_PER_HOUR: wholeNumber(600, 0),
  RATE_LIMIT_REQUESTS: wholeNumber(100, 1),
  RATE_LIMIT_WINDOW_SECONDS: wholeNumber(60, 1),
  CONCURRENCY_LIMIT: wholeNumber(10, 1),
  CACHE_FRESH_SECONDS: wholeNumber(86_400, 0),
  CACHE_STALE_SECONDS: wholeNumber(3_600, 0),
  CACHE_KEEP_SECONDS: wholeNumber(86_400, 0),
  CORS_ORIGINS: z._default(origins, []),
})
const partialSettings = z.partial(settings)

/** The static assets: the built pages. */
export interface Assets {
  fetch(url: URL): Promise<Response>
}

/** The bindings that the Workers platform provides as objects; no environment variable can hold them. */
const platformBindings = z.object({
  CF_VERSION_METADATA: z.optional(
    z.object({ id: z.string(), tag: z.string() }, { error: 'must have `id` and `tag`' }),
  ),
  FLOOR: z.custom<RateLimit>((value) => typeof value === 'object' && value !== null && 'limit' in value, {
    error: 'must be a rate limit binding',
  }),
  ASSETS: z.optional(
    z.custom<Assets>((value) => typeof value === 'object' && value !== null && 'fetch' in value, {
      error: 'must be an assets binding',
    }),
  ),
})

/**
 * The bindings that hold text, checked. Numbers are whole, `_SECONDS` are seconds. URLs of stores have no trailing
 * slash, `PUBLIC_URL` is an origin. `0` turns off the cache (all three `CACHE_`) or the limit (`ANALYTICS_QUERIES_PER_HOUR`).
 */
export type WorkerSettings = z.infer<typeof settings>

/** Everything the Worker is configured with: the settings and the bindings that the platform provides. */
export type Config = WorkerSettings & z.infer<typeof platformBindings>

/** One wrong binding. `problem` is read after the name, such as "is not set", and never contains the value. */
export interface BindingProblem {
  name: string
  problem: string
}

/** Bindings are missing or wrong. The message names each one and what is wrong with it, and never contains a value. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: readonly BindingProblem[]

  constructor(problems: readonly BindingProblem[]) {
    const list = problems.map(({ name, problem }) => `${name} ${problem}`).join('; ')
    super(`These bindings are missing or wrong: ${list}. See wrangler.toml.`)
    this.problems = problems
  }
}

/**
 * Checks all bindings of the Worker. Spaces and line breaks around a value are removed; an empty value counts as not set.
 * Throws `ConfigError`.
 */
export function parseConfig(env: unknown): Config {
  const texts = settings.safeParse(readTexts(env))
  const platform = platformBindings.safeParse(pick(env, Object.keys(platformBindings.shape)))
  if (texts.success && platform.success) return { ...texts.data, ...platform.data }
  throw new ConfigError([...problemsOf(texts.error), ...problemsOf(platform.error)])
}

/** Checks the bindings that hold text, exactly as `parseConfig` does. Throws `ConfigError`. */
export function parseSettings(env: unknown): WorkerSettings {
  const texts = settings.safeParse(readTexts(env))
  if (texts.success) return texts.data
  throw new ConfigError(problemsOf(texts.error))
}

/** Returns the settings that are right, with their defaults, and what is wrong with the others. Never throws. */
export function inspectSettings(env: unknown): {
  right: z.infer<typeof partialSettings>
  problems: readonly BindingProblem[]
} {
  const texts = readTexts(env)
  const problems = problemsOf(settings.safeParse(texts).error)
  const wrong = new Set(problems.map(({ name }) => name))
  const others = Object.entries(texts).filter(([name]) => !wrong.has(name))
  return { right: partialSettings.parse(Object.fromEntries(others)), problems }
}

/** Removes spaces and line breaks around a value. Returns undefined for an empty value, which counts as not set. */
export function tidySetting(value: string | undefined): string | undefined {
  return value?.trim() || undefined
}

/** A var in wrangler.toml may be a number. */
function readTexts(env: unknown): Record<string, unknown> {
  const values = Object.entries(pick(env, Object.keys(settings.shape))).map(([name, value]) => {
    const written = typeof value === 'number' ? String(value) : value
    return [name, typeof written === 'string' ? tidySetting(written) : written]
  })
  return Object.fromEntries(values)
}

/** The bindings can be any kind of object, so each one is read by its name. */
function pick(env: unknown, names: string[]): Record<string, unknown> {
  if (typeof env !== 'object' || env === null) return {}
  return Object.fromEntries(names.map((name) => [name, Reflect.get(env, name)]))
}

/** One problem for each binding: the first that was found. */
function problemsOf(error: z.core.$ZodError | undefined): BindingProblem[] {
  const problems = new Map<string, string>()
  for (const { path, message } of error?.issues ?? []) {
    const name = String(path[0])
    if (!problems.has(name)) problems.set(name, message)
  }
  return Array.from(problems, ([name, problem]) => ({ name, problem }))
}

/** Returns what is wrong with a connection string, read after the name of its variable; undefined when nothing is. */
export function problemOfDatabaseUrl(value: string): string | undefined {
  if (!PRINTABLE_ASCII.test(value)) return NOT_ASCII
  if (!/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value)) {
    return 'must have the form postgres://user:password@host/database'
  }
  const { username, password, hostname, pathname } = new URL(value)
  if (!isPercentEncoded(`${username}${password}${pathname}`)) {
    return 'contains a "%" that encodes no character: write it as %25'
  }
  if (username === '') return 'has no user: write postgres://user:password@host/database'
  if (password === '') return 'has no password: write postgres://user:password@host/database'
  if (hostname === '') return 'has no host: write postgres://user:password@host/database'
  if (pathname.length < 2) return 'has no database name: write postgres://user:password@host/database'
  return undefined
}

function isPercentEncoded(part: string): boolean {
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}

function problemOfStoreUrl(value: string): string | undefined {
  const problem = problemOfWebUrl(value)
  if (problem !== undefined) return problem
  const { pathname } = new URL(value)
  if (pathname.includes('//')) return 'contains a doubled slash: remove one'
  if (/\/api(\/|$)/.test(pathname)) {
    return 'ends in the path of an API: remove "/api" and everything after it'
  }
  return undefined
}

/** Returns what is wrong with `NEON_ENDPOINT`, as `problemOfDatabaseUrl` does. */
export function problemOfNeonEndpoint(value: string): string | undefined {
  const problem = problemOfWebUrl(value)
  if (problem !== undefined) return problem
  const { hostname, pathname } = new URL(value)
  if (!isLoopback(hostname)) return 'must be an address on this machine: unset it to use Neon itself'
  return pathname.endsWith('/sql') ? undefined : 'must end in /sql'
}

/** Returns what is wrong with the address of the API, as `problemOfDatabaseUrl` does. */
export function problemOfPublicUrl(value: string): string | undefined {
  const problem = problemOfWebUrl(value)
  if (problem !== undefined) return problem
  return new URL(value).pathname === '/' ? undefined : 'must be an origin: remove the path'
}

/** Keys and tokens are sent to these addresses, so only this machine may be called without TLS. */
function problemOfWebUrl(value: string): string | undefined {
  if (!PRINTABLE_ASCII.test(value)) return NOT_ASCII
  if (!/^https?:\/\/[^/\\]/i.test(value) || !URL.canParse(value)) return 'must start with https://'
  const { protocol, hostname, username, password } = new URL(value)
  if (protocol !== 'https:' && !isLoopback(hostname)) {
    return 'must start with https:// (http:// is for an address on this machine)'
  }
  if (username !== '' || password !== '') return 'must not contain a user name or a password'
  if (/[?#]/.test(value)) return 'must not contain a query or a fragment'
  return undefined
}

function isLoopback(hostname: string): boolean {
  return LOOPBACK_HOSTS.includes(hostname)
}

function problemOfJobDimension(value: string): string | undefined {
  return JOB_DIMENSION.test(value) ? undefined : 'must be event:page or event:props:<name>'
}

function problemOfEventName(value: string): string | undefined {
  if (/\p{Cc}/u.test(value)) return 'must not contain control characters'
  if ([...value].length <= MAX_EVENT_NAME_LENGTH) return undefined
  return `must have at most ${MAX_EVENT_NAME_LENGTH} characters`
}

function problemOfOrigins(value: string): string | undefined {
  return splitList(value).every((entry) => URL.canParse(entry) && new URL(entry).origin === entry)
    ? undefined
    : 'must be a comma-separated list of origins such as https://dashboard.example.com'
}

/** The pages hold figures, so only pages that were sent over TLS may embed them. */
function problemOfFrameAncestors(value: string): string | undefined {
  const problem = problemOfOrigins(value)
  if (problem !== undefined) return problem
  return splitList(value).every((origin) => problemOfWebUrl(origin) === undefined)
    ? undefined
    : 'must start with https:// in each entry (http:// is for an address on this machine)'
}

function splitList(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}
