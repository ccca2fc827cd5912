// Sends a request over HTTP, or bytes over a socket, and reads the whole response. Times are epoch milliseconds with fractions.

import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'

/** A response, its body read. */
export interface ReceivedResponse {
  status: number
  headers: Headers
  body: string
  sentAt: number
  receivedAt: number
}

/** What to send. */
export interface OutgoingRequest {
  url: string
  method?: string
  /** The path and the query string, as they are. */
  target: string
  headers?: Readonly<Record<string, string>>
  /** Ends the request without a response. */
  signal?: AbortSignal
}

const RESPONSE_TIMEOUT_MS = 20_000
const SOCKET_TIMEOUT_MS = 400

const agent = new Agent({ keepAlive: true, maxSockets: 500 })

/** A clock that never goes back, in epoch milliseconds. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now()
}

/** Rejects when there is no response within 20 s, or a broken one. */
export function sendRequest({
  url,
  method = 'GET',
  target,
  headers = {},
  signal,
}: OutgoingRequest): Promise<ReceivedResponse> {
  const { hostname, port } = new URL(url)
  const sentAt = preciseNow()
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedResponse>()
  const outgoing = request(
    { agent, hostname, port, method, path: target, headers, ...(signal && { signal }) },
    (incoming) => {
      readResponse(incoming, sentAt).then(resolve, reject)
    },
  )
  outgoing.setTimeout(RESPONSE_TIMEOUT_MS, () => outgoing.destroy(new Error('no response within 20 s')))
  outgoing.on('error', reject)
  outgoing.end()
  return promise
}

async function readResponse(incoming: IncomingMessage, sentAt: number): Promise<ReceivedResponse> {
  let body = ''
  incoming.setEncoding('utf8')
  for await (const chunk of incoming) body += chunk
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  return { status: incoming.statusCode ?? 0, headers, body, sentAt, receivedAt: preciseNow() }
}

/**
 * Whether the API certainly admitted the request. While the database is unavailable a 503 reports the limits too, also of a request
 * that they would have refused.
 */
export function isAdmitted({ status, headers }: ReceivedResponse): boolean {
  return headers.has('ratelimit') && status !== 429 && status !== 503
}

/** The status lines of what comes back for these bytes, until the connection ends or nothing comes for 400 ms. */
export function sendBytes(url: string, bytes: string): Promise<{ statuses: number[]; text: string }> {
  const { hostname, port } = new URL(url)
  const { promise, resolve } = Promise.withResolvers<{ statuses: number[]; text: string }>()
  let text = ''
  const socket = connect({ host: hostname, port: Number(port) }, () =>
    socket.write(Buffer.from(bytes, 'latin1')),
  )
  const end = () => {
    socket.destroy()
    const statuses = Array.from(text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm), ([, status]) => Number(status))
    resolve({ statuses, text })
  }
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
  })
  socket.setTimeout(SOCKET_TIMEOUT_MS, end)
  socket.on('error', end)
  socket.on('close', end)
  return promise
}

/** Closes idle connections, so that the process can end. */
export function closeConnections(): void {
  agent.destroy()
}
