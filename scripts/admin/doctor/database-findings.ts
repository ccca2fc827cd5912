// Checks the database: whether the Worker reaches it, the schema is current, and the login has the rights it needs and no more.
import * as z from 'zod/mini'
import { migrationStatus } from '../../../migrations/migrate.ts'
import { MigrationError } from '../../../migrations/migration-plan.ts'
import { AdminError } from '../admin-error.ts'
import { type Database, OPERATOR_VARIABLES, openDatabase } from '../database.ts'
import { WORKER_ROLE } from '../records/worker-login.ts'
import type { Settings } from '../settings.ts'
import { type Finding, failed, ok, skipped, warning } from './finding.ts'
import { readRights } from './role-rights.ts'
import type { VerifiedSite } from './store-findings.ts'

const CREATE_LOGIN = 'create one with role create-login and store it as the DATABASE_URL of the Worker'

/**
 * Returns the findings and the sites of verified domains, undefined when they could not be read. The file of a local stack holds
 * the owner's login only, so there that login is no reason to warn.
 */
export async function examineDatabase(
  settings: Settings,
  isLocalStack: boolean,
): Promise<{ findings: Finding[]; sites: VerifiedSite[] | undefined }> {
  const worker = await reach(settings, ['DATABASE_URL'])
  if ('problem' in worker) {
    const rest = ['migrations', 'rights'].map((check) => skipped(check, 'the database must be reached first'))
    return { findings: [failed('database', worker.problem), ...rest], sites: undefined }
  }
  try {
    const findings = [
      ok('database', `reached with DATABASE_URL as ${worker.login.name}, Postgres ${worker.login.version}`),
      await examineMigrations(settings),
      await examineRights(worker.database, worker.login, isLocalStack),
    ]
    return { findings, sites: await readSites(worker.database) }
  } finally {
    await worker.database.close()
  }
}

/** Returns whether the database is reached with the operator's login, before there is a login of the Worker. */
export async function examineOperator(settings: Settings): Promise<Finding> {
  const operator = await reach(settings, OPERATOR_VARIABLES)
  if ('problem' in operator) return failed('database', operator.problem)
  const { database, login } = operator
  await database.close()
  return ok('database', `reached as ${login.name}, Postgres ${login.version}`)
}

const loginRow = z.object({ name: z.string(), version: z.string(), isWorker: z.boolean() })

type Reached = { database: Database; login: z.infer<typeof loginRow> } | { problem: string }

async function reach(settings: Settings, variables: string[]): Promise<Reached> {
  let database: Database | undefined
  try {
    database = await openDatabase(settings, variables)
    const [login] = await database.rows(
      loginRow,
      `select current_user as name, split_part(version(), ' ', 2) as version, coalesce((
        select pg_has_role(current_user, w.oid, 'member') and not u.rolsuper and w.oid <> (
          select relowner from pg_class where oid = to_regclass('jobs'))
        from pg_roles w, pg_roles u where w.rolname = $1 and u.rolname = current_user
          and not pg_has_role(current_user, (select relowner from pg_class where oid = to_regclass('jobs')), 'member')
      ), false) as "isWorker"`,
      [WORKER_ROLE],
    )
    if (login) return { database, login }
    throw new AdminError('unavailable', 'The database returned no row: try again')
  } catch (error) {
    await database?.close()
    return { problem: explain(error) }
  }
}

/** Uses the operator's login, because the Worker's may not read the records of migrations. */
async function examineMigrations(settings: Settings): Promise<Finding> {
  const operator = await reach(settings, OPERATOR_VARIABLES)
  if ('problem' in operator) return failed('migrations', operator.problem)
  const { database, login } = operator
  try {
    if (login.isWorker) {
      return skipped(
        'migrations',
        "the Worker's login may not read them: set ADMIN_DATABASE_URL to the owner's",
      )
    }
    const { applied, pending } = await migrationStatus({ sql: database.sql })
    if (pending.length === 0) return ok('migrations', `all ${applied.length} are applied`)
    return failed('migrations', `${pending.join(', ')} not applied: run npm run admin -- migrate`)
  } catch (error) {
    return failed('migrations', explain(error))
  } finally {
    await database.close()
  }
}

/** When DATABASE_URL is not a login of the Worker, the role that such a login belongs to is checked. */
async function examineRights(
  database: Database,
  { name, isWorker }: { name: string; isWorker: boolean },
  isLocalStack: boolean,
): Promise<Finding> {
  try {
    const { missing, excess } = await readRights(database, isWorker ? name : WORKER_ROLE)
    const subject = isWorker ? name : `the role ${WORKER_ROLE}`
    if (missing.length > 0) {
      return failed('rights', `${subject} may not ${missing.join(', ')}: run npm run admin -- migrate`)
    }
    if (excess.length > 0) return failed('rights', `${subject} may ${excess.join(', ')}: revoke that`)
    if (isWorker || isLocalStack)
      return ok('rights', `${subject} may do what the Worker needs, and nothing else`)
    return warning(
      'rights',
      `DATABASE_URL is the login ${name}, which may do more than the Worker needs: ${CREATE_LOGIN}`,
    )
  } catch (error) {
    return failed('rights', explain(error))
  }
}

const siteRow = z.object({
  organizationId: z.string(),
  domain: z.string(),
  siteName: z.nullable(z.string()),
  timeZone: z.string(),
})

async function readSites(database: Database): Promise<VerifiedSite[] | undefined> {
  const text = `select id::text as "organizationId", domain, site_name as "siteName", time_zone as "timeZone" from organizations
    where domain_verified_at is not null order by id`
  try {
    return await database.rows(siteRow, text)
  } catch (error) {
    if (error instanceof AdminError) return undefined
    throw error
  }
}

function explain(error: unknown): string {
  if (error instanceof AdminError || error instanceof MigrationError) return error.message
  throw error
}
