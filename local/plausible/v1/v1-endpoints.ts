// The statistics API v1 over HTTP: `GET /api/v1/stats/...`, and `GET /api/health`.
//
// Where versions 2 and 3 of Plausible count the same question differently, the stand-in counts as version 3 does. When
// it serves no v2 API it stands for version 2 and refuses such questions. Only visits that cross the first or last
// midnight of a period are counted as version 3 does in any case: version 2 counts such a visit where it began.
import type { StandIn, StandInResponse } from '../stand-in.ts'
import { authorize, findSite, recordQuery } from '../stats-access.ts'
import type { Site } from '../visit-sites.ts'
import { aggregate } from './v1-aggregate.ts'
import { breakdown } from './v1-breakdown.ts'
import { readV1Parameters, type V1Parameters } from './v1-parameters.ts'
import { timeseries } from './v1-timeseries.ts'

const REALTIME_SECONDS = 300

type Endpoint = {
  readonly own: readonly string[]
  readonly count: (standIn: StandIn, site: Site, parameters: V1Parameters, isVersion2: boolean) => unknown
}

/** The queries of v1, by the last part of their paths. */
type V1Endpoint = 'aggregate' | 'timeseries' | 'breakdown'

const ENDPOINTS: Readonly<Record<V1Endpoint, Endpoint>> = {
  aggregate: { own: ['compare'], count: aggregate },
  timeseries: { own: ['interval'], count: timeseries },
  breakdown: { own: ['property', 'limit', 'page'], count: breakdown },
}

/**
 * Runs one query, such as `breakdown` with its query string, and records it as
 * `{"endpoint", ...parameters}`. Throws a `PlausibleRefusal` for everything that Plausible refuses.
 */
export function answerV1(
  standIn: StandIn,
  authorization: string | undefined,
  name: V1Endpoint,
  query: URLSearchParams,
): StandInResponse {
  const endpoint = ENDPOINTS[name]
  return recordQuery(standIn, { endpoint: `/api/v1/stats/${name}`, ...Object.fromEntries(query) }, () => {
    authorize(standIn, authorization)
    const site = findSite(standIn, query.get('site_id'))
    const parameters = readV1Parameters(query, endpoint.own)
    const isVersion2 = !standIn.statsApis.has('v2')
    return { status: 200, body: { results: endpoint.count(standIn, site, parameters, isVersion2) } }
  })
}

/** `GET /api/v1/stats/realtime/visitors`: how many visitors there were in the last five minutes, a bare integer. */
export function countRealtimeVisitors(
  standIn: StandIn,
  authorization: string | undefined,
  domain: string | null,
): StandInResponse {
  authorize(standIn, authorization)
  const site = findSite(standIn, domain ?? undefined)
  const since = Math.floor(standIn.now() / 1000) - REALTIME_SECONDS
  const row = standIn.db
    .prepare('select count(distinct visitor_id) as visitors from events where site_id = ? and timestamp >= ?')
    .get(site.id, since)
  return { status: 200, body: row?.['visitors'] }
}

/** `GET /api/health`: says that the parts of the server are well. Needs no key. */
export function reportHealth(): StandInResponse {
  return { status: 200, body: { postgres: 'ok', clickhouse: 'ok', sites_cache: 'ok', sessions: 'ok' } }
}
