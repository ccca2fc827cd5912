// An empty database for the operator's commands: PGlite behind Neon's protocol, or a Postgres server as it is.
import { Client } from 'pg'
import { startNeonFront } from '../../../local/postgres/neon-front.ts'
import { openPglite } from '../../../local/postgres/pglite-backend.ts'
import { findPostgresBinaries } from '../../../local/postgres/temporary-cluster.ts'
import { startThrowawayPostgres } from '../../../local/postgres/throwaway-postgres.ts'

/** A database and how it is reached. */
export interface DatabaseUnderTest {
  /** The variables that an operator sets. */
  environment: { ADMIN_DATABASE_URL: string; NEON_ENDPOINT?: string }
  /** The Worker's login if no command can create it, as on the embedded Postgres. */
  workerUrl?: string
  /** Runs a statement without the program under test. */
  query(text: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

const binaries = findPostgresBinaries()

/** The kinds of database; `open` is absent if the machine has no Postgres server. */
export const databases: { name: string; open?: () => Promise<DatabaseUnderTest> }[] = [
  { name: 'the embedded Postgres', open: openEmbedded },
  binaries === undefined
    ? { name: 'a Postgres server (skipped: none is installed)' }
    : { name: 'a Postgres server', open: () => openServer(binaries) },
]

/** Opens an empty embedded Postgres. */
export async function openEmbedded(): Promise<DatabaseUnderTest> {
  const owner = { name: 'owner', password: 'owner-secret', superuser: true }
  const worker = { name: 'worker', password: 'worker-secret', memberOf: ['job_analytics_worker'] }
  const backend = await openPglite({ database: 'job_analytics', users: [owner, worker] })
  const front = await startNeonFront({ backend })
  const login = { user: owner.name, password: owner.password, database: 'job_analytics' }
  const { host } = new URL(front.endpoint)
  return {
    environment: {
      ADMIN_DATABASE_URL: `postgres://${login.user}:${login.password}@${host}/${login.database}`,
      NEON_ENDPOINT: front.endpoint,
    },
    workerUrl: `postgres://${worker.name}:${worker.password}@${host}/${login.database}`,
    async query(text) {
      const [result] = await backend.run(login, [{ text, values: [] }])
      const names = result?.fields.map(({ name }) => name) ?? []
      return (result?.rows ?? []).map((row) => Object.fromEntries(row.map((value, at) => [names[at], value])))
    },
    async close() {
      await front.close()
      await backend.close()
    },
  }
}

async function openServer(programs: string): Promise<DatabaseUnderTest> {
  const server = await startThrowawayPostgres(programs)
  const login = { host: server.host, port: server.port, user: server.user, password: server.password }
  const setup = new Client({ ...login, database: 'postgres' })
  await setup.connect()
  await setup.query('CREATE DATABASE job_analytics')
  await setup.end()
  const client = new Client({ ...login, database: 'job_analytics' })
  await client.connect()
  const { user, password, host, port } = login
  return {
    environment: { ADMIN_DATABASE_URL: `postgres://${user}:${password}@${host}:${port}/job_analytics` },
    query: async (text) => (await client.query(text)).rows,
    async close() {
      await client.end()
      await server.stop()
    },
  }
}
