// The thread of the embedded Postgres: PGlite, users whose privileges are real, and functions that end a statement from outside.
import { parentPort, workerData } from 'node:worker_threads'
import './keep-wasm-code.ts'
import { PGlite } from '@electric-sql/pglite'
import type { ThreadMessage } from '../engine-thread.ts'
import { archiveFolder } from './archive-folder.ts'
import type {
  PgliteFiles,
  PgliteRequest,
  PgliteResponse,
  PgliteStart,
  PgliteUser,
} from './pglite-messages.ts'
import { openPgliteSession, type PgliteSession } from './pglite-session.ts'
import {
  beginStatement,
  PostgresError,
  refuseCopy,
  type SqlQuery,
  type SqlResult,
  type TransactionOptions,
  transactionEndedError,
} from './postgres-backend.ts'

const DATA_FOLDER = '/pglite/data'

// PGlite is one session of a superuser, so each statement is run under `SET SESSION AUTHORIZATION`, and other users lose what
// could undo that from within a statement: `set_config`, code of their own (`DO`, functions) and temporary tables.
const { database, users, files }: PgliteStart = workerData
const pglite = await PGlite.create(files && { loadDataDir: new Blob([files]), database })
const session = openPgliteSession(pglite)
if (files === undefined) prepareCluster()
else resetSession()

let running = false
const interrupts = cancelFlags(pglite)
// Called from outside by the debugger's protocol, in the middle of a statement.
Object.assign(globalThis, {
  cancelStatement: () => {
    if (running) interrupts.set(true)
  },
  copyFiles: () => {
    const copied = archiveFolder(pglite.Module.FS, DATA_FOLDER)
    parentPort?.postMessage({ files: copied } satisfies PgliteFiles, [copied.buffer])
  },
})

parentPort?.on('message', (request: PgliteRequest) => post({ response: respond(request) }))
post({ ready: true })

function post(message: ThreadMessage<PgliteResponse>): void {
  parentPort?.postMessage(message)
}

function respond({ user, queries, transaction }: PgliteRequest): PgliteResponse {
  try {
    running = true
    return {
      results: transaction
        ? runBatch(user, queries, transaction)
        : queries.map((query) => runAs(session, user, query)),
    }
  } catch (error) {
    if (error instanceof PostgresError) {
      return { postgresError: { message: error.message, fields: error.fields } }
    }
    return { failure: error instanceof Error ? String(error.stack) : String(error) }
  } finally {
    running = false
    interrupts.set(false)
    resetSession()
  }
}

/** The two flags by which Postgres' signal handler cancels a statement; it looks at them wherever it can stop. */
function cancelFlags({ Module }: PGlite): { set(value: boolean): void } {
  const addresses = ['_QueryCancelPending', '_InterruptPending'].map((name) => {
    const address: unknown = Reflect.get(Module, name)
    if (typeof address !== 'number') throw new Error(`PGlite exports no ${name}`)
    return address
  })
  return {
    set: (value) => {
      // Read anew each time: the memory moves when it grows.
      const memory: unknown = Reflect.get(Module, 'HEAPU8')
      if (!(memory instanceof Uint8Array)) throw new Error('PGlite exports no memory')
      for (const address of addresses) memory[address] = Number(value)
    },
  }
}

function prepareCluster(): void {
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

function runBatch(user: PgliteUser, queries: SqlQuery[], transaction: TransactionOptions): SqlResult[] {
  session.execute(beginStatement(transaction))
  const results = queries.map((query) => {
    const result = runAs(session, user, query)
    refuseCopy(result)
    if (!session.inTransaction()) throw transactionEndedError()
    return result
  })
  session.execute('COMMIT')
  return results
}

/** Sets the authorization for every statement: the one before may have been SET SESSION AUTHORIZATION itself. */
function runAs(on: PgliteSession, user: PgliteUser, query: SqlQuery): SqlResult {
  on.execute(`SET SESSION AUTHORIZATION ${identifier(user.name)}`)
  const result = on.query(query)
  if (!user.superuser && result.command === 'SET') refuseOtherSessionUser(on, user)
  return result
}

/** A server would refuse it at once. Here the check follows, before any statement runs under the other user. */
function refuseOtherSessionUser(on: PgliteSession, { name }: PgliteUser): void {
  const sessionUser = on.query({ text: 'SELECT session_user', values: [] }).rows[0]?.[0]
  if (sessionUser === name) return
  throw new PostgresError(`permission denied to set session authorization "${sessionUser}"`, {
    severity: 'ERROR',
    code: '42501',
  })
}

function resetSession(): void {
  if (session.inTransaction()) session.execute('ROLLBACK')
  // In PGlite's standalone session the DEFAULT of DISCARD ALL is no user at all, so the superuser is named.
  session.execute('SET SESSION AUTHORIZATION postgres', 'DISCARD ALL')
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
