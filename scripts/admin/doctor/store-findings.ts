// Looks at the analytics store: can it be reached, does it take the key, does it know each verified domain.
import type { Settings } from '../settings.ts'
import { type Finding, failed, ok, skipped } from './finding.ts'

const TIMEOUT_MS = 10_000
const DEFAULT_DIMENSION = 'event:page'
/** A domain nobody has, to see that the store answers when there is no other. */
const NO_DOMAIN = 'doctor.invalid'

/** Each domain costs one query of the store's quota, so at most `limit` are looked at. */
export async function examineStore(
  settings: Settings,
  domains: string[] | undefined,
  limit: number,
): Promise<Finding[]> {
  const { PLAUSIBLE_URL: url, PLAUSIBLE_API_KEY: apiKey } = settings
  if (!url || !apiKey || !URL.canParse(url)) {
    return [skipped('store', 'PLAUSIBLE_URL and PLAUSIBLE_API_KEY must be right first')]
  }
  const store = { url, apiKey, dimension: settings['ANALYTICS_JOB_DIMENSION'] ?? DEFAULT_DIMENSION }
  const [first = NO_DOMAIN, ...others] = (domains ?? []).slice(0, limit)
  const firstStatus = await query(store, first)
  const problem = explain(firstStatus)
  if (problem !== undefined) return [failed('store', problem)]
  const reached = ok('store', 'reached')
  if (first === NO_DOMAIN) {
    const why = domains === undefined ? 'the verified domains could not be read' : 'no domain is verified yet'
    return [reached, skipped('store key', `it can only be tried on a verified domain, and ${why}`)]
  }
  const statuses = [{ domain: first, status: firstStatus }]
  for (const domain of others) statuses.push({ domain, status: await query(store, domain) })
  return [reached, ...judge(statuses), ...leftOut(domains?.length ?? 0, limit)]
}

interface DomainStatus {
  domain: string
  status: number | 'unreachable'
}

/** The store answers a wrong key and an unknown site alike, so one domain that works proves the key. */
function judge(statuses: DomainStatus[]): Finding[] {
  const isAccepted = statuses.some(({ status }) => status === 200)
  const domains = statuses.map(({ domain, status }) => {
    if (status === 200) return ok(`domain ${domain}`, 'known to the store')
    const problem =
      explain(status) ?? 'the store does not know it, or the key may not read it: add the site there'
    return isAccepted || status !== 401
      ? failed(`domain ${domain}`, problem)
      : skipped(`domain ${domain}`, 'the key must be accepted first')
  })
  if (isAccepted) return [ok('store key', 'accepted'), ...domains]
  const wrong = 'refused for every verified domain: correct PLAUSIBLE_API_KEY, or add the sites to the store'
  return [failed('store key', wrong), ...domains]
}

function leftOut(count: number, limit: number): Finding[] {
  if (count <= limit) return []
  return [
    skipped('more domains', `${count - limit} were not looked at, to spare the store's quota: see --domains`),
  ]
}

/** Undefined for what says something of the key or the domain only. */
function explain(status: DomainStatus['status']): string | undefined {
  if (status === 200 || status === 401) return undefined
  switch (status) {
    case 'unreachable':
      return 'it cannot be reached: check PLAUSIBLE_URL and that Plausible runs'
    case 402:
      return 'it asks for payment (402): the site is locked, or the plan has no Stats API'
    case 404:
      return 'it has no Stats API v2 (404): check PLAUSIBLE_URL; Plausible Community Edition needs 3.0 or later'
    case 429:
      return 'its quota for this hour is spent (429): wait, or ask for a larger one'
    default:
      return `it answers with status ${status}: check PLAUSIBLE_URL and the log of Plausible`
  }
}

/** The kind of query the Worker sends, cut down to one row. */
async function query(
  { url, apiKey, dimension }: { url: string; apiKey: string; dimension: string },
  domain: string,
): Promise<DomainStatus['status']> {
  const body = {
    site_id: domain,
    metrics: ['visitors'],
    date_range: '7d',
    dimensions: [dimension],
    pagination: { limit: 1 },
  }
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}/api/v2/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await response.body?.cancel()
    return response.status
  } catch {
    // Which of the many ways to be unreachable it was, fetch does not say without the address.
    return 'unreachable'
  }
}
