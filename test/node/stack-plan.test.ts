// What the environment of `npm run dev` replaces: the decision alone, nothing is started.
import { describe, expect, it } from 'vitest'
import { planStack, StackPlanError } from '../../local/stack-plan.ts'

describe('planStack', () => {
  it('embeds everything where nothing is set, and takes an empty variable for one that is not', () => {
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

  it.each(['localhost', '127.0.0.1', '[::1]'])('puts the front before a Postgres on %s', (host) => {
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

  it('takes an Upstash database before a Redis server before the embedded one', () => {
    const server = { REDIS_URL: 'redis://127.0.0.1' }
    const upstash = { UPSTASH_REDIS_REST_URL: 'https://x', UPSTASH_REDIS_REST_TOKEN: 't' }
    expect(planStack(server).redis).toEqual({ kind: 'server', url: 'redis://127.0.0.1' })
    expect(planStack({ ...server, ...upstash }).redis).toEqual({
      kind: 'upstash',
      url: 'https://x',
      token: 't',
    })
  })

  it('passes on the settings of the Worker and its secret, and nothing else', () => {
    const { settings, apiKeySecret } = planStack({
      CACHE_FRESH_SECONDS: '0',
      API_KEY_SECRET: 's',
      HOME: '/root',
    })
    expect(settings).toEqual({ CACHE_FRESH_SECONDS: '0' })
    expect(apiKeySecret).toBe('s')
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
