// A proxy in front of the three stores that fails as tests tell it to, each test at an address of its own.

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type FaultControl, type FaultReport, STORE_SECRET } from '../support/fault-control.ts'

const HUGE_BYTES = 50_000_000
const SLOW_MS = 30_000
const LARGE_BYTES = 1_000_000
const BOMB_BYTES = 200_000_000

interface Address extends FaultReport {
  control: FaultControl
}

/**
 * Starts the proxy. A request to `/<store>/<id>/<rest>` goes to `targets[store] + /<rest>` as the mode of `<id>` says. For
 * Postgres, whose driver has one endpoint for all databases, `<id>` is the first label of the database's host instead.
 * `PUT /control/<id>` with a `FaultControl` sets the mode, `GET /control/<id>` returns a `FaultReport`.
 */
export async function startFaultyStores(
  targets: Record<string, string>,
): Promise<{ url: string; close(): void }> {
  const addresses = new Map<string, Address>()
  const addressOf = (id: string) => {
    const known = addresses.get(id) ?? {
      control: { mode: 'ok' },
      requests: 0,
      maxInFlight: 0,
      inFlight: 0,
      bodies: [],
    }
    addresses.set(id, known)
    return known
  }
  const server = createServer(async (incoming, outgoing) => {
    const [, store = '', ...path] = (incoming.url ?? '').split('/')
    const id = store === 'postgres' ? databaseHostOf(incoming) : (path.shift() ?? '')
    const body = await readBody(incoming)
    if (store === 'control') {
      respondToControl(incoming, outgoing, body, id, addresses, addressOf(id))
      return
    }
    const address = addressOf(id)
    address.requests++
    address.inFlight++
    address.maxInFlight = Math.max(address.maxInFlight, address.inFlight)
    address.bodies.push(body.toString())
    outgoing.on('close', () => {
      address.inFlight--
    })
    const target = `${targets[store]}/${path.join('/')}`
    const { control } = address
    if (control.once) address.control = { mode: 'ok' }
    const isMeant = control.matches?.some((text) => body.includes(text)) ?? true
    const isAllowed = control.mode === 'refuse_large' && body.length <= LARGE_BYTES
    misbehave(isMeant && !isAllowed ? control : { mode: 'ok' }, incoming, outgoing, () =>
      passOn(target, incoming, body, outgoing),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function databaseHostOf({ headers }: IncomingMessage): string {
  return new URL(String(headers['neon-connection-string'])).hostname.split('.')[0] ?? ''
}

function respondToControl(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  body: Buffer,
  id: string,
  addresses: Map<string, Address>,
  address: Address,
): void {
  if (incoming.method === 'PUT') address.control = JSON.parse(body.toString())
  if (incoming.method === 'DELETE') addresses.delete(id)
  const { control: _, ...report } = address
  outgoing.end(JSON.stringify(report))
}

function misbehave(
  { mode, delayMs = 0, retryAfter }: FaultControl,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  pass: () => void,
): void {
  const json = { 'content-type': 'application/json' }
  switch (mode) {
    case 'ok':
      pass()
      return
    case 'slow':
      setTimeout(pass, delayMs)
      return
    case 'refused':
      incoming.socket.resetAndDestroy()
      return
    case 'silent':
      return
    case 'slow_headers':
      setTimeout(() => outgoing.end(STORE_SECRET), SLOW_MS).unref()
      return
    case 'slow_body':
      outgoing.writeHead(200, json)
      outgoing.write(`{"result`)
      return
    case 'cut_body':
      outgoing.writeHead(200, { ...json, 'content-length': '1000' })
      outgoing.write(`{"results":[{"${STORE_SECRET}`, () => outgoing.destroy())
      return
    case 'html':
      outgoing.writeHead(200, { 'content-type': 'text/html' })
      outgoing.end(`<html><body>${STORE_SECRET}</body></html>`)
      return
    case 'wrong_shape':
      outgoing.writeHead(200, json)
      outgoing.end(JSON.stringify({ rows: 'none', results: { detail: STORE_SECRET }, result: STORE_SECRET }))
      return
    case 'refuse_large':
      outgoing.writeHead(400, json)
      outgoing.end(JSON.stringify({ error: 'ERR max request size exceeded' }))
      return
    case 'gzip_bomb':
      outgoing.writeHead(200, { ...json, 'content-encoding': 'gzip' })
      outgoing.end(gzipSync(Buffer.alloc(BOMB_BYTES, ' '), { level: 1 }))
      return
    case 'huge':
      outgoing.writeHead(200, json)
      sendHuge(outgoing)
      return
    default:
      outgoing.writeHead(Number(mode.slice('status_'.length)), {
        ...json,
        ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      })
      outgoing.end(JSON.stringify({ error: STORE_SECRET, message: STORE_SECRET }))
  }
}

function sendHuge(outgoing: ServerResponse): void {
  const chunk = Buffer.alloc(1_000_000, ' ')
  let sent = 0
  const more = () => {
    while (sent < HUGE_BYTES && !outgoing.destroyed) {
      sent += chunk.length
      if (!outgoing.write(chunk)) return
    }
    outgoing.end('{}')
  }
  outgoing.on('drain', more)
  more()
}

function passOn(target: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
  const headers = { ...incoming.headers, host: new URL(target).host }
  const onward = request(target, { method: incoming.method, headers }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  onward.end(body)
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
