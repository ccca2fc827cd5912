// Reads what already exists: in the database, in wrangler.toml and at Cloudflare. Changes nothing.
import * as z from 'zod/mini'
import { migrationStatus } from '../../migrations/migrate.ts'
import { openDatabase } from '../admin/database.ts'
import { normalizeDomain } from '../admin/domain-name.ts'
import { listJobs } from '../admin/records/jobs.ts'
import { listOrganizations, type OrganizationOverview } from '../admin/records/organizations.ts'
import type { Settings } from '../admin/settings.ts'

/** The database as a setup finds it. */
export interface DatabaseState {
  pendingMigrations: string[]
  hasLogin: boolean
  /** The organization of the domain, if there is one. */
  organization: OrganizationOverview | undefined
  /** A job of it. */
  job: string | undefined
  /** The keys of all organizations that are neither revoked nor expired. */
  activeKeys: number
}

/** Reads it with the operator's login. `login` is the name of the Worker's. Throws AdminError. */
export async function readDatabaseState(
  settings: Settings,
  domain: string,
  login: string,
): Promise<DatabaseState> {
  const database = await openDatabase(settings)
  try {
    const row = z.object({ hasLogin: z.boolean() })
    const text = 'select exists (select from pg_roles where rolname = $1) as "hasLogin"'
    const [{ hasLogin } = { hasLogin: false }] = await database.rows(row, text, [login])
    const { pending } = await migrationStatus({ sql: database.sql })
    const state = { pendingMigrations: pending, hasLogin }
    // Tables may not exist yet, or lack columns.
    if (pending.length > 0) return { ...state, organization: undefined, job: undefined, activeKeys: 0 }
    const organizations = await listOrganizations(database)
    const organization = organizations.find((each) => each.domain === normalizeDomain(domain))
    const [job] = organization === undefined ? [] : await listJobs(database, pageOfOne(organization.id))
    const activeKeys = organizations.reduce((sum, each) => sum + each.activeKeys, 0)
    return { ...state, organization, job: job?.id, activeKeys }
  } finally {
    await database.close()
  }
}

function pageOfOne(organizationId: string) {
  return { organizationId, status: undefined, after: undefined, limit: 1 }
}
