// What only a front on a server over TCP can meet: no server, a cut connection, an end in the middle of a query.
import { neon } from '@neondatabase/serverless'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../local/free-port.ts'
import { startNeonFront } from '../../local/postgres/neon-front.ts'
import type { PostgresBackend } from '../../local/postgres/postgres-backend.ts'
import { openPostgresServer } from '../../local/postgres/server-backend.ts'
import { findPostgresBinaries } from '../../local/postgres/temporary-cluster.ts'
import { startThrowawayPostgres } from '../../local/postgres/throwaway-postgres.ts'
import { refusalOf } from './neon-front/front-under-test.ts'

describe('a Neon front without its server', () => {
  it('returns 503 and says what to check, without the password', async () => {
    const backend = openPostgresServer({ host: '127.0.0.1', port: await freePort() })
    const front = await startNeonFront({ backend })
    const sql = neon(`postgres://owner:s3cret@${new URL(front.endpoint).host}/job_analytics`)
    const { message } = await refusalOf(sql`SELECT 1`)
    expect(message).toContain('HTTP status 503')
    expect(message).toContain('check that it runs')
    expect(message).not.toContain('s3cret')
    await front.close()
    await backend.close()
  })

  it('rejects a port that is taken', async () => {
    const backend = openPostgresServer({ host: '127.0.0.1', port: 1 })
    const front = await startNeonFront({ backend })
    const port = Number(new URL(front.endpoint).port)
    await expect(startNeonFront({ backend, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await front.close()
  })
})

const binaries = findPostgresBinaries()

describe.skipIf(binaries === undefined)('a Neon front on a Postgres server', () => {
  let server: Awaited<ReturnType<typeof startThrowawayPostgres>>
  let backend: PostgresBackend
  beforeAll(async () => {
    server = await startThrowawayPostgres(binaries ?? '')
    backend = openPostgresServer(server)
  })
  afterAll(async () => {
    await backend?.close()
    await server?.stop()
  })

  function ask(text: string, on = backend) {
    const { user, password } = server
    return on.run({ user, password, database: 'postgres' }, [{ text, values: [] }])
  }

  it('goes on with a new connection after one was cut', async () => {
    await expect(ask('SELECT pg_terminate_backend(pg_backend_pid())')).rejects.toMatchObject({
      fields: { code: '57P01' },
    })
    expect(await ask('SELECT 1')).toMatchObject([{ rows: [['1']] }])
  })

  it('ends at once, a running query or not', async () => {
    const ending = openPostgresServer(server)
    await ask('SELECT 1', ending)
    const sleeping = ask('SELECT pg_sleep(60)', ending)
    const outcome = expect(sleeping).rejects.toThrow('cannot reach the Postgres server')
    await new Promise((resolve) => setTimeout(resolve, 100))
    const startedAt = performance.now()
    await ending.close()
    await outcome
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })
})
