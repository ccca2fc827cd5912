// The interceptor of the rehearsal: finds each way in which a request can differ from what a service takes.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LoopbackServer, readBody, startLoopbackServer } from '../../local/loopback-server.ts'
import {
  interceptOutbound,
  type OutboundHandler,
  type OutboundRecord,
  type ServedRequest,
  type Service,
} from '../setup/deployment/outbound-interceptor.ts'

const TOKEN = 'token-of/the+redis'
const KEY = 'key-of-the-store'
const URL_OF_PIPELINE = 'https://db.upstash.io/pipeline'
const json = { 'content-type': 'application/json' }
const right = { authorization: `Bearer ${TOKEN}`, ...json }

let engine: LoopbackServer
let received: string[]
let record: OutboundRecord
let handle: OutboundHandler

beforeAll(async () => {
  engine = await startLoopbackServer(async (request, response) => {
    received.push(`${request.method} ${request.url} ${await readBody(request, 1000)}`)
    response.writeHead(201, { 'x-engine': 'yes' }).end('stored')
  })
})
afterAll(() => engine.close())
beforeEach(() => {
  received = []
  const served = (path: string, headers: ServedRequest['headers'], method = 'POST') => ({
    method,
    path,
    headers,
  })
  const services: Service[] = [
    {
      name: 'Redis',
      host: 'db.upstash.io',
      engine: engine.url,
      secrets: [TOKEN],
      serves: [
        served('/pipeline', {
          authorization: `Bearer ${TOKEN}`,
          'content-type': (type) => type.startsWith('application/json'),
        }),
      ],
    },
    {
      name: 'Store',
      host: 'plausible.io',
      engine: engine.url,
      secrets: [KEY],
      serves: [served('/api/health', {}, 'GET')],
    },
  ]
  ;({ record, handle } = interceptOutbound(services, { TOKEN, KEY }))
})

function send(url: string, init: RequestInit = {}): ReturnType<OutboundHandler> {
  return handle(new Request(url, init))
}

function sendBatch(url: string, init: RequestInit = {}): ReturnType<OutboundHandler> {
  return send(url, { method: 'POST', headers: right, body: '[["PING"]]', ...init })
}

describe('a request that a service takes', () => {
  it('reaches the engine with its body, and its response comes back', async () => {
    const response = await sendBatch(URL_OF_PIPELINE)
    expect(response.status).toBe(201)
    expect(response.headers.get('x-engine')).toBe('yes')
    expect(await response.text()).toBe('stored')
    expect(received).toEqual(['POST /pipeline [["PING"]]'])
    expect(record).toEqual({ requests: ['POST db.upstash.io/pipeline'], violations: [] })
  })

  it('without headers to send: passes', async () => {
    expect((await send('https://plausible.io/api/health')).status).toBe(201)
    expect(record.violations).toEqual([])
  })
})

describe('a request that differs', () => {
  const without = (name: keyof typeof right) => {
    const { [name]: _, ...headers } = right
    return headers
  }
  const wrong: [what: string, url: string, init: RequestInit, violation: string][] = [
    [
      'in its host',
      'https://db.upstash.com/pipeline',
      { headers: json },
      'no service of the Worker has this host',
    ],
    [
      'in a label of its host',
      'https://x.db.upstash.io/pipeline',
      { headers: json },
      'no service of the Worker has this host',
    ],
    ['in its protocol', 'http://db.upstash.io/pipeline', {}, 'it is sent without TLS'],
    ['in its port', 'https://db.upstash.io:8443/pipeline', {}, 'it names a port'],
    ['in its path', 'https://db.upstash.io/pipelines', {}, 'Redis serves nothing at this path'],
    ['in a slash', 'https://db.upstash.io/pipeline/', {}, 'Redis serves nothing at this path'],
    ['in its method', URL_OF_PIPELINE, { method: 'PUT' }, 'Redis does not serve this method here'],
    ['in a query', `${URL_OF_PIPELINE}?a=b`, {}, 'Redis takes no query here'],
    [
      'in a missing token',
      URL_OF_PIPELINE,
      { headers: without('authorization') },
      'the header authorization is missing',
    ],
    [
      'in a missing type',
      URL_OF_PIPELINE,
      { headers: without('content-type'), body: new Uint8Array([1]) },
      'the header content-type is missing',
    ],
    [
      'in its token',
      URL_OF_PIPELINE,
      { headers: { ...right, authorization: 'Bearer x' } },
      'the header authorization is not what Redis expects',
    ],
    [
      'in the scheme of its token',
      URL_OF_PIPELINE,
      { headers: { ...right, authorization: `bearer ${TOKEN}` } },
      'the header authorization is not what Redis expects',
    ],
    [
      'in its type',
      URL_OF_PIPELINE,
      { headers: { ...right, 'content-type': 'text/plain' } },
      'the header content-type is not what Redis expects',
    ],
    ['in a secret in its URL', `${URL_OF_PIPELINE}?_token=${TOKEN}`, {}, 'it has TOKEN in its URL'],
    [
      'in an encoded secret in its URL',
      `${URL_OF_PIPELINE}?_token=${encodeURIComponent(TOKEN)}`,
      {},
      'it has TOKEN in its URL',
    ],
    [
      'in the secret of another service',
      URL_OF_PIPELINE,
      { headers: { ...right, 'x-key': KEY } },
      'it carries KEY, which does not belong there',
    ],
    [
      'in such a secret in its body',
      URL_OF_PIPELINE,
      { body: JSON.stringify([KEY]) },
      'it carries KEY, which does not belong there',
    ],
  ]

  it.each(wrong)('%s: is found and reaches no engine', async (_, url, init, violation) => {
    const response = await sendBatch(url, init)
    expect(response.status).toBe(502)
    expect(record.requests).toEqual([])
    expect(record.violations.some((line) => line.endsWith(`: ${violation}`))).toBe(true)
    expect(received).toEqual([])
  })

  it('in a login in its URL: is found', async () => {
    // `Request` refuses such a URL, and a Worker might not.
    const request = {
      url: 'https://user:word@db.upstash.io/pipeline',
      method: 'POST',
      headers: Object.entries(right),
    }
    await handle({ ...request, arrayBuffer: async () => new ArrayBuffer(0) })
    expect(record.violations).toEqual(['POST db.upstash.io/pipeline: it has a login in its URL'])
  })

  it('in its host: a secret that goes there is found too', async () => {
    await sendBatch('https://db.upstash.com/pipeline')
    expect(record.violations).toContain(
      'POST db.upstash.com/pipeline: it carries TOKEN, which does not belong there',
    )
  })

  it('in several ways: all are found, and none shows a secret', async () => {
    await sendBatch(`http://db.upstash.io:81/${KEY}?${TOKEN}`, { headers: { authorization: KEY } })
    expect(record.violations.length).toBeGreaterThan(3)
    expect(record.violations.join()).not.toContain(KEY)
    expect(record.violations.join()).not.toContain(TOKEN)
  })
})
