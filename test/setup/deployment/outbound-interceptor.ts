// Stands between a deployed Worker and the internet: checks each request as the real service would, then sends it to a local engine.
import { Response } from 'miniflare'

/** A request as the Worker sent it. */
export interface OutboundRequest {
  url: string
  method: string
  headers: Iterable<[string, string]>
  arrayBuffer(): Promise<ArrayBuffer>
}

/** One thing that a service serves. */
export interface ServedRequest {
  method: string
  path: string
  /** Headers that must be sent, by name in lower case: the value, or whether a value is right. */
  headers: Record<string, string | ((value: string) => boolean)>
}

/** A service on the internet, and the engine on this machine that stands in for it. */
export interface Service {
  /** Names it in a violation. */
  name: string
  host: string
  serves: readonly ServedRequest[]
  /** The origin of the engine, without a slash at the end. */
  engine: string
  /** The secrets that may be sent to it. No other secret may. */
  secrets: readonly string[]
}

/** What the Worker sent, and what was wrong with it. Neither contains a secret. */
export interface OutboundRecord {
  /** `<method> <host><path>` of each request, in order. */
  requests: string[]
  /** What was wrong, a line each, in order. */
  violations: string[]
}

/** Receives every request of the Worker. */
export type OutboundHandler = (request: OutboundRequest) => Promise<Response>

/** The status of the response to a request that no service would have got. */
const REFUSED = 502

/**
 * Sends each request to the engine of the service that it is meant for. A request that is wrong gets 502, reaches no engine and
 * leaves its violations in `record`: another host, plain HTTP, a port, a login, a path, a method or a header that the service
 * does not serve, a secret in the URL, or one of `secrets` in a request to a service that it does not belong to.
 */
export function interceptOutbound(
  services: readonly Service[],
  secrets: Readonly<Record<string, string>>,
): { record: OutboundRecord; handle: OutboundHandler } {
  const record: OutboundRecord = { requests: [], violations: [] }
  return {
    record,
    async handle(request) {
      const url = new URL(request.url)
      const headers = new Headers([...request.headers])
      const body = Buffer.from(await request.arrayBuffer())
      const shown = `${request.method} ${url.host}${url.pathname}`
      const service = services.find(({ host }) => host === url.hostname)
      const found = [
        ...problemsOfUrl(request.url, service, secrets),
        ...(service === undefined ? [] : problemsOfRequest(request.method, url, headers, service)),
        ...misplacedSecrets(`${[...headers].join('\n')}\n${body}`, service, secrets),
      ]
      if (service === undefined || found.length > 0) {
        const known = Object.entries(secrets)
        const hide = (line: string) =>
          known.reduce((text, [name, value]) => text.replaceAll(value, name), line)
        record.violations.push(...found.map((problem) => hide(`${shown}: ${problem}`)))
        return new Response('The rehearsal refused this request', { status: REFUSED })
      }
      record.requests.push(shown)
      return sendToEngine(service.engine, url, request.method, headers, body)
    },
  }
}

function problemsOfUrl(
  text: string,
  service: Service | undefined,
  secrets: Readonly<Record<string, string>>,
): string[] {
  const url = new URL(text)
  const inUrl = Object.entries(secrets).filter(([, value]) => contains(text, value))
  return [
    ...(service === undefined ? ['no service of the Worker has this host'] : []),
    ...(url.protocol === 'https:' ? [] : ['it is sent without TLS']),
    ...(url.port === '' ? [] : ['it names a port']),
    ...(url.username === '' && url.password === '' ? [] : ['it has a login in its URL']),
    ...inUrl.map(([name]) => `it has ${name} in its URL`),
  ]
}

/** A secret may be written as it is, or percent-encoded. */
function contains(text: string, secret: string): boolean {
  return text.includes(secret) || text.includes(encodeURIComponent(secret))
}

function problemsOfRequest(method: string, url: URL, headers: Headers, service: Service): string[] {
  const ofPath = service.serves.filter(({ path }) => path === url.pathname)
  if (ofPath.length === 0) return [`${service.name} serves nothing at this path`]
  const served = ofPath.find((candidate) => candidate.method === method)
  if (served === undefined) return [`${service.name} does not serve this method here`]
  return [
    ...(url.search === '' ? [] : [`${service.name} takes no query here`]),
    ...Object.entries(served.headers).flatMap(([name, expected]) => {
      const value = headers.get(name)
      if (value === null) return [`the header ${name} is missing`]
      const isRight = typeof expected === 'string' ? value === expected : expected(value)
      return isRight ? [] : [`the header ${name} is not what ${service.name} expects`]
    }),
  ]
}

function misplacedSecrets(
  sent: string,
  service: Service | undefined,
  secrets: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(secrets)
    .filter(([, value]) => !service?.secrets.includes(value) && contains(sent, value))
    .map(([name]) => `it carries ${name}, which does not belong there`)
}

async function sendToEngine(
  engine: string,
  url: URL,
  method: string,
  headers: Headers,
  body: Buffer,
): Promise<Response> {
  headers.delete('host')
  headers.delete('content-length')
  const sent = method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(body) }
  const response = await fetch(`${engine}${url.pathname}`, { method, headers, redirect: 'manual', ...sent })
  const received = new Headers(response.headers)
  // `fetch` has decoded the body.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) received.delete(name)
  const text = await response.arrayBuffer()
  const isEmpty = [204, 304].includes(response.status)
  return new Response(isEmpty ? null : text, { status: response.status, headers: [...received] })
}
