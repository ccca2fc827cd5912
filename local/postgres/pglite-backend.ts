// The embedded Postgres (PGlite, in memory) as a backend of the Neon front, with users whose privileges are real.
import { PGlite } from '@electric-sql/pglite'
import { openPgliteSession, type PgliteSession } from './pglite-session.ts'
import {
  beginStatement,
  type Login,
  type PostgresBackend,
  PostgresError,
  type SqlQuery,
  type SqlResult,
  type TransactionOptions,
  transactionEndedError,
} from './postgres-backend.ts'

/** A login of the embedded Postgres. */
interface PgliteUser {
  name: string
  password: string
  /** An owner may do everything; it is for migrations and seeds. */
  superuser?: boolean
  /** Roles whose privileges the user has; made without login where they do not exist. */
  memberOf?: string[]
}

export interface PgliteOptions {
  /** The name of the one database. */
  database: string
  users: PgliteUser[]
}

/**
 * Boots an empty Postgres in this process (1.5 to 2.5 s, about 500 MB).
 *
 * PGlite is one session of a superuser, so each statement is run under `SET SESSION AUTHORIZATION`, and whoever is no
 * superuser loses what could undo that from within a statement: `set_config`, code of his own (`DO`, functions) and
 * temporary tables. What remains of having one session: no lock contention, no `statement_timeout`, and a slow
 * statement (`pg_sleep`) stops the whole process.
 */
export async function openPglite({ database, users }: PgliteOptions): Promise<PostgresBackend> {
  const pglite = await PGlite.create()
  const session = openPgliteSession(pglite)
  prepareCluster(session, database, users)

  return {
    async run(login, queries, transaction) {
      const user = authenticate(login, database, users)
      try {
        return transaction
          ? runBatch(session, user, queries, transaction)
          : queries.map((query) => runAs(session, user, query))
      } finally {
        resetSession(session)
      }
    },
    async close() {
      await pglite.close()
    },
  }
}

function prepareCluster(session: PgliteSession, database: string, users: PgliteUser[]): void {
  // PGlite cannot connect to any database but its first one, so that one takes the name.
  session.execute(
    `UPDATE pg_database SET datname = ${literal(database)} WHERE datname = current_database()`,
    `REVOKE TEMPORARY ON DATABASE ${identifier(database)} FROM PUBLIC`,
    'REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM PUBLIC',
    'REVOKE USAGE ON LANGUAGE plpgsql, sql FROM PUBLIC',
  )
  for (const role of new Set(users.flatMap((user) => user.memberOf ?? []))) {
    session.execute(`CREATE ROLE ${identifier(role)} NOLOGIN`)
  }
  for (const { name, superuser, memberOf } of users) {
    session.execute(`CREATE ROLE ${identifier(name)} LOGIN ${superuser ? 'SUPERUSER' : ''}`)
    for (const role of memberOf ?? []) session.execute(`GRANT ${identifier(role)} TO ${identifier(name)}`)
  }
}

function authenticate(login: Login, database: string, users: PgliteUser[]): PgliteUser {
  const user = users.find(({ name }) => name === login.user)
  if (user === undefined || user.password !== login.password) {
    throw fatal('28P01', `password authentication failed for user "${login.user}"`)
  }
  if (login.database !== database) throw fatal('3D000', `database "${login.database}" does not exist`)
  return user
}

function runBatch(
  session: PgliteSession,
  user: PgliteUser,
  queries: SqlQuery[],
  transaction: TransactionOptions,
): SqlResult[] {
  session.execute(beginStatement(transaction))
  const results = queries.map((query) => {
    const result = runAs(session, user, query)
    if (!session.inTransaction()) throw transactionEndedError()
    return result
  })
  session.execute('COMMIT')
  return results
}

/** The authorization is set anew for every statement: the one before may have been SET SESSION AUTHORIZATION itself. */
function runAs(session: PgliteSession, user: PgliteUser, query: SqlQuery): SqlResult {
  session.execute(`SET SESSION AUTHORIZATION ${identifier(user.name)}`)
  const result = session.query(query)
  if (!user.superuser && result.command === 'SET') refuseOtherSessionUser(session, user)
  return result
}

/** A server would refuse it at once; here it is seen only afterwards, when nothing has been run under it yet. */
function refuseOtherSessionUser(session: PgliteSession, { name }: PgliteUser): void {
  const sessionUser = session.query({ text: 'SELECT session_user', values: [] }).rows[0]?.[0]
  if (sessionUser === name) return
  throw new PostgresError(`permission denied to set session authorization "${sessionUser}"`, {
    severity: 'ERROR',
    code: '42501',
  })
}

function resetSession(session: PgliteSession): void {
  if (session.inTransaction()) session.execute('ROLLBACK')
  // In PGlite's standalone session the DEFAULT of DISCARD ALL is no user at all, so the superuser is named.
  session.execute('SET SESSION AUTHORIZATION postgres', 'DISCARD ALL')
}

function fatal(code: string, message: string): PostgresError {
  return new PostgresError(message, { severity: 'FATAL', code })
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
