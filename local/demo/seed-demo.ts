// Puts the demo where it belongs: organizations, keys and jobs into Postgres, a year of visits into the stand-in.
import type { NeonQueryFunction } from '@neondatabase/serverless'
import { createApiKey, hashApiKey, hintOfApiKey, importApiKeySecret } from '../../src/keys/api-key.ts'
import type { DemoOrganization } from '../demo-schema.ts'
import type { RunningPlausible } from '../plausible/start-plausible.ts'
import { type DemoSite, demoOrganizations } from './demo-organizations.ts'
import { demoVisits } from './demo-visits.ts'

type VisitStore = Pick<RunningPlausible, 'putSite' | 'write'>
type Seed = { readonly site: DemoSite; readonly id: string; readonly apiKey: string; readonly hash: string }

/**
 * Fills a freshly migrated database, as its owner, and the stand-in for Plausible if there is one; `apiKeySecret`
 * is the Worker's `API_KEY_SECRET`. Rejects when the database refuses.
 */
export async function seedDemo(options: {
  sql: NeonQueryFunction<false, false>
  plausible: VisitStore | undefined
  apiKeySecret: string
  now: Date
}): Promise<DemoOrganization[]> {
  const { sql, plausible, apiKeySecret, now } = options
  const sites = demoOrganizations(now)
  const seeds = await makeKeys(sites, apiKeySecret)
  await seedDatabase(sql, seeds, now)
  if (plausible !== undefined) seedPlausible(plausible, sites, now)
  return seeds.map(({ site, id, apiKey }) => ({
    id,
    name: site.name,
    domain: site.domain,
    domainVerified: site.domainVerified,
    apiKey,
    jobs: site.jobs.map((job) => ({ id: job.id, path: job.path, title: job.title })),
  }))
}

function makeKeys(sites: readonly DemoSite[], apiKeySecret: string): Promise<Seed[]> {
  const importing = importApiKeySecret(apiKeySecret)
  return Promise.all(
    sites.map(async (site, index) => {
      const apiKey = await createApiKey(await importing)
      return { site, id: String(index + 1), apiKey, hash: await hashApiKey(apiKey) }
    }),
  )
}

async function seedDatabase(
  sql: NeonQueryFunction<false, false>,
  seeds: readonly Seed[],
  now: Date,
): Promise<void> {
  const verifiedAt = now.toISOString()
  const rows = seeds.map(({ site, id, apiKey, hash }) => ({
    id,
    name: site.name,
    domain: site.domain,
    domain_verified_at: site.domainVerified ? verifiedAt : null,
    time_zone: site.timezone,
    key_name: 'Demo key',
    hash,
    hint: hintOfApiKey(apiKey),
  }))
  await sql.transaction([
    // Ids are given, so that they are the same on every run; the sequence goes on behind them.
    sql`insert into organizations (id, name, domain, domain_verified_at, time_zone) overriding system value
        select id, name, domain, domain_verified_at, time_zone
        from json_to_recordset(${JSON.stringify(rows)}::json)
          as row (id bigint, name text, domain text, domain_verified_at timestamptz, time_zone text)`,
    sql`select setval(pg_get_serial_sequence('organizations', 'id'), max(id)) from organizations`,
    sql`insert into api_keys (organization_id, name, hash, hint)
        select id, key_name, decode(hash, 'hex'), hint
        from json_to_recordset(${JSON.stringify(rows)}::json)
          as row (id bigint, key_name text, hash text, hint text)`,
    sql`insert into jobs (id, organization_id, title, slug, path, paths, status, created_at, expires_at)
        select id, organization_id, title, slug, path, paths, status, created_at, expires_at
        from json_to_recordset(${JSON.stringify(seeds.flatMap(({ site, id }) => jobRows(site, id)))}::json)
          as row (id uuid, organization_id bigint, title text, slug text, path text, paths text[], status job_status,
                  created_at timestamptz, expires_at timestamptz)`,
  ])
}

/** The first posting with further pages has them in the database; those of the others are left for `job coverage` to find. */
function jobRows(site: DemoSite, organizationId: string) {
  const complete = site.jobs.find(({ twinPaths }) => twinPaths.length > 0)
  return site.jobs.map(({ id, title, slug, path, twinPaths, status, createdAt, expiresAt }) => ({
    id,
    organization_id: organizationId,
    title,
    slug,
    path,
    paths: id === complete?.id ? twinPaths : [],
    status,
    created_at: createdAt,
    expires_at: expiresAt,
  }))
}

/** Adds the sites, and their visits until `now`, to the stand-in. */
export function seedPlausible(plausible: VisitStore, sites: readonly DemoSite[], now: Date): void {
  for (const { domain, timezone } of sites) plausible.putSite({ domain, timezone, locked: false })
  plausible.write([...demoVisits(now)])
}
