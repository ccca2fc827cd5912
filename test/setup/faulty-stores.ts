// A proxy in front of the three stores that can be told to fail in any way, each test on an address of its own.

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FaultControl, type FaultReport, STORE_SECRET } from '../support/fault-control.ts'

const HUGE_BYTES = 50_000_000
const SLOW_MS = 30_000

interface Address extends FaultReport {
  control: FaultControl
}

/**
 * Starts the proxy. A request to `/<store>/<id>/<rest>` goes to `targets[store] + /<rest>` as the mode of `<id>` says;
 * `PUT /control/<id>` with a `FaultControl` sets it, `GET /control/<id>` answers a `FaultReport`.
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
    const [, store = '', id = '', ...rest] = (incoming.url ?? '').split('/')
    const body = await readBody(incoming)
    if (store === 'control') {
      answerControl(incoming, outgoing, body, id, addresses, addressOf(id))
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
    const target = `${targets[store]}/${rest.join('/')}`
    const { control } = address
    if (control.once) address.control = { mode: 'ok' }
    misbehave(control, incoming, outgoing, () => passOn(target, incoming, body, outgoing))
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

function answerControl(
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
  { mode, delayMs = 0 }: FaultControl,
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
    case 'huge':
      outgoing.writeHead(200, json)
      sendHuge(outgoing)
      return
    default:
      outgoing.writeHead(Number(mode.slice('status_'.length)), json)
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
  const onward = request(target, { method: incoming.method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  onward.end(body)
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
