// A server that replies as a test says, request by request, and records what it received.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Replies to one request, or does not reply at all. */
export type Reply = (response: ServerResponse, request: IncomingMessage) => void

/** A request as the server received it. */
export interface SeenRequest {
  url: string
  jobIds: string[]
  period: string | null
  headers: IncomingMessage['headers']
}

/** The server. It uses up `replies` in order and repeats the last one. */
export interface ScriptedApi {
  url: string
  requests: SeenRequest[]
  /** Statuses of the responses that were sent, in order. */
  statuses: number[]
  maxInFlight: number
  /** Requests whose caller left before the response was complete. */
  abandoned: number
  replies: Reply[]
  close(): Promise<void>
}

/** Starts the server on a free port. By default each job has as many visitors as its ID ends in. */
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
      if (response.writableEnded) api.statuses.push(response.statusCode)
      else api.abandoned++
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
    statuses: [],
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

/** The ID of a job that has this many visitors. */
export function jobId(visitors: number): string {
  return `00000000-0000-4000-8000-${String(visitors).padStart(12, '0')}`
}

function visitorsOf(id: string): number {
  return Number(id.slice(-12))
}

/** The right response after a delay. With `metrics` and `interval` as the API writes them. */
export function counts(delayMs = 0, headers: Record<string, string> = {}): Reply {
  return (response, request) => {
    const search = new URL(request.url ?? '/', 'http://localhost').searchParams
    const ids = search.get('jobIds')?.split(',') ?? []
    const byId = <Value>(toValue: (count: number) => Value) =>
      Object.fromEntries(ids.map((id) => [id, toValue(visitorsOf(id))]))
    const interval = search.get('interval')
    const data = {
      visitors: byId((count) => count),
      ...(search.get('metrics')?.includes('pageviews') && { pageviews: byId((count) => count * 2) }),
      ...(interval && { series: byId((count) => [{ date: '2026-01-01', visitors: count }]) }),
    }
    const meta = {
      period: search.get('period'),
      total_jobs: ids.length,
      ...(interval && { interval }),
    }
    setTimeout(() => json(200, { data, meta }, headers)(response, request), delayMs)
  }
}

/** The rate limit of `limited`. */
export interface ScriptedLimit {
  quota: number
  windowSeconds: number
}

/** The right response within a rate limit over any window, and a refusal beyond it, with the fields that the API sends. */
export function limited({ quota, windowSeconds }: ScriptedLimit, delayMs = 0): Reply {
  let admitted: number[] = []
  return (response, request) => {
    const now = Date.now()
    const windowMs = windowSeconds * 1_000
    admitted = admitted.filter((time) => time > now - windowMs)
    const isAdmitted = admitted.length < quota
    if (isAdmitted) admitted.push(now)
    const resetSeconds = Math.ceil(((admitted[0] ?? now) + windowMs - now) / 1_000)
    const headers = {
      'RateLimit-Policy': `"rate";q=${quota};w=${windowSeconds}, "concurrency";q=10;qu="concurrent-requests"`,
      RateLimit: `"rate";r=${quota - admitted.length};t=${resetSeconds}, "concurrency";r=9`,
    }
    if (isAdmitted) counts(delayMs, headers)(response, request)
    else failure(429, 'rate_limited', { ...headers, 'Retry-After': String(resetSeconds) })(response, request)
  }
}

/** A response with this body as JSON. */
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

/** A page that a proxy may send in place of the API's response. */
export function html(status: number): Reply {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'text/html' })
    response.end('<!doctype html><title>Sign in</title>')
  }
}

/** A body that ends before it is complete. */
export const cutBody: Reply = (response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '500' })
  response.write('{"data":{"visi')
  setTimeout(() => response.destroy(), 10)
}

/** The connection ends without a response. */
export const hangUp: Reply = (response) => {
  response.destroy()
}

/** No response ever. */
export const silence: Reply = () => {}

/** A response that never ends. */
export const endlessBody: Reply = (response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}
