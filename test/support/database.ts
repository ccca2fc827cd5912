// Changes the run's database as its owner: keys, organizations and jobs that one test needs.

import { neon, neonConfig } from '@neondatabase/serverless'
import { createApiKey, hashApiKey, hintOfApiKey, importApiKeySecret } from '../../src/keys/api-key.ts'
import { bindings, demo } from './api.ts'

const { databaseUrl, plausibleUrl } = demo.stores
const sql = neon(databaseUrl)
neonConfig.fetchEndpoint = bindings['NEON_ENDPOINT'] ?? ''

/** Runs one statement as the owner; rows as objects. */
export function asOwner(text: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> {
  return sql.query(text, parameters).then((rows) => rows)
}

/** The demo's secret, for making keys that its Worker knows as its own. */
export const apiKeySecret = await importApiKeySecret(demo.secrets.apiKeySecret)

/** Issues a key of this organization, with a limit of its own to spend. */
export async function issueKey(
  organizationId: string,
  { expiresAt, revokedAt }: { expiresAt?: string; revokedAt?: string } = {},
): Promise<string> {
  const key = await createApiKey(apiKeySecret)
  await asOwner(
    `insert into api_keys (organization_id, name, hash, hint, expires_at, revoked_at)
     values ($1, 'test', decode($2, 'hex'), $3, $4, $5)`,
    [organizationId, await hashApiKey(key), hintOfApiKey(key), expiresAt ?? null, revokedAt ?? null],
  )
  return key
}

/** Creates an organization with a verified domain of its own, its site in the store, and this many jobs at `/jobs/<n>`. */
export async function createOrganization(
  jobCount: number,
  timeZone = 'UTC',
): Promise<{ id: string; domain: string; jobIds: string[] }> {
  const domain = `${crypto.randomUUID()}.example`
  const [organization] = await asOwner(
    `insert into organizations (name, domain, domain_verified_at, time_zone)
     values ('Test', $1, now(), $2) returning id::text`,
    [domain, timeZone],
  )
  await putSite(domain, timeZone)
  const id = String(organization?.['id'])
  const jobIds = Array.from({ length: jobCount }, () => crypto.randomUUID())
  await asOwner(
    `insert into jobs (id, organization_id, title, slug, path)
     select id, $2, 'Job ' || n, 'job-' || n, '/jobs/' || n
     from unnest($1::uuid[]) with ordinality as job (id, n)`,
    [jobIds, id],
  )
  return { id, domain, jobIds }
}

/** Creates a site in the stand-in, or changes its time zone. */
export async function putSite(domain: string, timezone: string): Promise<void> {
  const body = JSON.stringify({ domain, timezone })
  const response = await fetch(`${plausibleUrl}/local/sites`, { method: 'PUT', body })
  if (!response.ok) throw new Error(await response.text())
  await response.body?.cancel()
}

/** The paths of each of an organization's jobs, the main one first. */
export async function pathsOfJobs(organizationId: string): Promise<Map<string, string[]>> {
  const rows = await asOwner(
    'select id::text, array_to_json(array[path] || paths)::text as paths from jobs where organization_id = $1',
    [organizationId],
  )
  return new Map(rows.map((row) => [String(row['id']), JSON.parse(String(row['paths']))]))
}

/** Runs one SELECT over the stand-in's tables: figures counted by hand. */
export async function countByHand(select: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${plausibleUrl}/local/sql`, {
    method: 'POST',
    body: JSON.stringify({ sql: select }),
  })
  const body: { rows: Record<string, unknown>[] } = await response.json()
  if (!response.ok) throw new Error(JSON.stringify(body))
  return body.rows
}

/** Stores visits, and with them the site. */
export async function storeVisits(visits: readonly object[]): Promise<void> {
  const body = visits.map((visit) => JSON.stringify(visit)).join('\n')
  const response = await fetch(`${plausibleUrl}/local/visits`, { method: 'POST', body })
  if (!response.ok) throw new Error(await response.text())
  await response.body?.cancel()
}

/** The queries the stand-in received for this site, oldest first. */
export async function queriesOf(site: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${plausibleUrl}/local/queries`)
  const { queries }: { queries: { body: Record<string, unknown> }[] } = await response.json()
  return queries.map(({ body }) => body).filter((body) => body['site_id'] === site)
}
