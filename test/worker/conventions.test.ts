import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createApp } from '../../src/app.ts'
import { createApi, createFaultyStore, jobsPath, organizations, withKey } from '../support/api.ts'
import { STORE_SECRET } from '../support/fault-control.ts'

const [organization] = organizations
const path = jobsPath([organization?.jobs[0]?.id ?? ''])
const key = organization?.apiKey ?? ''
const origin = 'https://dashboard.example.com'

describe('GET /health', () => {
  it('names the release and asks no store', async () => {
    const api = createApi({
      CF_VERSION_METADATA: { id: 'b2f7', tag: 'v1.2.3', timestamp: '2026-01-01T00:00:00Z' },
      NEON_ENDPOINT: 'http://127.0.0.1:1/sql',
      UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1',
      PLAUSIBLE_URL: 'http://127.0.0.1:1',
    })
    const response = await api.call('/health')
    expect(response.status).toBe(200)
    expect(response.json).toEqual({ status: 'ok', release: 'v1.2.3' })
  })
})

describe('GET /ready', () => {
  it('is ready when every store responds', async () => {
    const { status, json } = await createApi().call('/ready')
    expect(status).toBe(200)
    expect(json).toEqual({ status: 'ready', stores: { database: 'ok', redis: 'ok', analytics: 'ok' } })
  })

  it.each(['postgres', 'redis', 'plausible'] as const)('says which one is unavailable: %s', async (name) => {
    const store = createFaultyStore(name)
    await store.set({ mode: 'status_500' })
    const { status, json, headers, text } = await createApi(store.vars).call('/ready')
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('5')
    const field = { postgres: 'database', redis: 'redis', plausible: 'analytics' }[name]
    expect(json).toMatchObject({ status: 'not_ready', stores: { [field]: 'unreachable' } })
    expect(text).not.toContain(STORE_SECRET)
  })

  it('looks at the stores once in 5 seconds', async () => {
    let now = 1_000_000
    let looks = 0
    const ping = () => {
      looks++
      return Promise.resolve(undefined)
    }
    const store = { ping }
    const api = createApi({}, { now: () => now, stores: { database: store, redis: store, analytics: store } })
    await api.call('/ready')
    now += 4_999
    await api.call('/ready')
    expect(looks).toBe(3)
    now += 1
    await api.call('/ready')
    expect(looks).toBe(6)
  })
})

describe('methods', () => {
  it.each(['/analytics/jobs', '/health', '/ready'])(
    'OPTIONS of %s says what it takes, without a key',
    async (at) => {
      const { status, headers, text } = await createApi().call(at, { method: 'OPTIONS' })
      expect([status, text]).toEqual([204, ''])
      expect(headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    },
  )

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is refused with what the address takes', async (method) => {
    const { status, headers } = await createApi().call(path, { method })
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })

  it('HEAD has the headers of GET and no body', async () => {
    const api = createApi({ RATE_LIMIT_REQUESTS: '100000' })
    const get = await api.call(path, withKey(key))
    const head = await api.call(path, { ...withKey(key), method: 'HEAD' })
    expect([head.status, head.text]).toEqual([200, ''])
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'))
  })
})

describe('CORS', () => {
  const preflight = { Origin: origin, 'Access-Control-Request-Method': 'GET' }

  it('is off by default', async () => {
    const api = createApi({ RATE_LIMIT_REQUESTS: '100000' })
    for (const init of [withKey(key, { Origin: origin }), { method: 'OPTIONS', headers: preflight }]) {
      const { headers } = await api.call(path, init)
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  it('responds to the preflight of an allowed origin without a key', async () => {
    const api = createApi({ CORS_ORIGINS: `https://other.example.com, ${origin}` })
    const { status, headers } = await api.call(path, { method: 'OPTIONS', headers: preflight })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-allow-headers')).toContain('x-api-key')
    expect(headers.get('vary')).toContain('Origin')
  })

  it.each(['GET', 'POST'])(
    'lets a page of an allowed origin read the limits, errors included: %s',
    async (method) => {
      const api = createApi({ CORS_ORIGINS: origin })
      const { headers } = await api.call(path, { ...withKey(key, { Origin: origin }), method })
      expect(headers.get('access-control-allow-origin')).toBe(origin)
      expect(headers.get('access-control-expose-headers')).toContain('RateLimit')
      expect(headers.get('access-control-expose-headers')).toContain('Retry-After')
    },
  )

  it.each(['https://evil.example.com', 'https://dashboard.example.com.evil.com', 'null'])(
    'tells nothing to %s',
    async (stranger) => {
      const api = createApi({ CORS_ORIGINS: origin })
      const { headers } = await api.call(path, withKey(key, { Origin: stranger }))
      expect(headers.has('access-control-allow-origin')).toBe(false)
      expect(headers.get('vary')).toContain('Origin')
    },
  )

  it.each(['dashboard.example.com', `${origin}/`, `${origin}/page`, '*'])(
    'refuses %s as an origin',
    (text) => {
      expect(() => createApi({ CORS_ORIGINS: text })).toThrow('CORS_ORIGINS')
    },
  )
})

describe('a request target without a path', () => {
  it.each(['GET', 'OPTIONS'])('%s * is a 404 like any unknown address', async (method) => {
    const request = new Request('https://api.test/', { method })
    // The runtime passes the target on as it was sent, but its own constructor adds a slash.
    Object.defineProperty(request, 'url', { value: 'https://api.test*' })
    const response = await createApp(createApi().services).fetch(request, env, createExecutionContext())
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } })
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{16}$/)
  })
})

describe('a request with two `Host` headers', () => {
  it.each(['/jobs', '/analytics/jobs', '/health', '/nothing'])('%s is a 400, without a hop', async (path) => {
    const request = new Request(`https://api.test${path}`)
    // As workerd passes it on.
    Object.defineProperty(request, 'url', { value: `https://api.test, evil.example${path}` })
    const lines: unknown[] = []
    const { services } = createApi({}, { log: (line) => lines.push(line) })
    const context = createExecutionContext()
    const response = await createApp(services).fetch(request, env, context)
    await waitOnExecutionContext(context)
    expect(response.status).toBe(400)
    const details = [{ parameter: 'Host', message: 'Send one `Host` header, with the host of the API.' }]
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request', details } })
    expect(lines).toEqual([expect.objectContaining({ status: 400, code: 'invalid_request' })])
    expect(lines[0]).not.toHaveProperty('redis_ms')
  })
})
