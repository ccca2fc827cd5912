// Puts the world where it belongs: organizations, keys and jobs into Postgres, sites and visits into the analytics store.

import type { NeonQueryFunction } from '@neondatabase/serverless'
import { createApiKey, hashApiKey, hintOfApiKey, importApiKeySecret } from '../../src/keys/api-key.ts'
import { APPLY_EVENT, APPLY_SECONDS, type Tenant, type World } from './world.ts'

/** The keys of one organization. */
export interface TenantKeys {
  /** For generated requests. */
  valid: readonly string[]
  /** For clients that test the limits, one each. */
  limits: readonly string[]
  /** For the requests that wait until the API has recovered. */
  probes: readonly string[]
  revoked: string
  expired: string
}

/** Keys by the index of their organization. */
export type WorldKeys = readonly TenantKeys[]

const LIMIT_KEYS = 8
const PROBE_KEYS = 12

/** Fills a freshly migrated database, as its owner. Resolves to the keys. */
export async function seedDatabase(
  sql: NeonQueryFunction<false, false>,
  { tenants, slow }: World,
  { apiKeySecret, validKeys }: { apiKeySecret: string; validKeys: number },
): Promise<WorldKeys> {
  const secret = await importApiKeySecret(apiKeySecret)
  const keys: TenantKeys[] = []
  for (const tenant of [...tenants, slow]) {
    const make = (count: number) => Promise.all(Array.from({ length: count }, () => createApiKey(secret)))
    const [valid, limits, probes] = await Promise.all([make(validKeys), make(LIMIT_KEYS), make(PROBE_KEYS)])
    const [revoked = '', expired = ''] = await make(2)
    await insertTenant(sql, tenant)
    const rows = [
      ...[...valid, ...limits, ...probes].map((key) => ({ key })),
      { key: revoked, revoked_at: '2020-01-01T00:00:00Z' },
      { key: expired, expires_at: '2020-01-01T00:00:00Z' },
    ]
    await insertKeys(sql, tenant, rows)
    keys.push({ valid, limits, probes, revoked, expired })
  }
  return keys
}

async function insertTenant(sql: NeonQueryFunction<false, false>, tenant: Tenant): Promise<void> {
  const { marker, domain, isVerified, timeZone, jobs } = tenant
  const id = organizationId(tenant)
  const rows = jobs.map(({ paths: [path, ...paths], createdAt, ...job }) => ({
    ...{ ...job, path, paths },
    ...{ organization_id: id, created_at: createdAt },
  }))
  await sql.transaction([
    sql`insert into organizations (id, name, domain, domain_verified_at, time_zone) overriding system value
        values (${id}, ${`Org ${marker}`}, ${domain}, ${isVerified ? '2026-01-01T00:00:00Z' : null}, ${timeZone})`,
    sql`insert into jobs (id, organization_id, title, slug, path, paths, status, created_at)
        select id, organization_id, title, slug, path, paths, status, created_at
        from json_to_recordset(${JSON.stringify(rows)}::json)
          as row (id uuid, organization_id bigint, title text, slug text, path text, paths text[], status job_status,
                  created_at timestamptz)`,
  ])
}

async function insertKeys(
  sql: NeonQueryFunction<false, false>,
  tenant: Tenant,
  keys: readonly { key: string; revoked_at?: string; expires_at?: string }[],
): Promise<void> {
  const rows = await Promise.all(
    keys.map(async ({ key, ...times }) => ({
      ...times,
      hash: await hashApiKey(key),
      hint: hintOfApiKey(key),
    })),
  )
  await sql`insert into api_keys (organization_id, name, hash, hint, revoked_at, expires_at)
    select ${organizationId(tenant)}, 'prove', decode(hash, 'hex'), hint, revoked_at, expires_at
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as row (hash text, hint text, revoked_at timestamptz, expires_at timestamptz)`
}

/** The ID of an organization in the database. */
export function organizationId({ index }: Tenant): number {
  return 101 + index
}

/** Fills the stand-in for Plausible at this address. */
export async function seedAnalytics(url: string, { tenants, slow }: World): Promise<void> {
  for (const { domain, timeZone, visits } of [...tenants, slow]) {
    await send('PUT', `${url}/local/sites`, JSON.stringify({ domain, timezone: timeZone }))
    const lines = visits.flatMap(({ visitor, timestamp, hasApplied, attributes }) => {
      const { page, entry_page: _, exit_page: __, city, ...rest } = attributes
      const event = (name: string, at: number) =>
        JSON.stringify({
          ...{ timestamp: new Date(at * 1_000).toISOString(), domain, name, pathname: page, visitor },
          ...{ city: Number(city), ...rest },
        })
      return [
        event('pageview', timestamp),
        ...(hasApplied ? [event(APPLY_EVENT, timestamp + APPLY_SECONDS)] : []),
      ]
    })
    await send('POST', `${url}/local/visits`, lines.join('\n'))
  }
}

async function send(method: string, url: string, body: string): Promise<void> {
  const response = await fetch(url, { method, body })
  const text = await response.text()
  if (!response.ok)
    throw new Error(`the stand-in for Plausible refused the world's visits: ${text.slice(0, 200)}`)
}
