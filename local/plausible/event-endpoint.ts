// `POST /api/event`: a tracker reports a page view or a custom event that happens now.
import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { StandIn, StandInResponse } from './stand-in.ts'
import { parseTrackedEvent } from './tracked-event.ts'

// The salt stays in this process, so nobody can trace an id back to an address.
const SALT = randomBytes(32)

/** Stores the event and returns 202, even if it was dropped because a domain is not a site. */
export function receiveEvent(standIn: StandIn, request: IncomingMessage, text: string): StandInResponse {
  const body = parseObject(text)
  if (body === undefined)
    return { status: 400, body: { errors: { request: ['Unable to parse request body as json'] } } }
  const timestamp = Math.floor(standIn.now() / 1000)
  const parsed = parseTrackedEvent(body, {
    timestamp,
    visitorOf: (domain, hostname) => visitorId(request, timestamp, domain, hostname),
  })
  if ('errors' in parsed) return { status: 400, body: { errors: parsed.errors } }
  const kept = parsed.visits.filter((visit) => standIn.sites.find(visit.domain) !== undefined)
  const dropped = parsed.visits.length - kept.length
  if (kept.length > 0) standIn.write(kept, standIn.sites.idOf)
  return { status: 202, body: 'ok', headers: dropped > 0 ? { 'x-plausible-dropped': String(dropped) } : {} }
}

/** Hashes the day, user agent, address, domain and host: one person is one visitor per day and site. */
function visitorId(request: IncomingMessage, timestamp: number, domain: string, hostname: string): string {
  const day = Math.floor(timestamp / 86_400)
  const parts = [day, request.headers['user-agent'] ?? '', clientAddress(request), domain, hostname]
  return createHmac('sha256', SALT).update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function clientAddress({ headers, socket }: IncomingMessage): string {
  const named = ['x-plausible-ip', 'cf-connecting-ip', 'x-forwarded-for'].map((name) => headers[name])
  const first = named.find((value) => value !== undefined && value !== '')
  const address = Array.isArray(first) ? first[0] : first
  return address?.split(',')[0]?.trim() ?? socket.remoteAddress ?? ''
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
