// The store's read side: `POST /api/v2/query` and the realtime count that tells whether a site exists.
import type { DateRange } from './date-range.ts'
import { resolveDateRange } from './date-range.ts'
import { PlausibleRefusal } from './plausible-refusal.ts'
import { answerQuery, type QueryAnswer } from './query-answer.ts'
import { planQuery } from './query-plan.ts'
import { parseQueryRequest } from './query-request.ts'
import type { Answer, StandIn } from './stand-in.ts'
import type { Site } from './visit-sites.ts'

const KEPT_QUERIES = 10_000
const REALTIME_SECONDS = 300

/** Answers one query and remembers it; throws a `PlausibleRefusal` for everything Plausible turns down. */
export function answerStatsQuery(standIn: StandIn, authorization: string | undefined, text: string): Answer {
  const body = parseJson(text)
  try {
    const answer = runQuery(standIn, authorization, body)
    logQuery(standIn, body ?? text, 200)
    return { status: 200, body: answer }
  } catch (error) {
    logQuery(standIn, body ?? text, error instanceof PlausibleRefusal ? error.status : 500)
    throw error
  }
}

/** How many visitors there were in the last five minutes: a bare integer. */
export function countRealtimeVisitors(
  standIn: StandIn,
  authorization: string | undefined,
  domain: string | null,
): Answer {
  authorize(standIn, authorization)
  const site = findSite(standIn, domain ?? undefined)
  const since = Math.floor(standIn.now() / 1000) - REALTIME_SECONDS
  const row = standIn.db
    .prepare('select count(distinct visitor_id) as visitors from events where site_id = ? and timestamp >= ?')
    .get(site.id, since)
  return { status: 200, body: row?.['visitors'] }
}

function runQuery(standIn: StandIn, authorization: string | undefined, body: unknown): QueryAnswer {
  authorize(standIn, authorization)
  if (!isObject(body)) throw new PlausibleRefusal(400, 'The body is not a JSON object.')
  const site = findSite(standIn, body['site_id'])
  const request = parseQueryRequest(body)
  const range = rangeOf(standIn, site, request.dateRange)
  const plan = planQuery(request, range)
  return answerQuery(standIn.db, site.id, request, plan, range, body['filters'])
}

// Refused and failing calls spend the quota too; a call without a valid key has no quota to spend.
function authorize({ apiKey, quota, now }: StandIn, authorization: string | undefined): void {
  if (!authorization?.startsWith('Bearer ')) {
    throw new PlausibleRefusal(401, 'Missing API key. Send it as a Bearer token in the Authorization header.')
  }
  if (authorization.slice('Bearer '.length) !== apiKey) throw invalidKeyOrSite()
  if (!quota.spend(now())) {
    throw new PlausibleRefusal(
      429,
      `Too many API requests. The API key is limited to ${quota.perHour} requests per hour.`,
    )
  }
}

function findSite({ sites }: StandIn, domain: unknown): Site {
  if (typeof domain !== 'string' || domain === '') {
    throw new PlausibleRefusal(400, 'Missing site ID. Send the required site_id parameter with the request.')
  }
  const site = sites.find(domain)
  if (site === undefined) throw invalidKeyOrSite()
  if (site.locked) {
    throw new PlausibleRefusal(402, 'This Plausible site is locked due to missing active subscription.')
  }
  return site
}

function invalidKeyOrSite(): PlausibleRefusal {
  return new PlausibleRefusal(
    401,
    'Invalid API key or site ID. The key must be valid and have access to the site.',
  )
}

function rangeOf({ db, now }: StandIn, site: Site, range: string | readonly [string, string]): DateRange {
  const row = db.prepare('select min(timestamp) as first from events where site_id = ?').get(site.id)
  const first = row?.['first']
  return resolveDateRange(range, site.timezone, now(), typeof first === 'number' ? first : undefined)
}

function logQuery({ queries }: StandIn, body: unknown, status: number): void {
  queries.push({ body, status })
  if (queries.length > KEPT_QUERIES) queries.shift()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
