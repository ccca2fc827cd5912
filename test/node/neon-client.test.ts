import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { neonConfig } from '@neondatabase/serverless'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod/mini'
import { NeonClient } from '../../src/stores/neon-client.ts'

const CONNECTION = 'postgres://worker:p%40ss@ep-cool-1-pooler.eu-central-1.aws.neon.tech/jobs?sslmode=require'
const row = z.object({ name: z.string(), jobs: z.array(z.string()) })
const FIELDS = [
  { name: 'name', dataTypeID: 25 },
  { name: 'jobs', dataTypeID: 114 },
]
const { signal } = new AbortController()
const defaultEndpoint = neonConfig.fetchEndpoint

interface Received {
  method: string | undefined
  headers: IncomingMessage['headers']
  body: unknown
}

describe('Neon client', () => {
  const received: Received[] = []
  let respond: () => { status: number; body: string; headers?: Record<string, string> }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    received.push({ method: request.method, headers: request.headers, body: JSON.parse(body) })
    const reply = respond()
    response.writeHead(reply.status, reply.headers).end(reply.body)
  })
  let endpoint = ''

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    endpoint = `http://127.0.0.1:${port}/sql`
  })
  afterAll(() => {
    server.close()
  })
  beforeEach(() => {
    received.length = 0
    const body = { fields: FIELDS, rows: [['Acme', '["a"]']], rowCount: 1, command: 'SELECT' }
    respond = () => ({ status: 200, body: JSON.stringify(body) })
  })

  const client = () => new NeonClient({ connectionString: CONNECTION, endpoint, timeoutMs: 1_000 })
  const query = () => client().queryRow('select $1, $2::uuid[], $3', ['hash', ['a', 'b'], 20], row, signal)
  const faultOf = async () => {
    const error: unknown = await query().catch((reason: unknown) => reason)
    return error
  }

  it('sends the statement through the driver and parses the row', async () => {
    expect(await query()).toEqual({ name: 'Acme', jobs: ['a'] })
    expect(received).toHaveLength(1)
    expect(received[0]).toMatchObject({
      method: 'POST',
      headers: { 'neon-connection-string': expect.stringContaining(CONNECTION.split('://')[1] ?? '') },
      body: { query: 'select $1, $2::uuid[], $3', params: ['hash', '{"a","b"}', '20'] },
    })
  })

  it('sends statements to Neon when no local endpoint is set', async () => {
    neonConfig.fetchEndpoint = defaultEndpoint
    const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'))
    const neon = new NeonClient({ connectionString: CONNECTION, timeoutMs: 1_000 })
    await expect(neon.queryRow('select 1', [], row, signal)).rejects.toMatchObject({ fault: 'unreachable' })
    expect(fetched.mock.calls.map(([url]) => url)).toEqual([
      'https://api.eu-central-1.aws.neon.tech/sql',
      'https://api.eu-central-1.aws.neon.tech/sql',
    ])
    fetched.mockRestore()
  })

  it.each([
    [400, { message: 'secret text', code: '42501' }, 'sqlstate_42501', 1],
    [400, { message: 'secret text' }, 'unusable', 1],
    [500, { message: 'secret text' }, 'status_500', 2],
    [403, { message: 'secret text' }, 'status_403', 1],
    [200, { rows: 'none' }, 'unusable', 1],
    [200, { fields: FIELDS, rows: [['Acme', '{}']] }, 'unusable', 1],
  ])(
    'turns status %d with %j into the fault %s, after %d attempts',
    async (status, body, fault, attempts) => {
      respond = () => ({ status, body: JSON.stringify(body) })
      const error = await faultOf()
      expect(error).toMatchObject({ name: 'StoreError', fault, message: fault })
      expect(received).toHaveLength(attempts)
    },
  )

  it('does not follow a redirect, which would carry the connection string along', async () => {
    respond = () => ({ status: 307, body: '', headers: { location: endpoint } })
    expect(await faultOf()).toMatchObject({ name: 'StoreError' })
    expect(received).toHaveLength(1)
  })

  it('ends when its signal aborts', async () => {
    const aborted = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    const failed = client().queryRow('select 1', [], row, aborted)
    await expect(failed).rejects.toMatchObject({ fault: 'timeout' })
    expect(received).toEqual([])
  })
})
