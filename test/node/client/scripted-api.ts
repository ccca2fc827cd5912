// A server that answers as a test says, request by request, and keeps what it was asked.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers one request; may as well not. */
export type Reply = (response: ServerResponse, request: IncomingMessage) => void

/** What was asked. */
export interface SeenRequest {
  url: string
  jobIds: string[]
  period: string | null
  headers: IncomingMessage['headers']
}

/** The server; `replies` are used up in order, the last one goes on for ever. */
export interface ScriptedApi {
  url: string
  requests: SeenRequest[]
  maxInFlight: number
  /** Requests whose caller went away before they were answered. */
  abandoned: number
  replies: Reply[]
  close(): Promise<void>
}

/** Starts it on a free port; answers as the API does, each job having as many visitors as its ID ends in. */
export async function startScriptedApi(): Promise<ScriptedApi> {
  let inFlight = 0
  const server = createServer((request, response) => {
    const search = new URL(request.url ?? '/', 'http://localhost').searchParams
    const jobIds = search.get('jobIds')?.split(',') ?? []
    api.requests.push({
      url: request.url ?? '',
      jobIds,
      period: search.get('period'),
      headers: request.headers,
    })
    inFlight++
    api.maxInFlight = Math.max(api.maxInFlight, inFlight)
    response.on('close', () => {
      inFlight--
      if (!response.writableEnded) api.abandoned++
    })
    const reply = api.replies.length > 1 ? api.replies.shift() : api.replies[0]
    if (reply) reply(response, request)
    else counts()(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const api: ScriptedApi = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    maxInFlight: 0,
    abandoned: 0,
    replies: [],
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return api
}

/** A job's ID for a number, and the visitors it has. */
export function jobId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

function visitorsOf(id: string): number {
  return Number(id.slice(-12))
}

/** The right answer, after a while. */
export function counts(delayMs = 0): Reply {
  return (response, request) => {
    const search = new URL(request.url ?? '/', 'http://localhost').searchParams
    const ids = search.get('jobIds')?.split(',') ?? []
    const visitors = Object.fromEntries(ids.map((id) => [id, visitorsOf(id)]))
    const meta = { period: search.get('period'), total_jobs: ids.length }
    setTimeout(() => json(200, { data: { visitors }, meta })(response, request), delayMs)
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', 'X-Request-Id': 'abc', ...headers })
    response.end(JSON.stringify(body))
  }
}

/** An error as the API writes it. */
export function failure(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  extras: Record<string, unknown> = {},
): Reply {
  const error = {
    code,
    message: `What to do about ${code}.`,
    request_id: 'abc',
    docs: `/docs#${code}`,
    ...extras,
  }
  return json(status, { error }, headers)
}

/** What a proxy on the way may put in place of an answer. */
export function html(status: number): Reply {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'text/html' })
    response.end('<!doctype html><title>Sign in</title>')
  }
}

/** A body that ends before it is whole. */
export const cutBody: Reply = (response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '500' })
  response.write('{"data":{"visi')
  setTimeout(() => response.destroy(), 10)
}

/** The connection ends without a word. */
export const hangUp: Reply = (response) => {
  response.destroy()
}

/** No answer ever. */
export const silence: Reply = () => {}

/** An answer that never ends. */
export const endlessBody: Reply = (response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}
