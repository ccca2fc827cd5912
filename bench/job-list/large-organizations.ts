// A database in which one organization has very many jobs, another 1,000, and a thousand others the rest.

import { createHash } from 'node:crypto'
import { readMigrations } from '../../migrations/migration-plan.ts'

/** A Postgres that runs scripts and statements, whichever it is. */
export interface Database {
  script(text: string): Promise<unknown>
  query(text: string, parameters: readonly unknown[]): Promise<Record<string, unknown>[]>
}

/** An organization to list jobs of: its key's hash, as statements take it, and how many jobs it has. */
export interface MeasuredOrganization {
  id: number
  keyHash: string
  jobs: number
}

const ORGANIZATIONS = 1_000
const SMALL_JOBS = 1_000

/**
 * Migrates an empty database and fills it. Of the words in titles "engineer" is everybody's, "paris" a fifth's, "nurse"
 * one in 31's and "astronaut" one in 997's; nobody is a "zebra".
 */
export async function fillLargeOrganizations(
  database: Database,
  jobs: number,
): Promise<{ large: MeasuredOrganization; small: MeasuredOrganization }> {
  for (const { text } of await readMigrations()) await database.script(text)
  await database.script(`
    insert into organizations (name, domain, domain_verified_at)
      select 'Organization ' || n, 'organization-' || n || '.example', now() from generate_series(1, ${ORGANIZATIONS}) n;
    insert into api_keys (organization_id, name, hash, hint)
      select id, 'bench', sha256(id::text::bytea), 'jak_aaaa' from organizations`)
  await insertJobs(database, '1', jobs)
  await insertJobs(database, '2', SMALL_JOBS)
  await insertJobs(database, `3 + n % ${ORGANIZATIONS - 2}`, jobs / 5)
  await database.script('vacuum analyze')
  return { large: organization(1, jobs), small: organization(2, SMALL_JOBS) }
}

async function insertJobs(database: Database, organizationOfN: string, count: number): Promise<void> {
  await database.script(`
    insert into jobs (id, organization_id, title, slug, path, paths, status, created_at)
    select gen_random_uuid(), ${organizationOfN},
      (array['Senior', 'Junior', 'Lead', 'Staff'])[1 + n % 4] || ' Engineer '
        || (array['Paris', 'Lyon', 'Lille', 'Nice', 'Brest'])[1 + n % 5]
        || case when n % 997 = 0 then ' Astronaut' else '' end
        || case when n % 31 = 0 then ' Nurse' else '' end || ' ' || n,
      'job-' || n, '/jobs/job-' || n, case when n % 2 = 0 then array['/de/job-' || n] else '{}' end,
      (array['active', 'active', 'active', 'active', 'expired', 'pending', 'draft'])[1 + n % 7]::job_status,
      now() - n * interval '1 minute'
    from generate_series(1, ${count}) n`)
}

function organization(id: number, jobs: number): MeasuredOrganization {
  return { id, jobs, keyHash: createHash('sha256').update(String(id)).digest('hex') }
}
