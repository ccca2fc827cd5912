// Creates a login of the Worker, with the rights of one role and no others, and with a random password.
import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { AdminError } from '../admin-error.ts'
import { type Database, openDatabase } from '../database.ts'
import { isLocalStack, type Session } from '../session.ts'

/** The role of migrations/0002 that holds the grants of the API. */
export const WORKER_ROLE = 'job_analytics_worker'
/** The role of migrations/0007 that holds the grants of the console. */
export const CONSOLE_ROLE = 'job_analytics_console'

/** A role, and a statement that each of its logins may run. */
const ROLES = {
  [WORKER_ROLE]: 'select id::text from jobs limit 1',
  [CONSOLE_ROLE]: 'select console_organization(0)::text as id',
}

/** Long enough for every server's rules; the characters need no escape in SQL or in a URL. */
const PASSWORD_BYTES = 32

/**
 * Creates the login. Gives an existing login a new password after the person agrees, because the Worker is refused until
 * it has that password. Throws AdminError.
 * @returns the operator's connection string with the name and password of the login
 */
export async function createWorkerLogin(
  session: Session,
  name: string,
  role: keyof typeof ROLES,
): Promise<{ databaseUrl: string; isNew: boolean }> {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    throw new AdminError(
      'usage',
      '--name must have at most 63 lower-case letters, digits and _, and must not begin with a digit',
    )
  }
  if (isLocalStack(session)) {
    throw new AdminError(
      'usage',
      'npm run dev creates the login of its Worker itself: use this command on a server of your own',
    )
  }
  const database = await session.database()
  const isNew = !(await isLoginOf(database, name, role))
  if (!isNew)
    await session.confirm(`Give ${name} a new password? A Worker with the old password is refused at once.`)
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  // Utility statements take no parameters; neither value contains a character that would end its literal.
  const statement = isNew
    ? `create role "${name}" login password '${password}' in role ${role}`
    : `alter role "${name}" password '${password}'`
  await database.rows(z.unknown(), statement)
  const url = new URL(database.url)
  url.username = name
  url.password = password
  await checkLogin(session, url.href, ROLES[role])
  return { databaseUrl: url.href, isNew }
}

/** Returns whether the login exists. Throws AdminError when a role with another purpose has that name. */
async function isLoginOf(database: Database, name: string, role: string): Promise<boolean> {
  const row = z.object({ isReady: z.boolean(), isTaken: z.boolean(), isLogin: z.nullable(z.boolean()) })
  const [found] = await database.rows(
    row,
    `select exists (select from pg_roles where rolname = $2) as "isReady",
      exists (select from pg_roles where rolname = $1) as "isTaken",
      (select bool_and(pg_has_role(r.oid, w.oid, 'member') and r.rolcanlogin and not r.rolsuper)
        from pg_roles r, pg_roles w where r.rolname = $1 and w.rolname = $2) as "isLogin"`,
    [name, role],
  )
  if (!found?.isReady)
    throw new AdminError('failed', `The role ${role} is missing: run npm run admin -- migrate`)
  if (found.isTaken && !found.isLogin) {
    throw new AdminError('failed', `The role ${name} exists and has another purpose: choose another --name`)
  }
  return found.isTaken
}

async function checkLogin({ settings }: Session, url: string, statement: string): Promise<void> {
  const database = await openDatabase({ ...settings, DATABASE_URL: url }, ['DATABASE_URL'])
  try {
    await database.rows(z.object({ id: z.nullable(z.string()) }), statement)
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    throw new AdminError('failed', `The login was created, but the database refuses it: ${error.message}`)
  } finally {
    await database.close()
  }
}
