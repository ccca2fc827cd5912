import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { ConfigError, parseConfig } from '../../src/config.ts'
import worker from '../../src/index.ts'
import { bindings } from '../support/api.ts'

const complete = { ...bindings, FLOOR: env.FLOOR }

describe('the bindings', () => {
  it('have the documented defaults', () => {
    expect(parseConfig(complete)).toMatchObject({
      ANALYTICS_JOB_DIMENSION: 'event:page',
      RATE_LIMIT_REQUESTS: 100,
      RATE_LIMIT_WINDOW_SECONDS: 60,
      CONCURRENCY_LIMIT: 10,
      CACHE_FRESH_SECONDS: 300,
      CACHE_STALE_SECONDS: 3_600,
      CACHE_KEEP_SECONDS: 86_400,
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
    ['FLOOR', undefined],
  ])('name %s when it is %j, and never say its value', (name, value) => {
    const parse = () => parseConfig({ ...complete, [name]: value })
    expect(parse).toThrow(ConfigError)
    expect(parse).toThrow(name)
    if (value) expect(parse).not.toThrow(value)
  })
})

describe('a Worker with a missing binding', () => {
  it('answers the plain 500 of the contract and names the binding in the log', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const rest = { ...complete, DATABASE_URL: undefined }
    const request = new Request<unknown, IncomingRequestCfProperties>('https://api.test/analytics/jobs')
    const answer = await worker.fetch(request, rest as unknown as Env, createExecutionContext())
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ error: { code: 'internal_error' } })
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('DATABASE_URL'))
    expect(error.mock.calls.join()).not.toContain(String(bindings['API_KEY_SECRET']))
    error.mockRestore()
  })

  it('answers 401 to a request without a key when all is there', async () => {
    const request = new Request<unknown, IncomingRequestCfProperties>('https://api.test/analytics/jobs')
    const answer = await worker.fetch(request, complete as unknown as Env, createExecutionContext())
    expect(answer.status).toBe(401)
    await answer.text()
  })
})
