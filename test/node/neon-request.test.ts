import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { neon, neonConfig } from '@neondatabase/serverless'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openNeon } from '../../src/adapters/neon-client.ts'
import { composeNeonRequest } from '../../src/adapters/neon-request.ts'

const CONNECTION = 'postgres://worker:p%40ss@ep-cool-1-pooler.eu-central-1.aws.neon.tech/jobs?sslmode=require'
const ROW = ['key', '42', null, '[["a","/b"]]']
const FIELDS = ROW.map((_, index) => ({ name: `c${index}`, dataTypeID: index === 3 ? 114 : 25 }))

const NEON_ITSELF = neonConfig.fetchEndpoint

interface Asked {
  method: string | undefined
  path: string | undefined
  headers: IncomingMessage['headers']
  body: unknown
}

describe('what is sent to Neon', () => {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { method, url: path, headers } = request
    asked.push({ method, path, headers, body: JSON.parse(body) })
    response.end(JSON.stringify({ fields: FIELDS, rows: [ROW], rowCount: 1, command: 'SELECT' }))
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
    asked.length = 0
  })

  it('is what the driver itself sends, but for what it does to lists', async () => {
    const [text, parameters] = ['select $1, $2, $3', ['hash', '{"a","b"}', 20]] as const
    neonConfig.fetchEndpoint = endpoint
    await neon(CONNECTION, { arrayMode: true }).query(text, [...parameters])
    const answer = await openNeon({ connectionString: CONNECTION, endpoint, timeoutMs: 1_000 }).ask(
      text,
      parameters,
      (columns) => columns,
    )
    expect(answer).toEqual({
      kind: 'known',
      organization: { keyId: 'key', id: '42', domain: undefined },
      rows: [[['a', '/b']]],
    })
    const [drivers, ours] = asked
    expect(asked).toHaveLength(2)
    expect(ours).toEqual(drivers)
    expect(ours?.headers).toMatchObject({ 'neon-raw-text-output': 'true', 'neon-array-mode': 'true' })
  })

  it('goes where the driver would send it, and is composed without sending anything', async () => {
    neonConfig.fetchEndpoint = NEON_ITSELF
    const { url, headers } = await composeNeonRequest(CONNECTION)
    expect(url).toBe('https://api.eu-central-1.aws.neon.tech/sql')
    expect(headers['Neon-Connection-String']).toContain('worker:p%40ss@ep-cool-1-pooler.eu-central-1')
    expect(asked).toEqual([])
  })
})
