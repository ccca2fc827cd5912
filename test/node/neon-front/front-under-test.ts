// The Neon front on each backend it has, with the same two users, reached through the real driver.
import { NeonDbError, type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless'
import { Client } from 'pg'
import { startNeonFront } from '../../../local/postgres/neon-front.ts'
import { openPglite } from '../../../local/postgres/pglite-backend.ts'
import type { PostgresBackend } from '../../../local/postgres/postgres-backend.ts'
import { openPostgresServer } from '../../../local/postgres/server-backend.ts'
import { findPostgresBinaries } from '../../../local/postgres/temporary-cluster.ts'
import { startThrowawayPostgres } from '../../../local/postgres/throwaway-postgres.ts'

/** A front and clients of its two users. */
export interface FrontUnderTest {
  endpoint: string
  /** The superuser's client, and the client of a user with no privileges but those of `job_analytics_worker`. */
  owner: Sql
  worker: Sql
  connectionString(parts?: { user?: string; password?: string; database?: string }): string
  close(): Promise<void>
}

export type Sql = NeonQueryFunction<false, false>

const database = 'job_analytics'
const passwords: Record<string, string> = { owner: 'owner-secret', worker: 'worker-secret' }

// One setting for all clients of the process: each connection string names its own front by its port.
neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`

/** Every backend, by what it runs on; `open` is absent if the machine has no Postgres server. */
export const backends: { name: string; open?: () => Promise<FrontUnderTest> }[] = [
  { name: 'PGlite', open: openOnPglite },
  openServerBackend(findPostgresBinaries()),
]

function openServerBackend(binaries: string | undefined): (typeof backends)[number] {
  if (binaries === undefined)
    return { name: 'a Postgres server (skipped: no initdb and postgres on the PATH)' }
  return { name: 'a Postgres server', open: () => openOnServer(binaries) }
}

async function openOnPglite(): Promise<FrontUnderTest> {
  const backend = await openPglite({
    database,
    users: [
      { name: 'owner', password: passwords['owner'] ?? '', superuser: true },
      { name: 'worker', password: passwords['worker'] ?? '', memberOf: ['job_analytics_worker'] },
    ],
  })
  return openFront(backend, () => backend.close())
}

async function openOnServer(binaries: string): Promise<FrontUnderTest> {
  const server = await startThrowawayPostgres(binaries)
  const client = new Client({ ...server, database: 'postgres' })
  await client.connect()
  await client.query(`CREATE DATABASE ${database}`)
  await client.query(`CREATE ROLE job_analytics_worker NOLOGIN`)
  await client.query(
    `CREATE ROLE worker LOGIN PASSWORD '${passwords['worker']}' IN ROLE job_analytics_worker`,
  )
  await client.end()
  const backend = openPostgresServer(server)
  return openFront(backend, async () => {
    await backend.close()
    await server.stop()
  })
}

async function openFront(
  backend: PostgresBackend,
  closeBackend: () => Promise<void>,
): Promise<FrontUnderTest> {
  const front = await startNeonFront({ backend })
  const connectionString: FrontUnderTest['connectionString'] = (parts = {}) => {
    const user = parts.user ?? 'worker'
    const password = parts.password ?? passwords[user]
    return `postgres://${user}:${password}@${new URL(front.endpoint).host}/${parts.database ?? database}`
  }
  return {
    endpoint: front.endpoint,
    owner: neon(connectionString({ user: 'owner' })),
    worker: neon(connectionString()),
    connectionString,
    async close() {
      await front.close()
      await closeBackend()
    },
  }
}

/** The error a query was refused with; fails the test when it was not. */
export async function refusalOf(query: Promise<unknown>): Promise<NeonDbError> {
  try {
    await query
  } catch (error) {
    if (error instanceof NeonDbError) return error
    throw error
  }
  throw new Error('the query was not refused')
}
