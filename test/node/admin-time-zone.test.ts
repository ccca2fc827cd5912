// Time zones of organizations, and what doctor says about the analytics store: its time zones and each way in which it fails.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningPlausible, startPlausible } from '../../local/plausible/start-plausible.ts'
import { type DatabaseUnderTest, databases, openEmbedded } from './admin/database-under-test.ts'
import { runCommand } from './admin/run-command.ts'

describe.each(databases)('org time zone on $name', ({ open }) => {
  if (open === undefined) {
    it.skip('needs the programs of a Postgres server')
    return
  }
  let database: DatabaseUnderTest
  beforeAll(async () => {
    database = await open()
    expect(await admin('migrate')).toMatchObject({ code: 0 })
  })
  afterAll(() => database?.close())

  const admin = (...argv: string[]) => runCommand(argv, { environment: database.environment })

  it('org create: stores UTC without --time-zone, and the given zone in the spelling of Postgres with it', async () => {
    const plain = await admin('org', 'create', 'Plain', '--json')
    expect(plain.json()).toMatchObject({ organization: { timeZone: 'UTC' } })
    const zoned = await admin('org', 'create', 'Zoned', '--time-zone', 'europe/berlin', '--json')
    expect(zoned.json()).toMatchObject({ organization: { timeZone: 'Europe/Berlin' } })
    expect(await database.query('SELECT time_zone FROM organizations ORDER BY id')).toEqual([
      { time_zone: 'UTC' },
      { time_zone: 'Europe/Berlin' },
    ])
  })

  it('org set-time-zone: changes the zone, which org show and org list print', async () => {
    expect(await admin('org', 'set-time-zone', '1', 'America/New_York')).toMatchObject({ code: 0 })
    expect((await admin('org', 'show', '1')).output).toMatch(/^time zone {2,}America\/New_York$/m)
    expect((await admin('org', 'list')).output).toMatch(/^1 .* America\/New_York /m)
  })

  it.each(['+02:00', '-05:30', 'Berlin', 'CEST', 'Europe/Berlin; drop table jobs', '', 'x'.repeat(500)])(
    'org set-time-zone: refuses "%s" and leaves the zone as it was',
    async (zone) => {
      const { code, messages } = await admin('org', 'set-time-zone', '2', '--', zone)
      expect(code).toBe(2)
      expect(messages).toMatch(/^Error: ".*" is not a time zone: give a name of the IANA database, such as /)
      expect(messages.length).toBeLessThan(200)
      expect(await database.query('SELECT time_zone FROM organizations WHERE id = 2')).toEqual([
        { time_zone: 'Europe/Berlin' },
      ])
    },
  )

  it('org create: creates nothing when the time zone is wrong', async () => {
    expect(await admin('org', 'create', 'None', '--time-zone', 'Mars/Base')).toMatchObject({ code: 2 })
    expect(await database.query(`SELECT id FROM organizations WHERE name = 'None'`)).toEqual([])
  })
})

describe('doctor: analytics store', () => {
  let database: DatabaseUnderTest
  let plausible: RunningPlausible
  const apiKey = 'the-key-of-the-store'
  beforeAll(async () => {
    database = await openEmbedded()
    plausible = await startPlausible({ apiKey })
    await admin('migrate')
    await createOrganization('site.example', 'Europe/Berlin')
  })
  afterAll(async () => {
    await plausible?.close()
    await database?.close()
  })

  const admin = async (...argv: string[]) => {
    const result = await runCommand([...argv, '--json', '--yes'], { environment: database.environment })
    expect(result).toMatchObject({ code: 0 })
    return result.json()
  }
  const createOrganization = async (domain: string, timeZone: string) => {
    await admin('org', 'create', domain, '--domain', domain, '--time-zone', timeZone)
    await admin('org', 'verify-domain', domain, '--assume-verified')
  }
  /** The state and message of each check of doctor, by its name. */
  const doctor = async (url = plausible.url, api = 'v2') => {
    const environment = {
      ...database.environment,
      DATABASE_URL: database.workerUrl ?? database.environment.ADMIN_DATABASE_URL,
      ...{ PLAUSIBLE_URL: url, PLAUSIBLE_API_KEY: apiKey, ANALYTICS_API: api },
    }
    const result = await runCommand(['doctor', '--json'], { environment })
    expect(result.output).not.toContain(apiKey)
    const findings: { check: string; state: string; message: string }[] = Object(result.json()).findings
    return new Map(findings.map(({ check, ...finding }) => [check, finding]))
  }
  const local = async (path: string, body: unknown) => {
    const method = path === 'sites' ? 'PUT' : 'POST'
    const response = await fetch(`${plausible.url}/local/${path}`, { method, body: JSON.stringify(body) })
    expect(response.status).toBe(200)
  }

  it.each([
    ['Europe/Berlin', 'Europe/Berlin', 'ok'],
    ['Europe/Madrid', 'Europe/Berlin', 'ok'],
    ['UTC', 'Europe/Berlin', 'failed'],
    // The same as Berlin in winter only, and in summer only.
    ['Africa/Lagos', 'Europe/Berlin', 'failed'],
    ['Africa/Johannesburg', 'Europe/Berlin', 'failed'],
    ['Europe/Berlin', 'UTC', 'failed'],
    ['Asia/Kathmandu', 'Asia/Kathmandu', 'ok'],
    ['America/St_Johns', 'America/St_Johns', 'ok'],
    ['Pacific/Auckland', 'Pacific/Auckland', 'ok'],
    ['Pacific/Auckland', 'Pacific/Fiji', 'failed'],
  ])('a site in %s and an organization in %s: the domain is %s', async (ofSite, ofOrganization, state) => {
    await local('sites', { domain: 'site.example', timezone: ofSite })
    await admin('org', 'set-time-zone', '1', ofOrganization)
    const finding = (await doctor()).get('domain site.example')
    expect(finding?.state).toBe(state)
    expect(finding?.message).toContain(ofOrganization)
    if (state === 'failed')
      expect(finding?.message).toMatch(/: run org set-time-zone 1 <zone> with the zone in /)
  })

  it('names the offsets of a winter and a summer day', async () => {
    await local('sites', { domain: 'site.example', timezone: 'UTC' })
    await admin('org', 'set-time-zone', '1', 'Europe/Berlin')
    const { message } = (await doctor()).get('domain site.example') ?? {}
    expect(message).toMatch(/\+00:00 on \d{4}-0[17]-15 and \+00:00 on \d{4}-0[17]-15/)
    expect(message).toMatch(/Europe\/Berlin \(\+0[12]:00 and \+0[12]:00\)/)
    await local('sites', { domain: 'site.example', timezone: 'Europe/Berlin' })
  })

  it('checks a site by its name in the store, where that is not the domain', async () => {
    await createOrganization('bücher.example', 'Europe/Berlin')
    const check = 'domain xn--bcher-kva.example'
    await local('sites', { domain: 'bücher.example/jobs', timezone: 'Europe/Berlin' })
    expect((await doctor()).get(check)?.state).toBe('failed')
    await admin('org', 'set-site-name', 'bücher.example', 'bücher.example/jobs')
    expect((await doctor()).get(check)).toMatchObject({ state: 'ok' })
    await admin('org', 'delete', 'bücher.example')
  })

  it('reports a locked site as a failure of that domain, and accepts the key', async () => {
    await local('sites', { domain: 'site.example', timezone: 'Europe/Berlin', locked: true })
    const findings = await doctor()
    await local('sites', { domain: 'site.example', timezone: 'Europe/Berlin' })
    expect(findings.get('store key')?.state).toBe('ok')
    expect(findings.get('domain site.example')).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/^it requires payment \(402\)/),
    })
  })

  it('reports a spent quota', async () => {
    await local('quota', { perHour: 0 })
    const spent = await doctor()
    await local('quota', { perHour: null })
    expect(spent.get('store')).toMatchObject({ state: 'failed', message: expect.stringContaining('(429)') })
  })

  it('finds out which statistics API a server has, and says which one to set', async () => {
    const withApis = async (serve: string[], api: string) => {
      await local('stats-apis', { serve })
      const findings = await doctor(plausible.url, api)
      await local('stats-apis', { serve: ['v1', 'v2'] })
      return findings
    }
    expect((await withApis(['v1'], 'v2')).get('store')).toEqual({
      state: 'failed',
      message:
        'it has no Stats API v2 (404) but has v1: set ANALYTICS_API=v1, or update Plausible to 3.0 or newer',
    })
    expect((await withApis(['v2'], 'v1')).get('store')).toEqual({
      state: 'failed',
      message: 'it has no Stats API v1 (404) but has v2: set ANALYTICS_API=v2',
    })
    const both = await withApis(['v1', 'v2'], 'v1')
    expect(both.get('store')).toMatchObject({ state: 'ok' })
    expect(both.get('store API')).toMatchObject({
      state: 'warning',
      message: expect.stringMatching(/: set ANALYTICS_API=v2$/),
    })
    expect((await withApis(['v1', 'v2'], 'v2')).has('store API')).toBe(false)
    const old = await withApis(['v1'], 'v1')
    expect([old.get('store')?.state, old.get('store API')?.state, old.get('store key')?.state]).toEqual(
      Array(3).fill('ok'),
    )
    expect(old.get('domain site.example')).toMatchObject({
      state: 'ok',
      message: expect.stringContaining('does not show the time zone'),
    })
  })

  it('says that neither API is there when the address is not that of Plausible', async () => {
    for (const api of ['v1', 'v2']) {
      expect((await doctor(`${plausible.url}/elsewhere`, api)).get('store')).toMatchObject({
        state: 'failed',
        message: expect.stringMatching(
          new RegExp(`no Stats API ${api} at this address \\(404\\): check PLAUSIBLE_URL`),
        ),
      })
    }
  })

  it.each([
    [400, '{"error":"bad"}', /refuses the query \(400\): update Plausible/],
    [301, '', /redirects to another address \(301\): set PLAUSIBLE_URL/],
    [500, '{"error":"internal server error"}', /returned status 500: check PLAUSIBLE_URL and the log/],
    [200, '<html>Welcome</html>', /not that of the Stats API: check that PLAUSIBLE_URL/],
    [200, ' '.repeat(4_100_000), /too large: check that PLAUSIBLE_URL/],
  ])('says what to do about status %d of a server', async (status, body, message) => {
    const server = createServer((_, response) => response.writeHead(status, { location: '/' }).end(body))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const finding = (await doctor(`http://127.0.0.1:${port}`)).get('store')
    server.closeAllConnections()
    server.close()
    expect(finding).toMatchObject({ state: 'failed', message: expect.stringMatching(message) })
  })
})
