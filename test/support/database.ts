// Changes the run's database as its owner: keys, organizations and jobs that one test needs.

import { neon, neonConfig } from '@neondatabase/serverless'
import { createApiKey, hashApiKey, hintOfApiKey, importApiKeySecret } from '../../src/domain/api-key.ts'
import { demo } from './api.ts'

const { databaseUrl, neonEndpoint, plausibleUrl } = demo.stores
const sql = neon(databaseUrl)
neonConfig.fetchEndpoint = neonEndpoint

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

/** Creates an organization with a verified domain of its own and this many jobs at `/jobs/<n>`. */
export async function createOrganization(
  jobCount: number,
): Promise<{ id: string; domain: string; jobIds: string[] }> {
  const domain = `${crypto.randomUUID()}.example`
  const [organization] = await asOwner(
    `insert into organizations (name, domain, domain_verified_at) values ('Test', $1, now()) returning id::text`,
    [domain],
  )
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

/** Runs one SELECT over the stand-in's tables: figures counted by hand. */
export async function countByHand(select: string): Promise<Record<string, unknown>[]> {
  const answer = await fetch(`${plausibleUrl}/local/sql`, {
    method: 'POST',
    body: JSON.stringify({ sql: select }),
  })
  const body: { rows: Record<string, unknown>[] } = await answer.json()
  if (!answer.ok) throw new Error(JSON.stringify(body))
  return body.rows
}

/** Stores visits, and with them the site. */
export async function storeVisits(visits: readonly object[]): Promise<void> {
  const body = visits.map((visit) => JSON.stringify(visit)).join('\n')
  const answer = await fetch(`${plausibleUrl}/local/visits`, { method: 'POST', body })
  if (!answer.ok) throw new Error(await answer.text())
  await answer.body?.cancel()
}

/** The queries the stand-in received for this site, oldest first. */
export async function queriesOf(site: string): Promise<Record<string, unknown>[]> {
  const answer = await fetch(`${plausibleUrl}/local/queries`)
  const { queries }: { queries: { body: Record<string, unknown> }[] } = await answer.json()
  return queries.map(({ body }) => body).filter((body) => body['site_id'] === site)
}
