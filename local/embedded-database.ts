// The embedded Postgres behind Neon's protocol, its schema migrated: an owner's login and the Worker's two.
import { randomBytes } from 'node:crypto'
import { type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless'
import { migrate } from '../migrations/migrate.ts'
import { startNeonFront } from './postgres/neon-front.ts'
import { openPglite } from './postgres/pglite-backend.ts'

const DATABASE = 'job_analytics'

/** A migrated, empty database. */
export interface EmbeddedDatabase {
  /** Neon's endpoint, `/sql` included. */
  endpoint: string
  /** The owner's login, which may do everything: for migrations, seeds and the operator's commands. */
  ownerUrl: string
  /** The Worker's login, which may do what migrations/0002 grants. */
  workerUrl: string
  /** The console's login, which may do what migrations/0007 grants. */
  consoleUrl: string
  /** Queries as the owner. */
  sql: NeonQueryFunction<false, false>
  close(): Promise<void>
}

/** Boots Postgres in a thread (about 2 s), starts the front and applies the migrations. */
export async function startEmbeddedDatabase(): Promise<EmbeddedDatabase> {
  const owner = { name: 'owner', password: randomBytes(24).toString('base64url'), superuser: true }
  const worker = {
    name: 'worker',
    password: randomBytes(24).toString('base64url'),
    memberOf: ['job_analytics_worker'],
  }
  const console = {
    name: 'console',
    password: randomBytes(24).toString('base64url'),
    memberOf: ['job_analytics_console'],
  }
  const backend = await openPglite({ database: DATABASE, users: [owner, worker, console] })
  const front = await startNeonFront({ backend })
  const close = async () => {
    await front.close()
    await backend.close()
  }
  try {
    const { host } = new URL(front.endpoint)
    const urlOf = ({ name, password }: { name: string; password: string }) =>
      `postgres://${name}:${password}@${host}/${DATABASE}`
    const sql = connect(urlOf(owner))
    await migrate({ sql })
    return {
      endpoint: front.endpoint,
      ownerUrl: urlOf(owner),
      workerUrl: urlOf(worker),
      consoleUrl: urlOf(console),
      sql,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The driver's endpoint is one setting for the whole process, so each connection string names the port of its front. */
function connect(url: string): NeonQueryFunction<false, false> {
  neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`
  return neon(url)
}
