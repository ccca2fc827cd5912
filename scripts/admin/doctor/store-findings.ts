// Checks the analytics store: whether it can be reached, accepts the key, and has a site for each verified domain.
import type { StatsResult } from '../../../src/analytics/analytics-store.ts'
import { diagnosePlausible } from '../../../src/analytics/plausible-diagnosis.ts'
import {
  addDays,
  dayAt,
  formatOffset,
  isTimeZone,
  offsetMs,
  startOfDay,
  type Window,
} from '../../../src/analytics/windows.ts'
import { type Fault, StoreError } from '../../../src/stores/store-error.ts'
import { type OpenedStore, openAnalyticsStore } from '../analytics-store.ts'
import type { Settings } from '../settings.ts'
import { type Finding, failed, ok, skipped, warning } from './finding.ts'
import { hasStatsApi } from './stats-apis.ts'

const TIMEOUT_MS = 10_000
/** A domain that no site has, used when there is no other. */
const NO_SITE: VerifiedSite = {
  organizationId: '',
  domain: 'doctor.invalid',
  siteName: null,
  timeZone: 'UTC',
}
/** A day of winter and one of summer, in either hemisphere. */
const COMPARED_DAYS = ['01-15', '07-15']

/** An organization with a verified domain. `timeZone` is what the database has for it. */
export interface VerifiedSite {
  organizationId: string
  domain: string
  /** Null if the store knows the site by the domain. */
  siteName: string | null
  timeZone: string
}

/** Checks at most `limit` sites, because each costs one query of the store's quota. `sites` is undefined if they could not be read. */
export async function examineStore(
  settings: Settings,
  sites: VerifiedSite[] | undefined,
  limit: number,
): Promise<Finding[]> {
  const opened = openAnalyticsStore(settings, TIMEOUT_MS)
  if (opened === undefined) {
    return [
      skipped(
        'store',
        'PLAUSIBLE_URL, PLAUSIBLE_API_KEY, ANALYTICS_JOB_DIMENSION and ANALYTICS_API must be right first',
      ),
    ]
  }
  const window = comparedWindow(Date.now())
  const [first = NO_SITE, ...others] = (sites ?? []).slice(0, limit)
  const firstResponse = await query(opened, first, window)
  if ('problem' in firstResponse && firstResponse.subject === 'server') {
    return [failed('store', await withOtherApi(opened, firstResponse))]
  }
  const reached = [ok('store', 'reached'), ...(await examineApi(opened))]
  if (first === NO_SITE) {
    const why = sites === undefined ? 'the verified domains could not be read' : 'no domain is verified yet'
    return [...reached, skipped('store key', `it can only be checked with a verified domain, and ${why}`)]
  }
  const responses = [firstResponse]
  for (const site of others) responses.push(await query(opened, site, window))
  return [...reached, ...judge(responses, window), ...leftOut(sites?.length ?? 0, limit)]
}

type Diagnosis = ReturnType<typeof diagnosePlausible> & { fault: Fault }
type Response = { site: VerifiedSite } & ({ result: StatsResult } | Diagnosis)

/** The problem of the server, or that it has the other API than the Worker is told to use. */
async function withOtherApi({ url, api }: OpenedStore, { fault, problem }: Diagnosis): Promise<string> {
  const other = api === 'v1' ? 'v2' : 'v1'
  if (fault !== 'status_404' || !(await hasStatsApi(url, other, TIMEOUT_MS))) return problem
  const advice = api === 'v1' ? '' : ', or update Plausible to 3.0 or newer'
  return `it has no Stats API ${api} (404) but has ${other}: set ANALYTICS_API=${other}${advice}`
}

/** A server with both APIs is better asked by v2, which supports more queries. */
async function examineApi({ url, api }: OpenedStore): Promise<Finding[]> {
  if (api === 'v2') return []
  if (!(await hasStatsApi(url, 'v2', TIMEOUT_MS))) return [ok('store API', 'v1, the only one of this server')]
  const advice = 'v1, though the server has v2, which supports more with fewer requests: set ANALYTICS_API=v2'
  return [warning('store API', advice)]
}

async function query({ store, api }: OpenedStore, site: VerifiedSite, window: Window): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    return {
      site,
      result: await store.query(site.siteName ?? site.domain, { metrics: ['visitors'], window }, signal),
    }
  } catch (error) {
    if (error instanceof StoreError)
      return { site, fault: error.fault, ...diagnosePlausible(error.fault, api) }
    throw error
  }
}

/** The store refuses a wrong key and an unknown site alike, so one domain that works proves the key. */
function judge(responses: Response[], window: Window): Finding[] {
  const isAccepted = responses.some((response) => 'result' in response || response.subject === 'site')
  const domains = responses.map((response) => {
    const { domain } = response.site
    if ('result' in response) return judgeTimeZone(response.site, response.result, window)
    return isAccepted || response.subject !== 'key_or_site'
      ? failed(`domain ${domain}`, response.problem)
      : skipped(`domain ${domain}`, 'the key must be accepted first')
  })
  if (isAccepted) return [ok('store key', 'accepted'), ...domains]
  const wrong = 'refused for every verified domain: correct PLAUSIBLE_API_KEY, or add the sites to the store'
  return [failed('store key', wrong), ...domains]
}

/** Two zones with the same offsets on both days cannot be told apart: the store returns offsets, no names. */
function judgeTimeZone(
  { organizationId, domain, timeZone }: VerifiedSite,
  result: StatsResult,
  window: Window,
): Finding {
  const check = `domain ${domain}`
  const [first, last] = [offsetIn(result.from), offsetIn(result.to)]
  if (first === undefined || last === undefined) {
    return ok(check, 'the store has this site; its response does not show the time zone')
  }
  const advice = `run org set-time-zone ${organizationId} <zone> with the zone in the site's settings there`
  if (!isTimeZone(timeZone)) {
    return failed(check, `the time zone ${JSON.stringify(timeZone)} does not exist: ${advice}`)
  }
  const expected = [startOfDay(timeZone, window.from), startOfDay(timeZone, addDays(window.to, 1)) - 1].map(
    (at) => formatOffset(offsetMs(timeZone, at)),
  )
  const shown = `${first} on ${window.from} and ${last} on ${window.to}`
  if (first === expected[0] && last === expected[1]) {
    return ok(check, `the store has this site, and its time zone fits ${timeZone} (${shown})`)
  }
  return failed(
    check,
    `the store counts its days at ${shown}, the organization has ${timeZone} (${expected.join(' and ')}), so figures cover other days than they say: ${advice}`,
  )
}

/** From the last but one to the last of the compared days that are over everywhere. */
function comparedWindow(now: number): Window {
  const yesterday = addDays(dayAt('UTC', now), -1)
  const year = Number(yesterday.slice(0, 4))
  const days = [year - 1, year].flatMap((each) => COMPARED_DAYS.map((day) => `${each}-${day}`))
  const [from = '', to = ''] = days.filter((day) => day < yesterday).slice(-2)
  return { from, to }
}

/** The offset that a moment in ISO 8601 ends with; undefined if there is none. */
function offsetIn(moment: string): string | undefined {
  return /([+-]\d\d:\d\d|Z)$/.exec(moment)?.[0].replace('Z', '+00:00')
}

function leftOut(count: number, limit: number): Finding[] {
  if (count <= limit) return []
  return [
    skipped('more domains', `${count - limit} were not checked, to save the store's quota: see --domains`),
  ]
}
