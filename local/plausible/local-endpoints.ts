// Endpoints that only the stand-in has, for development and tests: past visits, sites, SQL, the quota, the query log.
import { constants, type DatabaseSync } from 'node:sqlite'
import { IANAZone } from 'luxon'
import { z } from 'zod'
import { parseJson } from '../loopback-server.ts'
import type { StandIn, StandInResponse } from './stand-in.ts'
import { parseVisitLine, siteName, type Visit } from './visit-line.ts'

const siteBody = z.strictObject({
  domain: siteName,
  timezone: z.string().refine((name) => IANAZone.isValidZone(name), 'expected an IANA time zone'),
  locked: z.boolean().default(false),
})
const sqlBody = z.strictObject({ sql: z.string().min(1) })
const statsApisBody = z.strictObject({ serve: z.array(z.enum(['v1', 'v2'])).min(1) })
const quotaBody = z.strictObject({ perHour: z.int().min(0).nullable() })

/** `POST /local/visits`: stores NDJSON lines of past events, all or none. */
export async function loadVisits(
  standIn: StandIn,
  lines: AsyncIterable<readonly string[]>,
): Promise<StandInResponse> {
  const visits: Visit[] = []
  let number = 0
  let error: string | undefined
  for await (const batch of lines) {
    for (const line of batch) {
      number += 1
      if (error !== undefined || line.trim() === '') continue
      const parsed = parseVisitLine(line)
      if ('error' in parsed) error = `line ${number}: ${parsed.error}`
      else visits.push(parsed.visit)
    }
  }
  if (error !== undefined) return { status: 400, body: { error } }
  standIn.write(visits, standIn.sites.idOf)
  return { status: 200, body: { accepted: visits.length } }
}

/** `PUT /local/sites`: `{"domain", "timezone", "locked"?}` creates or changes a site. */
export function putSite(standIn: StandIn, text: string): StandInResponse {
  return withBody(siteBody, text, ({ domain, timezone, locked }) => {
    standIn.sites.put({ domain, timezone, locked })
    return { status: 200, body: { domain, timezone, locked } }
  })
}

/** `POST /local/sql`: `{"sql"}`, one SELECT over the tables and views of `visit-tables.ts`; returns `{"rows"}`. */
export function runSql(standIn: StandIn, text: string): StandInResponse {
  return withBody(sqlBody, text, ({ sql }) => {
    try {
      return { status: 200, body: { rows: selectOnly(standIn.db, sql) } }
    } catch (error) {
      return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } }
    }
  })
}

/** `POST /local/quota`: `{"perHour": n | null}` sets the quota and resets its count. */
export function setQuota(standIn: StandIn, text: string): StandInResponse {
  return withBody(quotaBody, text, ({ perHour }) => {
    standIn.quota.reset(perHour)
    return { status: 200, body: { perHour } }
  })
}

/** `POST /local/stats-apis`: `{"serve": ["v1"]}` sets which statistics APIs exist; the others return 404. */
export function setStatsApis(standIn: StandIn, text: string): StandInResponse {
  return withBody(statsApisBody, text, ({ serve }) => {
    standIn.statsApis.clear()
    for (const api of serve) standIn.statsApis.add(api)
    return { status: 200, body: { serve } }
  })
}

/** `GET /local/queries`: the queries received since the start or the last `DELETE`, 10,000 at most. */
export function listQueries({ queries }: StandIn): StandInResponse {
  return { status: 200, body: { count: queries.length, queries } }
}

/** `DELETE /local/queries`: clears the list of queries. */
export function forgetQueries({ queries }: StandIn): StandInResponse {
  queries.length = 0
  return { status: 204, body: '' }
}

const READING = new Set([
  ...[constants.SQLITE_SELECT, constants.SQLITE_READ, constants.SQLITE_FUNCTION, constants.SQLITE_RECURSIVE],
])

function selectOnly(db: DatabaseSync, sql: string): unknown[] {
  db.setAuthorizer((action) => (READING.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY))
  try {
    return db.prepare(sql).all()
  } finally {
    db.setAuthorizer(null)
  }
}

function withBody<Body>(
  schema: z.ZodType<Body>,
  text: string,
  respond: (body: Body) => StandInResponse,
): StandInResponse {
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return respond(parsed.data)
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
  return { status: 400, body: { error: problems.join('; ') } }
}
