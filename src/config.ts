// The Worker's bindings, parsed once; a bad or missing one is named, its value never shown.

import * as z from 'zod/mini'

const JOB_DIMENSION = /^event:(page|props:[^\s:]{1,300})$/
const MIN_SECRET_LENGTH = 16

const nonEmpty = z.string().check(z.minLength(1))
const httpUrl = z.url({ protocol: /^https?$/ })

const origin = z.string().check(z.refine((text) => URL.canParse(text) && new URL(text).origin === text))

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function wholeNumber(fallback: number, minimum: number) {
  return z._default(z.coerce.number().check(z.int(), z.minimum(minimum)), fallback)
}

const bindings = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  NEON_ENDPOINT: z.optional(httpUrl.check(z.refine(isLoopback))),
  UPSTASH_REDIS_REST_URL: httpUrl,
  UPSTASH_REDIS_REST_TOKEN: nonEmpty,
  PLAUSIBLE_URL: httpUrl,
  PLAUSIBLE_API_KEY: nonEmpty,
  API_KEY_SECRET: z.string().check(z.minLength(MIN_SECRET_LENGTH)),
  ANALYTICS_JOB_DIMENSION: z._default(z.string().check(z.regex(JOB_DIMENSION)), 'event:page'),
  RATE_LIMIT_REQUESTS: wholeNumber(100, 1),
  RATE_LIMIT_WINDOW_SECONDS: wholeNumber(60, 1),
  CONCURRENCY_LIMIT: wholeNumber(10, 1),
  CACHE_FRESH_SECONDS: wholeNumber(300, 0),
  CACHE_STALE_SECONDS: wholeNumber(3_600, 0),
  CACHE_KEEP_SECONDS: wholeNumber(86_400, 0),
  CORS_ORIGINS: z._default(z.pipe(z.string(), z.pipe(z.transform(splitList), z.array(origin))), []),
  CF_VERSION_METADATA: z.optional(z.object({ id: z.string(), tag: z.string() })),
  FLOOR: z.custom<RateLimit>((value) => typeof value === 'object' && value !== null && 'limit' in value),
})

/** The Worker's settings, checked. Numbers are whole; `_SECONDS` are seconds; `0` for the three caches turns them off. */
export type Config = z.infer<typeof bindings>

/** A binding is missing or wrong; the message names the bindings and never holds a value. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** Checks the bindings of the Worker. Throws `ConfigError`. */
export function parseConfig(env: unknown): Config {
  const parsed = bindings.safeParse(env)
  if (parsed.success) return parsed.data
  const names = new Set(parsed.error.issues.map((issue) => String(issue.path[0])))
  throw new ConfigError(`These bindings are missing or wrong: ${[...names].join(', ')}. See wrangler.toml.`)
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
}
