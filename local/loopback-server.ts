// HTTP on 127.0.0.1 for the local stand-ins: a server, the body of a request, and the check of who is calling.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
/** Longer than clients keep an idle connection, so that the server never closes one under a new request. */
const KEEP_ALIVE_MS = 60_000

/** A server that listens; `url` has no trailing slash. */
export interface LoopbackServer {
  readonly url: string
  /** Stops listening and cuts open connections. */
  close(): Promise<void>
}

/** Listens on 127.0.0.1; port 0 takes a free one. Rejects when the port is taken (EADDRINUSE). */
export async function startLoopbackServer(listener: RequestListener, port = 0): Promise<LoopbackServer> {
  const server = createServer(listener)
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/**
 * Why a request is refused with 403; undefined when it comes from this machine. A web page on the internet can send requests
 * to 127.0.0.1: its `Origin` gives it away, or its `Host` if the page's own name resolves to 127.0.0.1 (DNS rebinding).
 */
export function foreignCallerProblem({ headers }: IncomingMessage): string | undefined {
  const { host, origin } = headers
  if (!isLoopback(`http://${host ?? ''}`)) {
    return 'the Host header does not name this machine: send requests to 127.0.0.1 or localhost'
  }
  if (origin !== undefined && !isLoopback(origin)) {
    return 'the Origin header names a site that is not on this machine: only pages from localhost or 127.0.0.1 may call this server'
  }
  return undefined
}

function isLoopback(origin: string): boolean {
  const url = URL.parse(origin)
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK_NAME.test(url.hostname)
}

/** The body as text; undefined when it is larger than the limit. Such a body is read to its end, so that its sender gets the response. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
  }
  return size <= maxBytes ? Buffer.concat(chunks).toString('utf8') : undefined
}

/** The value of a JSON text; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
