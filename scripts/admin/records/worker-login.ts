// Makes a login with the Worker's rights and no others, with a random password.
import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { AdminError } from '../admin-error.ts'
import { type Database, openDatabase } from '../database.ts'
import { isLocalStack, type Session } from '../session.ts'

/** The role of migrations/0002 that holds the grants. */
export const WORKER_ROLE = 'job_analytics_worker'

/** Long enough for every server's rule; of characters that need no escape in SQL or in a URL. */
const PASSWORD_BYTES = 32

/**
 * Creates the login, or gives an existing one a new password after asking, as the Worker is cut off until it has it.
 * @returns the connection string with the login's name and password, otherwise the operator's
 */
export async function createWorkerLogin(
  session: Session,
  name: string,
): Promise<{ databaseUrl: string; isNew: boolean }> {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    throw new AdminError(
      'usage',
      '--name takes lower-case letters, digits and _, at most 63, not beginning with a digit',
    )
  }
  if (isLocalStack(session)) {
    throw new AdminError(
      'usage',
      "npm run dev has made its Worker's login already: use this on a server of your own",
    )
  }
  const database = await session.database()
  const isNew = !(await isWorkerLogin(database, name))
  if (!isNew)
    await session.confirm(`Give ${name} a new password? A Worker with the old one is refused at once.`)
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  // Utility statements take no parameters; neither value holds a character that would end its literal.
  const statement = isNew
    ? `create role "${name}" login password '${password}' in role ${WORKER_ROLE}`
    : `alter role "${name}" password '${password}'`
  await database.rows(z.unknown(), statement)
  const url = new URL(database.url)
  url.username = name
  url.password = password
  await checkLogin(session, url.href)
  return { databaseUrl: url.href, isNew }
}

/** Whether the login exists. Throws AdminError when the name is taken by a role of another purpose. */
async function isWorkerLogin(database: Database, name: string): Promise<boolean> {
  const row = z.object({ isReady: z.boolean(), isTaken: z.boolean(), isWorker: z.nullable(z.boolean()) })
  const [found] = await database.rows(
    row,
    `select exists (select from pg_roles where rolname = $2) as "isReady",
      exists (select from pg_roles where rolname = $1) as "isTaken",
      (select bool_and(pg_has_role(r.oid, w.oid, 'member') and r.rolcanlogin and not r.rolsuper)
        from pg_roles r, pg_roles w where r.rolname = $1 and w.rolname = $2) as "isWorker"`,
    [name, WORKER_ROLE],
  )
  if (!found?.isReady)
    throw new AdminError('failed', `The role ${WORKER_ROLE} is missing: run npm run admin -- migrate`)
  if (found.isTaken && !found.isWorker) {
    throw new AdminError('failed', `There is a role ${name} of another purpose: choose another --name`)
  }
  return found.isTaken
}

async function checkLogin({ settings }: Session, url: string): Promise<void> {
  const database = await openDatabase({ ...settings, DATABASE_URL: url }, ['DATABASE_URL'])
  try {
    await database.rows(z.object({ id: z.string() }), 'select id from jobs limit 1')
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    throw new AdminError(
      'failed',
      `The login was made, but the database does not let it in: ${error.message}`,
    )
  } finally {
    await database.close()
  }
}
