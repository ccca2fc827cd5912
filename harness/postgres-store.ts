// Postgres for a run: a real server in a temporary directory, or the embedded engine, behind Neon's protocol and migrated.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless'
import { startNeonFront } from '../local/postgres/neon-front.ts'
import { openPglite } from '../local/postgres/pglite-backend.ts'
import { type PostgresBackend, PostgresUnavailableError } from '../local/postgres/postgres-backend.ts'
import { openPostgresServer } from '../local/postgres/server-backend.ts'
import { createCluster, findPostgresBinaries, READY_TEXT } from '../local/postgres/temporary-cluster.ts'
import { migrate } from '../migrations/migrate.ts'
import { type ControlledStore, FaultSwitch } from './controlled-store.ts'
import { killTree, signalTree, startProgram, treeOf } from './processes.ts'

/** Postgres behind Neon's protocol. */
export interface PostgresStore extends ControlledStore {
  /** Those of the Worker's own role. */
  bindings: { DATABASE_URL: string; NEON_ENDPOINT: string }
  /** Queries as the owner. */
  sql: NeonQueryFunction<false, false>
}

const DATABASE = 'job_analytics'
const STATEMENT_LIMIT_MS = 15_000

interface Logins {
  owner: { name: string; password: string }
  worker: { name: string; password: string }
}

/** Starts a server if one is installed, unless `isEmbedded`. */
export async function startPostgresStore({ isEmbedded }: { isEmbedded: boolean }): Promise<PostgresStore> {
  const secret = () => randomBytes(18).toString('base64url')
  const logins = {
    owner: { name: 'owner', password: secret() },
    worker: { name: 'worker', password: secret() },
  }
  const binaries = isEmbedded ? undefined : findPostgresBinaries()
  return binaries === undefined ? startEmbedded(logins) : startServer(logins, binaries)
}

async function startServer(logins: Logins, binaries: string): Promise<PostgresStore> {
  const { directory, pidFile, port, command, args, account } = await createCluster(binaries, logins.owner)
  const start = async () => {
    // A killed server leaves this file, and the next one would wait for the process in it.
    await rm(pidFile, { force: true })
    return startProgram({ command, args, account, readyText: READY_TEXT })
  }
  let server = await start()
  const backend = openPostgresServer({ host: '127.0.0.1', port, statementLimitMs: STATEMENT_LIMIT_MS })
  const front = await startNeonFront({ backend })
  const maintenance = connect(front.endpoint, logins.owner, 'postgres')
  await maintenance.query(`create database ${DATABASE}`)
  const sql = connect(front.endpoint, logins.owner, DATABASE)
  await migrate({ sql })
  await sql.query(
    `create role ${logins.worker.name} login password '${logins.worker.password}' in role job_analytics_worker`,
  )
  const version = /\d+(\.\d+)?/.exec(
    execFileSync(join(binaries, 'postgres'), ['--version'], { encoding: 'utf8' }),
  )?.[0]
  return {
    engine: `Postgres ${version}`,
    bindings: bindingsOf(front.endpoint, logins),
    sql,
    pids: () => treeOf(server),
    kill: () => killTree(server),
    hang: () => signalTree(server, 'SIGSTOP'),
    resume: () => signalTree(server, 'SIGCONT'),
    restart: async () => {
      server = await start()
    },
    close: async () => {
      await front.close()
      await killTree(server)
      await backend.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function startEmbedded(logins: Logins): Promise<PostgresStore> {
  const engine = await openPglite({
    database: DATABASE,
    users: [
      { ...logins.owner, superuser: true },
      { ...logins.worker, memberOf: ['job_analytics_worker'] },
    ],
  })
  const faults = new FaultSwitch()
  const backend: PostgresBackend = {
    run: async (login, queries, transaction) => {
      await faults.pass().catch((error: Error) => {
        throw new PostgresUnavailableError(error.message)
      })
      return engine.run(login, queries, transaction)
    },
    close: () => engine.close(),
  }
  const front = await startNeonFront({ backend })
  const sql = connect(front.endpoint, logins.owner, DATABASE)
  await migrate({ sql })
  return {
    engine: 'the embedded Postgres (PGlite)',
    bindings: bindingsOf(front.endpoint, logins),
    sql,
    pids: () => [],
    kill: async () => faults.setDown(true),
    hang: () => faults.hang(),
    resume: () => faults.resume(),
    restart: async () => faults.setDown(false),
    close: async () => {
      faults.resume()
      await front.close()
      await backend.close()
    },
  }
}

function connect(
  endpoint: string,
  login: Logins['owner'],
  database: string,
): NeonQueryFunction<false, false> {
  // The driver's endpoint is one setting for the whole process, so each connection string names the port of its front.
  neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`
  return neon(urlOf(endpoint, login, database))
}

function urlOf(endpoint: string, { name, password }: Logins['owner'], database: string): string {
  return `postgres://${name}:${password}@${new URL(endpoint).host}/${database}`
}

function bindingsOf(endpoint: string, { worker }: Logins) {
  return { DATABASE_URL: urlOf(endpoint, worker, DATABASE), NEON_ENDPOINT: endpoint }
}
