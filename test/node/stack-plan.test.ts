// What the environment of `npm run dev` replaces: the decision only, nothing is started.
import { describe, expect, it } from 'vitest'
import { planStack, StackPlanError } from '../../local/stack-plan.ts'
import { isWorkerSetting } from '../../local/worker-bindings.ts'
import { parseConfig } from '../../src/config.ts'

describe('planStack', () => {
  it('embeds everything when no variable is set or all are empty', () => {
    const embedded = { kind: 'embedded' }
    const expected = {
      database: embedded,
      redis: embedded,
      plausible: embedded,
      apiKeySecret: undefined,
      settings: {},
    }
    expect(planStack({})).toEqual(expected)
    expect(
      planStack({ DATABASE_URL: '', REDIS_URL: '', API_KEY_SECRET: '', RATE_LIMIT_REQUESTS: '' }),
    ).toEqual(expected)
  })

  it.each(['localhost', '127.0.0.1', '[::1]'])('puts the front before a Postgres server on %s', (host) => {
    const { database } = planStack({ DATABASE_URL: `postgres://u:p@${host}:5433/d` })
    expect(database).toMatchObject({ kind: 'server', server: { port: 5433 } })
  })

  it('leaves a database elsewhere, or one with an endpoint, as it is', () => {
    const remote = 'postgres://u:p@x.neon.tech/d'
    expect(planStack({ DATABASE_URL: remote }).database).toEqual({
      kind: 'neon',
      url: remote,
      endpoint: undefined,
    })
    const local = 'postgres://u:p@127.0.0.1:1/d'
    const endpoint = 'http://127.0.0.1:1/sql'
    expect(planStack({ DATABASE_URL: local, NEON_ENDPOINT: endpoint }).database).toEqual({
      kind: 'neon',
      url: local,
      endpoint,
    })
  })

  it('prefers an Upstash database to a Redis server, and that to the embedded one', () => {
    const server = { REDIS_URL: 'redis://127.0.0.1' }
    const upstash = { UPSTASH_REDIS_REST_URL: 'https://x', UPSTASH_REDIS_REST_TOKEN: 't' }
    expect(planStack(server).redis).toEqual({ kind: 'server', url: 'redis://127.0.0.1' })
    expect(planStack({ ...server, ...upstash }).redis).toEqual({
      kind: 'upstash',
      url: 'https://x',
      token: 't',
    })
  })

  it('passes on the settings of the Worker and its secret, and no other variable', () => {
    const { settings, apiKeySecret } = planStack({
      CACHE_FRESH_SECONDS: '0',
      API_KEY_SECRET: 's',
      HOME: '/root',
    })
    expect(settings).toEqual({ CACHE_FRESH_SECONDS: '0' })
    expect(apiKeySecret).toBe('s')
  })

  it('passes on every var and secret of the Worker that it does not set itself', () => {
    const setByTheStack = [
      'DATABASE_URL',
      'NEON_ENDPOINT',
      'UPSTASH_REDIS_REST_URL',
      'UPSTASH_REDIS_REST_TOKEN',
      'PLAUSIBLE_URL',
      'PLAUSIBLE_API_KEY',
      'API_KEY_SECRET',
    ]
    const notText = ['CF_VERSION_METADATA', 'FLOOR', 'ASSETS']
    const names = bindingNames().filter((name) => ![...setByTheStack, ...notText].includes(name))
    expect(names).toContain('CACHE_FRESH_SECONDS')
    expect(names.filter((name) => !isWorkerSetting(name))).toEqual([])
  })

  it.each([
    'ANALYTICS_API',
    'ANALYTICS_APPLY_EVENT',
    'ANALYTICS_QUERIES_PER_HOUR',
    'API_KEY_SECRET_PREVIOUS',
  ])('passes on %s', (name) => {
    expect(planStack({ [name]: 'a-value' }).settings).toEqual({ [name]: 'a-value' })
  })

  it.each([
    { DATABASE_URL: 'hunter2' },
    { DATABASE_URL: 'postgres://host-only:hunter2/db' },
    { NEON_ENDPOINT: 'http://127.0.0.1:1/sql' },
    { UPSTASH_REDIS_REST_URL: 'https://hunter2' },
    { UPSTASH_REDIS_REST_TOKEN: 'hunter2' },
    { PLAUSIBLE_API_KEY: 'hunter2' },
  ])('refuses %j without repeating a value', (environment) => {
    expect(() => planStack(environment)).toThrow(StackPlanError)
    expect(() => planStack(environment)).not.toThrow(/hunter2/)
  })
})

/** The names of all bindings that the Worker reads. */
function bindingNames(): string[] {
  const names = new Set<string>()
  const note = (name: string | symbol) => {
    if (typeof name === 'string') names.add(name)
  }
  const recorder = new Proxy(
    {},
    {
      get: (_, name) => note(name),
      has: (_, name) => {
        note(name)
        return false
      },
    },
  )
  expect(() => parseConfig(recorder)).toThrow()
  return [...names]
}
