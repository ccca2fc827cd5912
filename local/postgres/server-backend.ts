// A real Postgres server over TCP as a backend of the Neon front; the server itself checks logins and privileges.
import { DatabaseError, Pool, type PoolClient } from 'pg'
import {
  beginStatement,
  errorFields,
  type Login,
  type PostgresBackend,
  PostgresError,
  PostgresUnavailableError,
  refuseCopy,
  type SqlQuery,
  type SqlResult,
  type TransactionOptions,
  transactionEndedError,
} from './postgres-backend.ts'
import { runRawTextQuery } from './raw-text-query.ts'

const connectTimeoutMs = 5_000
const maxConnectionsPerLogin = 10

/** Where the server listens. A request's connection string gives user, password and database, never the server. */
export interface PostgresServer {
  host: string
  port: number
  /** Limits each statement (`statement_timeout`); without it, the server's own setting does. */
  statementLimitMs?: number
}

/** Connects at the first request, so it succeeds without a server. A login keeps at most 10 connections. */
export function openPostgresServer({ host, port, statementLimitMs }: PostgresServer): PostgresBackend {
  const pools = new Map<string, Pool>()
  const busyClients = new Set<PoolClient>()

  function poolOf(login: Login): Pool {
    const key = keyOf(login)
    const known = pools.get(key)
    if (known) return known
    const { user, password, database } = login
    const pool = new Pool({
      ...{ host, port, user, password, database },
      max: maxConnectionsPerLogin,
      connectionTimeoutMillis: connectTimeoutMs,
      ...(statementLimitMs !== undefined && { statement_timeout: statementLimitMs }),
    })
    // A broken connection fails its query and leaves the pool. The events repeat that, but Node ends if nothing listens to them.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    pool.on('remove', () => forgetUnused(login))
    pools.set(key, pool)
    return pool
  }

  function forgetUnused(login: Login): void {
    const pool = pools.get(keyOf(login))
    if (pool?.totalCount === 0 && pool.waitingCount === 0) pools.delete(keyOf(login))
  }

  async function connect(login: Login): Promise<PoolClient> {
    try {
      const client = await poolOf(login).connect()
      busyClients.add(client)
      return client
    } catch (error) {
      forgetUnused(login)
      return throwPostgresError(error)
    }
  }

  async function release(client: PoolClient): Promise<void> {
    const isClean = await resetSession(client)
    busyClients.delete(client)
    client.release(!isClean)
  }

  return {
    async run(login, queries, transaction) {
      const client = await connect(login)
      try {
        return transaction
          ? await runBatch(client, queries, transaction)
          : await runEach(queries, (query) => runRawTextQuery(client, query))
      } catch (error) {
        return throwPostgresError(error)
      } finally {
        await release(client)
      }
    },
    async close() {
      const ended = [...pools.values()].map((pool) => pool.end())
      for (const client of busyClients) void client.end()
      await Promise.all(ended)
    },
  }
}

function keyOf({ user, password, database }: Login): string {
  return JSON.stringify([user, password, database])
}

async function runBatch(
  client: PoolClient,
  queries: SqlQuery[],
  transaction: TransactionOptions,
): Promise<SqlResult[]> {
  await client.query(beginStatement(transaction))
  const results = await runEach(queries, async (query) => {
    const result = await runRawTextQuery(client, query)
    refuseCopy(result)
    if (client.getTransactionStatus() === 'I') throw transactionEndedError()
    return result
  })
  await client.query('COMMIT')
  return results
}

async function runEach(
  queries: SqlQuery[],
  run: (query: SqlQuery) => Promise<SqlResult>,
): Promise<SqlResult[]> {
  const results: SqlResult[] = []
  for (const query of queries) results.push(await run(query))
  return results
}

/** False when the connection cannot be used again: it broke, or the server refuses to reset it. */
async function resetSession(client: PoolClient): Promise<boolean> {
  try {
    if (client.getTransactionStatus() !== 'I') await client.query('ROLLBACK')
    await client.query('DISCARD ALL')
    return true
  } catch {
    return false
  }
}

/** Replaces the driver's own errors: they may quote the connection string. */
function throwPostgresError(error: unknown): never {
  if (error instanceof PostgresError) throw error
  if (error instanceof DatabaseError) {
    const fields = Object.fromEntries(errorFields.map((field) => [field, error[field]]))
    throw new PostgresError(error.message, fields)
  }
  throw new PostgresUnavailableError(
    'cannot reach the Postgres server: check that it runs and is not overloaded',
  )
}
