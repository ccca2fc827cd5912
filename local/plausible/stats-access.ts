// What every statistics endpoint does first: check the key, count the quota, find the site. Also the log of queries.
import { PlausibleRefusal } from './plausible-refusal.ts'
import type { StandIn } from './stand-in.ts'
import type { Site } from './visit-sites.ts'

const KEPT_QUERIES = 10_000

/**
 * Checks the `Authorization` header and spends one call of the quota. A refused or failing call spends the quota too;
 * a call without a valid key has no quota to spend. Throws a `PlausibleRefusal` (401, 429).
 */
export function authorize({ apiKey, quota, now }: StandIn, authorization: string | undefined): void {
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

/** Finds the site by its domain. Throws a `PlausibleRefusal`: 400 without one, 401 for an unknown one, 402 if locked. */
export function findSite({ sites }: StandIn, domain: unknown): Site {
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

/**
 * Runs a query and records it together with the status of its response, for `GET /local/queries`.
 * Rethrows what the query throws.
 */
export function recordQuery<Result>({ queries }: StandIn, body: unknown, run: () => Result): Result {
  let status = 500
  try {
    const result = run()
    status = 200
    return result
  } catch (error) {
    if (error instanceof PlausibleRefusal) status = error.status
    throw error
  } finally {
    queries.push({ body, status })
    if (queries.length > KEPT_QUERIES) queries.shift()
  }
}

function invalidKeyOrSite(): PlausibleRefusal {
  return new PlausibleRefusal(
    401,
    'Invalid API key or site ID. The key must be valid and have access to the site.',
  )
}
