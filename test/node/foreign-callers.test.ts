// Requests that a web page on the internet could send to this machine: each stand-in refuses them with 403 before it does anything.
import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPlausible } from '../../local/plausible/start-plausible.ts'
import { startNeonFront } from '../../local/postgres/neon-front.ts'
import { startUpstashFront } from '../../local/redis/upstash-front.ts'

interface StandIn {
  url: string
  /** What a caller from this machine sends, and the status it gets. */
  path: string
  headers: Record<string, string>
  body: string
  status: number
  /** How often the engine behind it ran something. */
  runs: () => number
  close(): Promise<void>
}

const standIns: [string, () => Promise<StandIn>][] = [
  ['the Neon front', openNeon],
  ['the Upstash front', openUpstash],
  ['the stand-in for Plausible', openPlausible],
]

async function openNeon(): Promise<StandIn> {
  let runs = 0
  const backend = {
    run: async () => {
      runs += 1
      return [{ fields: [], rows: [], command: 'SELECT', rowCount: 0 }]
    },
    close: async () => {},
  }
  const { endpoint, close } = await startNeonFront({ backend })
  return {
    url: new URL(endpoint).origin,
    path: '/sql',
    headers: {
      'neon-connection-string': 'postgres://user:password@127.0.0.1/db',
      'neon-raw-text-output': 'true',
    },
    body: '{"query":"SELECT"}',
    status: 200,
    runs: () => runs,
    close,
  }
}

async function openUpstash(): Promise<StandIn> {
  let runs = 0
  const redis = {
    send: async () => {
      runs += 1
      return [null]
    },
    close: async () => {},
  }
  const { url, close } = await startUpstashFront({ redis, token: 'a-token' })
  const headers = { authorization: 'Bearer a-token' }
  return { url, path: '/', headers, body: '["GET","key"]', status: 200, runs: () => runs, close }
}

async function openPlausible(): Promise<StandIn> {
  const { url, close } = await startPlausible({ apiKey: 'a-key' })
  return {
    url,
    path: '/local/sql',
    headers: {},
    body: '{"sql":"select 1"}',
    status: 200,
    runs: () => 0,
    close,
  }
}

describe.each(standIns)('%s', (_, open) => {
  let standIn: StandIn
  beforeAll(async () => {
    standIn = await open()
  })
  afterAll(() => standIn.close())

  const send = async (headers: Record<string, string>) => {
    const { url, path, body, headers: own } = standIn
    // fetch() does not send a Host of the caller's choice.
    const outgoing = request(url + path, { method: 'POST', headers: { ...own, ...headers } })
    outgoing.end(body)
    const [incoming] = await once(outgoing, 'response')
    let text = ''
    for await (const chunk of incoming) text += chunk
    return { status: incoming.statusCode, text }
  }

  it.each([
    [
      'the Host of a site that resolves to 127.0.0.1',
      { host: 'rebound.example.com:80' },
      /Host header.*127\.0\.0\.1/,
    ],
    ['a Host that begins like a name of this machine', { host: 'localhost.example.com' }, /Host header/],
    ['a Host that is no host', { host: 'a b' }, /Host header/],
    ['the Origin of a site on the internet', { origin: 'https://example.com' }, /Origin header.*localhost/],
    ['an opaque Origin', { origin: 'null' }, /Origin header/],
  ])('returns 403 to %s and runs nothing', async (__, headers, message) => {
    const before = standIn.runs()
    const { status, text } = await send(headers)
    expect(status).toBe(403)
    expect(text).toMatch(message)
    expect(text).not.toContain('example.com')
    expect(standIn.runs()).toBe(before)
  })

  it.each([{ host: 'localhost:1234' }, { host: '[::1]' }, { origin: 'http://localhost:3000' }, {}])(
    'serves a caller of this machine that sends %j',
    async (headers) => {
      expect((await send(headers)).status).toBe(standIn.status)
    },
  )
})
