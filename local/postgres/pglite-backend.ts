// The embedded Postgres (PGlite, in memory) as a backend of the Neon front: starts its thread, checks logins, limits time.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { EngineThread } from '../engine-thread.ts'
import { evaluateInThread } from '../evaluate-in-thread.ts'
import type { PgliteRequest, PgliteResponse, PgliteStart, PgliteUser } from './pglite-messages.ts'
import {
  type Login,
  type PostgresBackend,
  PostgresError,
  PostgresUnavailableError,
  type SqlResult,
  STATEMENT_LIMIT_MS,
} from './postgres-backend.ts'
import { isPasswordOf } from './scram-password.ts'

/** A canceled statement ends at once, unless it sleeps or catches the error. After this time its thread is replaced. */
const CANCEL_MS = 1500
const CANCEL_INTERVAL_MS = 100
const COPY_FILES_MS = 20_000

const FIND_LOGIN = 'select rolpassword from pg_authid where rolname = $1 and rolcanlogin and not rolsuper'

/** `statementLimitMs` limits all statements of one request together; the default is 15 s. */
export interface PgliteOptions {
  /** The name of the one database. */
  database: string
  users: PgliteUser[]
  statementLimitMs?: number
}

/**
 * Boots an empty Postgres in a worker thread (1.5 to 2.5 s, about 500 MB).
 *
 * A request that takes longer than the limit fails with 57014, as with `statement_timeout` on a server. Committed data is
 * kept even if the statement cannot be canceled (`pg_sleep`): then a new thread goes on with the files of the old one.
 * PGlite has one session, so requests wait for each other.
 */
export async function openPglite(options: PgliteOptions): Promise<PostgresBackend> {
  const { database, users, statementLimitMs = STATEMENT_LIMIT_MS } = options
  let canceled = false
  const start: PgliteStart = { database, users, files: undefined }
  const thread = await EngineThread.start<PgliteRequest, PgliteResponse>({
    name: 'the embedded Postgres',
    script: new URL('./pglite-thread.ts', import.meta.url),
    workerData: start,
    limitMs: statementLimitMs,
    async onOverdue(worker, ended): Promise<PgliteStart> {
      canceled = true
      await cancel(worker, ended)
      return { ...start, files: ended.aborted ? undefined : await copyFiles(worker, ended) }
    },
    replacedError: timeoutError,
  })

  const ask = async (request: PgliteRequest): Promise<SqlResult[]> => {
    const response = await thread.run(request).catch((error: Error) => {
      throw error instanceof PostgresError ? error : new PostgresUnavailableError(error.message)
    })
    if ('results' in response) return response.results
    const wasCanceled = canceled
    canceled = false
    if ('failure' in response) throw new Error(response.failure)
    const { message, fields } = response.postgresError
    throw wasCanceled && fields.code === '57014' ? timeoutError() : new PostgresError(message, fields)
  }
  /** A role that SQL has created, such as the login of `role create-login`. */
  const findCreated = async (login: Login): Promise<PgliteUser | undefined> => {
    const owner = users.find(({ superuser }) => superuser)
    if (owner === undefined) return undefined
    const found = await ask({
      user: owner,
      queries: [{ text: FIND_LOGIN, values: [login.user] }],
      transaction: undefined,
    })
    const stored = found[0]?.rows[0]?.[0]
    if (!stored || !isPasswordOf(stored, login.password)) return undefined
    return { name: login.user, password: login.password }
  }
  return {
    async run(login, queries, transaction) {
      const known = users.find(({ name }) => name === login.user)
      const user = known === undefined ? await findCreated(login) : known
      if (user?.password !== login.password) {
        throw fatal('28P01', `password authentication failed for user "${login.user}"`)
      }
      if (login.database !== database) throw fatal('3D000', `database "${login.database}" does not exist`)
      return ask({ user, queries, transaction })
    },
    close: () => thread.close(),
  }
}

function fatal(code: string, message: string): PostgresError {
  return new PostgresError(message, { severity: 'FATAL', code })
}

function timeoutError(): PostgresError {
  return new PostgresError('canceling statement due to statement timeout', {
    severity: 'ERROR',
    code: '57014',
    hint: 'The local stack limits how long one request may take: send less work at once.',
  })
}

/** Cancels again and again, since a statement may catch the error and go on. */
async function cancel(worker: Worker, ended: AbortSignal): Promise<void> {
  const deadline = Date.now() + CANCEL_MS
  while (!ended.aborted && Date.now() < deadline) {
    await evaluateInThread(worker, 'cancelStatement()')
    await sleep(CANCEL_INTERVAL_MS, undefined, { signal: ended }).catch(() => {})
  }
}

/** The files of the cluster, copied in the middle of the statement: as after a crash, and Postgres recovers from that. */
function copyFiles(worker: Worker, ended: AbortSignal): Promise<PgliteStart['files']> {
  const { promise, resolve, reject } = Promise.withResolvers<PgliteStart['files']>()
  worker.on('message', (message: object) => {
    if ('files' in message && message.files instanceof Uint8Array) resolve(new Uint8Array(message.files))
  })
  ended.addEventListener('abort', () => resolve(undefined))
  setTimeout(() => reject(new Error('the thread did not copy its files')), COPY_FILES_MS).unref()
  void evaluateInThread(worker, 'copyFiles()')
  return promise
}
