// From an empty database to figures for a job with commands only, then the lifetime of its keys, through the Worker.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../local/free-port.ts'
import { type Stack, startStack } from '../../local/stack.ts'
import { startWranglerDev, type WranglerDev } from '../../local/wrangler-dev.ts'
import { type DatabaseUnderTest, databases } from './admin/database-under-test.ts'
import { runCommand, spawnCommand, spawnSmoke } from './admin/run-command.ts'

const API_KEY_SECRET = 'a-secret-of-at-least-32-characters'
const DOMAIN = 'careers.journey.example'
const JOB = '018f2f6e-1c2d-7a3b-8c4d-5e6f70818293'

describe.each(databases)('admin commands and the Worker on $name', ({ open }) => {
  if (open === undefined) {
    it.skip('needs the programs of a Postgres server')
    return
  }
  let database: DatabaseUnderTest
  let stack: Stack
  let worker: WranglerDev
  let url: string
  let environment: NodeJS.ProcessEnv
  beforeAll(async () => {
    database = await open()
    environment = { ...database.environment, API_KEY_SECRET }
    await admin('migrate')
    const databaseUrl = database.workerUrl ?? String((await admin('role', 'create-login'))['databaseUrl'])
    environment['DATABASE_URL'] = databaseUrl
    stack = await startStack({ environment })
    await visitTheJob(String(stack.bindings.PLAUSIBLE_URL))
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    worker = startWranglerDev({ port, bindings: stack.bindings })
    await worker.ready
  })
  afterAll(async () => {
    await worker?.stop()
    await stack?.close()
    await database?.close()
  })

  /** Runs a command that must succeed. */
  const admin = async (...argv: string[]) => {
    const result = await spawnCommand([...argv, '--json', '--yes'], environment)
    expect(result).toMatchObject({ code: 0 })
    return result.json()
  }
  const statusWith = async (apiKey: string) => {
    const response = await fetch(`${url}/analytics/jobs?jobIds=${JOB}&period=7d`, {
      headers: { 'x-api-key': apiKey },
    })
    return { status: response.status, body: await response.json() }
  }
  const createKey = async (...options: string[]) => {
    const { apiKey, key } = await admin('key', 'create', '--org', DOMAIN, ...options)
    return { apiKey: String(apiKey), id: String(Object(key).id) }
  }

  it('serve figures for a job, in a deployment that passes the smoke test', async () => {
    await admin('org', 'create', 'Journey', '--domain', DOMAIN)
    await admin('org', 'verify-domain', DOMAIN, '--assume-verified')
    const { apiKey } = await createKey()
    const line = JSON.stringify({ id: JOB, title: 'Engineer', slug: 'engineer' })
    const file = ['job', 'import', '-', '--format', 'ndjson', '--org', DOMAIN]
    expect(await spawnCommand([...file, '--json'], environment, `${line}\n`)).toMatchObject({ code: 0 })
    expect(await statusWith(apiKey)).toMatchObject({
      status: 200,
      body: { data: { visitors: { [JOB]: 3 } } },
    })

    const smoke = await spawnSmoke([url, '--key', apiKey, '--job', JOB])
    expect(smoke.output).toMatch(/\nAll checks passed\n$/)
    expect(smoke.code).toBe(0)
    const refused = await spawnSmoke([url, '--key', apiKey, '--job', JOB.replace('0', '1')])
    expect(refused.output).toMatch(/^FAILED .* status 403, not 200 \(job_access_denied\)$/m)
    expect(refused.code).toBe(1)
    expect(refused.output).not.toContain(apiKey)
  })

  it('accept both keys of a rotated pair during the grace period, and only the new one after it', async () => {
    const old = await createKey()
    const { apiKey: successor } = await admin('key', 'rotate', old.id, '--grace', '4s')
    expect((await statusWith(old.apiKey)).status).toBe(200)
    expect((await statusWith(String(successor))).status).toBe(200)
    const { key } = await admin('key', 'show', old.id)
    await sleep(Date.parse(Object(key).expiresAt) - Date.now() + 50)
    expect(await statusWith(old.apiKey)).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_api_key' } },
    })
    expect((await statusWith(String(successor))).status).toBe(200)
  })

  it('refuse a revoked key, and the key of a deleted organization, from the next request on', async () => {
    const [first, second] = [await createKey(), await createKey()]
    expect((await statusWith(first.apiKey)).status).toBe(200)
    await admin('key', 'revoke', first.id)
    expect((await statusWith(first.apiKey)).status).toBe(401)
    expect((await statusWith(second.apiKey)).status).toBe(200)
    await admin('org', 'delete', DOMAIN)
    expect((await statusWith(second.apiKey)).status).toBe(401)
  })

  it('let doctor report that everything is right, or which part is wrong', async () => {
    await admin('org', 'create', 'Known', '--domain', DOMAIN)
    await admin('org', 'verify-domain', DOMAIN, '--assume-verified')
    const bindings = { ...environment, ...stack.bindings }
    if (database.environment.NEON_ENDPOINT === undefined) delete bindings.NEON_ENDPOINT
    const doctor = async (changes: NodeJS.ProcessEnv) => {
      const result = await runCommand(['doctor', '--json'], { environment: { ...bindings, ...changes } })
      const { code, output, messages, json } = result
      const states = new Map<string, string>()
      for (const { check, state } of Object(json()).findings) states.set(check, state)
      expect(`${output}${messages}`).not.toMatch(/secret|postgres:\/\//)
      return { code, states: Object.fromEntries(states) }
    }
    const well = {
      bindings: 'ok',
      database: 'ok',
      migrations: 'ok',
      rights: 'ok',
      console: 'skipped',
      redis: 'ok',
      scripts: 'ok',
      store: 'ok',
    }
    const known = { 'store key': 'ok', [`domain ${DOMAIN}`]: 'ok' }
    expect(await doctor({})).toEqual({ code: 0, states: { ...well, ...known } })
    expect(await doctor({ UPSTASH_REDIS_REST_TOKEN: 'wrong' })).toMatchObject({
      code: 1,
      states: { redis: 'failed' },
    })
    expect(await doctor({ UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1' })).toMatchObject({
      code: 1,
      states: { redis: 'failed' },
    })
    expect(await doctor({ PLAUSIBLE_API_KEY: 'wrong' })).toMatchObject({
      code: 1,
      states: { 'store key': 'failed' },
    })
    expect(await doctor({ PLAUSIBLE_URL: 'http://127.0.0.1:1' })).toMatchObject({
      code: 1,
      states: { store: 'failed' },
    })
    expect(await doctor({ API_KEY_SECRET: 'short' })).toMatchObject({
      code: 1,
      states: { bindings: 'failed' },
    })
    const owner = database.environment.ADMIN_DATABASE_URL
    expect(await doctor({ DATABASE_URL: owner })).toMatchObject({ code: 0, states: { rights: 'warning' } })

    const CONSOLE_SECRET = 'a-secret-of-at-least-32-characters'
    expect(await doctor({ CONSOLE_SECRET })).toMatchObject({ code: 0, states: { console: 'warning' } })
    const asOwner = await doctor({ CONSOLE_SECRET, CONSOLE_DATABASE_URL: owner })
    expect(asOwner).toMatchObject({ code: 1, states: { console: 'failed' } })
    if (database.workerUrl === undefined) {
      const { databaseUrl } = await admin('role', 'create-login', '--console')
      const asConsole = await doctor({ CONSOLE_SECRET, CONSOLE_DATABASE_URL: String(databaseUrl) })
      expect(asConsole).toMatchObject({ code: 0, states: { console: 'ok' } })
    }
    await database.query('GRANT EXECUTE ON FUNCTION console_list_keys TO job_analytics_worker')
    expect(await doctor({})).toMatchObject({ code: 1, states: { rights: 'failed' } })
    await database.query('REVOKE EXECUTE ON FUNCTION console_list_keys FROM job_analytics_worker')

    await database.query('GRANT INSERT ON jobs TO job_analytics_worker')
    expect(await doctor({})).toMatchObject({ code: 1, states: { rights: 'failed' } })
    await database.query('REVOKE INSERT ON jobs FROM job_analytics_worker')
    await database.query('REVOKE SELECT (hash) ON api_keys FROM job_analytics_worker')
    expect(await doctor({})).toMatchObject({ code: 1, states: { rights: 'failed' } })
    await database.query('GRANT SELECT (hash) ON api_keys TO job_analytics_worker')
    await admin('org', 'create', 'Unknown', '--domain', 'unknown.example')
    await admin('org', 'verify-domain', 'unknown.example', '--assume-verified')
    expect(await doctor({})).toMatchObject({
      code: 1,
      states: { 'store key': 'ok', [`domain ${DOMAIN}`]: 'ok', 'domain unknown.example': 'failed' },
    })
  })
})

/** Three people, two days ago, so that the period holds them in any time zone. */
async function visitTheJob(plausibleUrl: string): Promise<void> {
  const timestamp = new Date(Date.now() - 2 * 86_400_000).toISOString()
  const visits = [1, 2, 3].map((visitor) => ({
    ...{
      timestamp,
      domain: DOMAIN,
      name: 'pageview',
      pathname: '/jobs/engineer',
      visitor: `person-${visitor}`,
    },
  }))
  const response = await fetch(`${plausibleUrl}/local/visits`, {
    method: 'POST',
    body: visits.map((visit) => JSON.stringify(visit)).join('\n'),
  })
  expect(response.status).toBe(200)
}
