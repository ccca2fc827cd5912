// A stand-in for Plausible on loopback: the routes, and how an answer or a refusal becomes HTTP.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { receiveEvent } from './event-endpoint.ts'
import { forgetQueries, listQueries, loadVisits, putSite, runSql, setQuota } from './local-endpoints.ts'
import { PlausibleRefusal } from './plausible-refusal.ts'
import { readLines, readText } from './request-body.ts'
import { type Answer, createStandIn, type StandIn } from './stand-in.ts'
import { answerStatsQuery, countRealtimeVisitors } from './stats-endpoints.ts'
import type { Visit } from './visit-line.ts'
import type { Site } from './visit-sites.ts'

const MAX_BODY_BYTES = 8_000_000
const MAX_VISITS_BYTES = 512_000_000

/** `port` 0 (the default) takes a free one; `quotaPerHour` null (the default) means none; `now` in epoch ms. */
export type PlausibleOptions = {
  readonly apiKey: string
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
  const { apiKey, port = 0, quotaPerHour = null, now = Date.now } = options
  const standIn = createStandIn({ apiKey, quotaPerHour, now })
  const server = createServer((request, response) => void serve(standIn, request, response))
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

async function route(standIn: StandIn, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const { authorization } = request.headers
  const text = () => readText(request, MAX_BODY_BYTES)
  switch (`${request.method} ${url.pathname}`) {
    case 'POST /api/v2/query':
      return answerStatsQuery(standIn, authorization, await text())
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
    case 'GET /local/queries':
      return listQueries(standIn)
    case 'DELETE /local/queries':
      return forgetQueries(standIn)
    default:
      return { status: 404, body: { error: 'Not found' } }
  }
}

async function serve(standIn: StandIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    send(response, await route(standIn, request))
  } catch (error) {
    send(response, answerToError(error))
  }
}

function answerToError(error: unknown): Answer {
  if (error instanceof PlausibleRefusal && error.status !== 500) {
    return { status: error.status, body: { error: error.message } }
  }
  if (!(error instanceof PlausibleRefusal)) console.error('The Plausible stand-in failed:', error)
  const supportHash = randomBytes(8).toString('hex')
  return { status: 500, body: { error: 'internal server error', support_hash: supportHash } }
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const isText = typeof body === 'string'
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(isText ? body : JSON.stringify(body))
}
