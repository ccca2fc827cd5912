// The statistics API v2: `POST /api/v2/query`.
import { parseJson } from '../loopback-server.ts'
import { type DateRange, resolveDateRange } from './date-range.ts'
import { PlausibleRefusal } from './plausible-refusal.ts'
import { planQuery } from './query-plan.ts'
import { parseQueryRequest } from './query-request.ts'
import { type QueryResult, queryVisits } from './query-result.ts'
import type { StandIn, StandInResponse } from './stand-in.ts'
import { authorize, findSite, recordQuery } from './stats-access.ts'
import type { Site } from './visit-sites.ts'

/** Runs one query and records it. Throws a `PlausibleRefusal` for everything that Plausible refuses. */
export function respondToQuery(
  standIn: StandIn,
  authorization: string | undefined,
  text: string,
): StandInResponse {
  const body = parseJson(text)
  return recordQuery(standIn, body ?? text, () => ({
    status: 200,
    body: runQuery(standIn, authorization, body),
  }))
}

function runQuery(standIn: StandIn, authorization: string | undefined, body: unknown): QueryResult {
  authorize(standIn, authorization)
  if (!isObject(body)) throw new PlausibleRefusal(400, 'The body is not a JSON object.')
  const site = findSite(standIn, body['site_id'])
  const request = parseQueryRequest(body)
  const range = rangeOf(standIn, site, request.dateRange)
  const plan = planQuery(request, range)
  return queryVisits(standIn.db, site.id, request, plan, range, body['filters'])
}

function rangeOf({ db, now }: StandIn, site: Site, range: string | readonly [string, string]): DateRange {
  const row = db.prepare('select min(timestamp) as first from events where site_id = ?').get(site.id)
  const first = row?.['first']
  return resolveDateRange(range, site.timezone, now(), typeof first === 'number' ? first : undefined)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
