// The Worker's bindings: their defaults, what is refused, and what a Worker with wrong bindings does.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConfigError, inspectSettings, parseConfig, parseSettings } from '../../src/config.ts'
import worker from '../../src/index.ts'
import { bindings } from '../support/api.ts'
import { randomBindings } from '../support/random-bindings.ts'

const complete = { ...bindings, FLOOR: env.FLOOR }

function problemWith(changes: Record<string, unknown>): string {
  try {
    parseConfig({ ...complete, ...changes })
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('The bindings were accepted')
}

describe('parseConfig', () => {
  it('returns the documented defaults for bindings that are not set', () => {
    expect(parseConfig(complete)).toMatchObject({
      ANALYTICS_API: 'v2',
      ANALYTICS_JOB_DIMENSION: 'event:page',
      ANALYTICS_QUERIES_PER_HOUR: 600,
      RATE_LIMIT_REQUESTS: 100,
      RATE_LIMIT_WINDOW_SECONDS: 60,
      CONCURRENCY_LIMIT: 10,
      CACHE_FRESH_SECONDS: 86_400,
      CACHE_STALE_SECONDS: 3_600,
      CACHE_KEEP_SECONDS: 86_400,
      CORS_ORIGINS: [],
      CONSOLE_FRAME_ANCESTORS: [],
    })
  })

  it.each([
    ['DATABASE_URL', undefined],
    ['DATABASE_URL', 'not-a-url-with-a-password'],
    ['NEON_ENDPOINT', 'https://evil.example/sql'],
    ['UPSTASH_REDIS_REST_URL', 'redis://127.0.0.1'],
    ['UPSTASH_REDIS_REST_TOKEN', ''],
    ['PLAUSIBLE_URL', undefined],
    ['PLAUSIBLE_API_KEY', undefined],
    ['API_KEY_SECRET', 'too short'],
    ['ANALYTICS_JOB_DIMENSION', 'visit:source'],
    ['RATE_LIMIT_REQUESTS', '0'],
    ['CONCURRENCY_LIMIT', 'ten'],
    ['CACHE_FRESH_SECONDS', '-1'],
    ['CORS_ORIGINS', 'https://dashboard.example/path'],
    ['CONSOLE_SECRET', 'too short'],
    ['CONSOLE_DATABASE_URL', 'not-a-url-with-a-password'],
    ['CONSOLE_FRAME_ANCESTORS', 'http://app.example'],
    ['CONSOLE_FRAME_ANCESTORS', 'https://app.example/path'],
    ['ASSETS', 'public'],
    ['FLOOR', undefined],
  ])('refuses %s of %j, names the binding and does not repeat the value', (name, value) => {
    const parse = () => parseConfig({ ...complete, [name]: value })
    expect(parse).toThrow(ConfigError)
    expect(parse).toThrow(name)
    if (value) expect(parse).not.toThrow(value)
  })

  it.each([
    ['DATABASE_URL', 'postgres://me:pw@db.example', 'has no database name'],
    ['DATABASE_URL', 'postgres://db.example/jobs', 'has no user'],
    ['UPSTASH_REDIS_REST_URL', 'http://redis.example', 'must start with https://'],
    ['PLAUSIBLE_URL', 'https://me:pw@plausible.example', 'must not contain a user name or a password'],
    ['PLAUSIBLE_URL', 'https://plausible.example//', 'contains a doubled slash'],
    ['PLAUSIBLE_URL', 'https://plausible.example/api/v2/query', 'ends in the path of an API'],
    ['PLAUSIBLE_URL', 'https://plausible.example/?a=b', 'must not contain a query or a fragment'],
    ['UPSTASH_REDIS_REST_TOKEN', 'two\nlines', 'contains a blank, a line break'],
    ['API_KEY_SECRET', 'x'.repeat(31), 'must have at least 32 characters'],
    ['API_KEY_SECRET_PREVIOUS', 'x'.repeat(31), 'must have at least 32 characters'],
    ['PUBLIC_URL', 'https://api.example/v1', 'must be an origin'],
    ['ANALYTICS_API', 'v3', 'must be v2 or v1'],
    ['ANALYTICS_APPLY_EVENT', 'x'.repeat(121), 'must have at most 120 characters'],
    ['ANALYTICS_QUERIES_PER_HOUR', '1.5', 'must be a whole number of at least 0'],
    ['CACHE_KEEP_SECONDS', true, 'must be text'],
    ['PLAUSIBLE_API_KEY', ' \n', 'is not set'],
  ])('says what is wrong with %s of %j', (name, value, problem) => {
    expect(problemWith({ [name]: value })).toContain(`${name} ${problem}`)
  })

  it('names every wrong binding in one message', () => {
    const message = problemWith({ DATABASE_URL: undefined, RATE_LIMIT_REQUESTS: '0', FLOOR: undefined })
    expect(message).toMatch(/DATABASE_URL is not set; RATE_LIMIT_REQUESTS must .*; FLOOR must be/)
  })

  it('removes blanks and line breaks around a value, and a trailing slash of an address', () => {
    const config = parseConfig({
      ...complete,
      API_KEY_SECRET: `${'s'.repeat(32)}\r\n`,
      PLAUSIBLE_URL: ' https://plausible.example/ \n',
      PUBLIC_URL: 'https://api.example/\n',
      CORS_ORIGINS: '\thttps://a.example ,https://b.example\n',
      RATE_LIMIT_REQUESTS: '7\n',
    })
    expect(config).toMatchObject({
      API_KEY_SECRET: 's'.repeat(32),
      PLAUSIBLE_URL: 'https://plausible.example',
      PUBLIC_URL: 'https://api.example',
      CORS_ORIGINS: ['https://a.example', 'https://b.example'],
      RATE_LIMIT_REQUESTS: 7,
    })
  })

  it('treats an empty or blank value as not set', () => {
    const blank = {
      ANALYTICS_JOB_DIMENSION: '',
      CACHE_KEEP_SECONDS: ' ',
      NEON_ENDPOINT: '\n',
      CORS_ORIGINS: '',
    }
    const config = parseConfig({ ...complete, ...blank })
    expect(config).toMatchObject({ ANALYTICS_JOB_DIMENSION: 'event:page', CACHE_KEEP_SECONDS: 86_400 })
    expect(config.NEON_ENDPOINT).toBeUndefined()
    expect(config.CORS_ORIGINS).toEqual([])
  })

  it('takes a number where wrangler.toml holds one', () => {
    expect(parseConfig({ ...complete, CACHE_FRESH_SECONDS: 60 }).CACHE_FRESH_SECONDS).toBe(60)
  })
})

describe('inspectSettings', () => {
  it('returns the right settings beside the problems of the wrong ones', () => {
    const { right, problems } = inspectSettings({
      ...bindings,
      API_KEY_SECRET: 'short',
      PLAUSIBLE_URL: undefined,
    })
    expect(problems.map(({ name }) => name).toSorted()).toEqual(['API_KEY_SECRET', 'PLAUSIBLE_URL'])
    expect(right).toMatchObject({ DATABASE_URL: bindings['DATABASE_URL'], RATE_LIMIT_REQUESTS: 100 })
    expect(right.API_KEY_SECRET).toBeUndefined()
  })

  it('reports everything as missing when there are no bindings at all', () => {
    expect(() => parseSettings(undefined)).toThrow(/DATABASE_URL is not set/)
  })
})

describe('the Worker', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })
  const request = () => new Request<unknown, IncomingRequestCfProperties>('https://api.test/analytics/jobs')
  const statusWith = async (vars: Record<string, unknown>) => {
    const response = await worker.fetch(request(), vars as unknown as Env, createExecutionContext())
    await response.text()
    return response.status
  }

  it('returns the 500 of the contract when a binding is missing, and names the binding in the log', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const rest = { ...complete, DATABASE_URL: undefined }
    const response = await worker.fetch(request(), rest as unknown as Env, createExecutionContext())
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ error: { code: 'internal_error' } })
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('DATABASE_URL'))
    expect(error.mock.calls.join()).not.toContain(String(bindings['API_KEY_SECRET']))
  })

  it('returns 401 to a request without a key when all bindings are right', async () => {
    expect(await statusWith(complete)).toBe(401)
  })

  it('serves with 200 random sets of bindings exactly when all of them are right, and logs the wrong names', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    vi.spyOn(console, 'log').mockImplementation(() => {})
    for (const { bindings: set, wrong } of randomBindings(200, 20_261)) {
      error.mockClear()
      const status = await statusWith({ ...set, FLOOR: env.FLOOR })
      expect({ status, set }).toEqual({ status: wrong.length === 0 ? 401 : 500, set })
      const logged = error.mock.calls.join()
      expect(namesIn(logged), JSON.stringify(set)).toEqual(wrong.toSorted())
    }
  })
})

/** The bindings that a config error names, sorted. */
function namesIn(message: string): string[] {
  return Array.from(message.matchAll(/(?:wrong: |; )([A-Z_]+) /g), ([, name = '']) => name).toSorted()
}
