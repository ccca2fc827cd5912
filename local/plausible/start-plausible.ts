// A stand-in for Plausible on loopback: the routes, and how a response or a refusal becomes HTTP.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { foreignCallerProblem } from '../loopback-server.ts'
import { receiveEvent } from './event-endpoint.ts'
import {
  forgetQueries,
  listQueries,
  loadVisits,
  putSite,
  runSql,
  setQuota,
  setStatsApis,
} from './local-endpoints.ts'
import { PlausibleRefusal } from './plausible-refusal.ts'
import { readLines, readText } from './request-body.ts'
import { createStandIn, type StandIn, type StandInResponse, type StatsApi } from './stand-in.ts'
import { respondToQuery } from './stats-endpoints.ts'
import { answerV1, countRealtimeVisitors, reportHealth } from './v1/v1-endpoints.ts'
import type { Visit } from './visit-line.ts'
import type { Site } from './visit-sites.ts'

const MAX_BODY_BYTES = 8_000_000
const MAX_VISITS_BYTES = 512_000_000
// Plausible's own limit for the first line of a request, and room to read one that is longer.
const MAX_REQUEST_LINE_BYTES = 8192
const MAX_HEADER_BYTES = 1_000_000
const NOT_FOUND: StandInResponse = { status: 404, body: { error: 'Not found' } }

/**
 * `port` 0 (the default) takes a free one; `quotaPerHour` null (the default) means none; `now` in epoch ms;
 * `statsApis` are the statistics APIs that it serves: both by default, `['v1']` for Community Edition 2.x.
 */
export type PlausibleOptions = {
  readonly apiKey: string
  readonly statsApis?: readonly StatsApi[]
  readonly port?: number
  readonly quotaPerHour?: number | null
  readonly now?: () => number
}

/** A running stand-in; `url` has no trailing slash. */
export type RunningPlausible = {
  readonly url: string
  /** `PUT /local/sites` without HTTP. */
  putSite(site: Omit<Site, 'id'>): void
  /** `POST /local/visits` without HTTP; the visits are trusted to be well-formed. */
  write(visits: readonly Visit[]): void
  close(): Promise<void>
}

/** Starts the stand-in on 127.0.0.1 with no sites and no visits; rejects when the port is taken. */
export async function startPlausible(options: PlausibleOptions): Promise<RunningPlausible> {
  const { apiKey, statsApis = ['v1', 'v2'], port = 0, quotaPerHour = null, now = Date.now } = options
  const standIn = createStandIn({ apiKey, statsApis, quotaPerHour, now })
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES },
    (request, response) => void serve(standIn, request, response),
  )
  // Longer than clients keep an idle connection, so that the server never closes one under a new request.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the stand-in got no TCP port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    putSite: standIn.sites.put,
    write: (visits) => standIn.write(visits, standIn.sites.idOf),
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve, reject) =>
        server.close((error) => (error ? reject(error) : resolve())),
      )
      standIn.db.close()
    },
  }
}

async function route(standIn: StandIn, request: IncomingMessage): Promise<StandInResponse> {
  const line = `${request.method} ${request.url} HTTP/${request.httpVersion}`
  if (line.length > MAX_REQUEST_LINE_BYTES) return { status: 414, body: '' }
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const { authorization } = request.headers
  const text = () => readText(request, MAX_BODY_BYTES)
  if (isMissing(standIn, url.pathname)) return NOT_FOUND
  switch (`${request.method} ${url.pathname}`) {
    case 'POST /api/v2/query':
      return respondToQuery(standIn, authorization, await text())
    case 'GET /api/v1/stats/aggregate':
      return answerV1(standIn, authorization, 'aggregate', url.searchParams)
    case 'GET /api/v1/stats/timeseries':
      return answerV1(standIn, authorization, 'timeseries', url.searchParams)
    case 'GET /api/v1/stats/breakdown':
      return answerV1(standIn, authorization, 'breakdown', url.searchParams)
    case 'GET /api/health':
      return reportHealth()
    case 'GET /api/v1/stats/realtime/visitors':
      return countRealtimeVisitors(standIn, authorization, url.searchParams.get('site_id'))
    case 'POST /api/event':
      return receiveEvent(standIn, request, await text())
    case 'POST /local/visits':
      return loadVisits(standIn, readLines(request, MAX_VISITS_BYTES))
    case 'PUT /local/sites':
      return putSite(standIn, await text())
    case 'POST /local/sql':
      return runSql(standIn, await text())
    case 'POST /local/quota':
      return setQuota(standIn, await text())
    case 'POST /local/stats-apis':
      return setStatsApis(standIn, await text())
    case 'GET /local/queries':
      return listQueries(standIn)
    case 'DELETE /local/queries':
      return forgetQueries(standIn)
    default:
      return NOT_FOUND
  }
}

// Every version of Plausible has the count of current visitors.
function isMissing({ statsApis }: StandIn, pathname: string): boolean {
  if (pathname === '/api/v2/query') return !statsApis.has('v2')
  return /^\/api\/v1\/stats\/\w+$/.test(pathname) && !statsApis.has('v1')
}

async function serve(standIn: StandIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const foreign = foreignCallerProblem(request)
  if (foreign !== undefined) {
    request.resume()
    send(response, { status: 403, body: { error: foreign } })
    return
  }
  try {
    send(response, await route(standIn, request))
  } catch (error) {
    send(response, responseToError(error))
  }
}

function responseToError(error: unknown): StandInResponse {
  if (error instanceof PlausibleRefusal && error.status !== 500) {
    return { status: error.status, body: { error: error.message } }
  }
  if (!(error instanceof PlausibleRefusal)) console.error('The Plausible stand-in failed:', error)
  const supportHash = randomBytes(8).toString('hex')
  return { status: 500, body: { error: 'internal server error', support_hash: supportHash } }
}

function send(response: ServerResponse, { status, body, headers }: StandInResponse): void {
  const isText = typeof body === 'string'
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(isText ? body : JSON.stringify(body))
}
