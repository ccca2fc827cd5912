// The commands for the schema, organizations, domains and keys, on both kinds of Postgres.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DatabaseUnderTest, databases } from './admin/database-under-test.ts'
import { startDnsServer } from './admin/dns-server.ts'
import { runCommand, spawnCommand } from './admin/run-command.ts'

const API_KEY_SECRET = 'a-secret-of-at-least-32-characters'

describe.each(databases)('admin on $name', ({ open }) => {
  if (open === undefined) {
    it.skip('needs the programs of a Postgres server')
    return
  }
  let database: DatabaseUnderTest
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database?.close())

  const admin = (...argv: string[]) =>
    runCommand(argv, { environment: { ...database.environment, API_KEY_SECRET } })
  const create = async (...argv: string[]) => {
    const result = await admin('org', 'create', ...argv, '--json')
    expect(result).toMatchObject({ code: 0 })
    return String(Object(result.json()['organization']).id)
  }

  describe('migrate', () => {
    it('says what to do when the schema is missing', async () => {
      const { code, messages } = await admin('org', 'list')
      expect({ code, messages }).toEqual({
        code: 1,
        messages: 'Error: The tables are not those of this version: run npm run admin -- migrate\n',
      })
      const status = (await admin('migrate', '--status', '--json')).json()
      expect(status).toMatchObject({ applied: [], pending: expect.arrayContaining(['0002_worker_role']) })
    })

    it('applies each file once when two run at once', async () => {
      const migrate = () => spawnCommand(['migrate', '--json'], database.environment)
      const runs = await Promise.all([migrate(), migrate()])
      const applied = runs.flatMap((run) => run.json()['applied'])
      expect(runs.map(({ code }) => code)).toEqual([0, 0])
      expect(applied).toEqual([...new Set(applied)])
      const records = await database.query('SELECT name FROM schema_migrations ORDER BY version')
      expect(applied.toSorted()).toEqual(records.map(({ name }) => name))
      expect((await admin('migrate')).output).toMatch(/^Nothing to do: all \d+ migrations are applied\n$/)
    })
  })

  describe('org', () => {
    it('shows a new organization by id and by domain, and lists it', async () => {
      const id = await create('Acme "Jobs", Inc.', '--domain', 'https://www.Shown.example:8443/')
      const byDomain = (await admin('org', 'show', 'shown.example', '--json')).json()
      expect(byDomain).toMatchObject({
        organization: {
          id,
          name: 'Acme "Jobs", Inc.',
          domain: 'shown.example',
          domainVerifiedAt: null,
          jobs: 0,
        },
      })
      expect((await admin('org', 'show', id)).output).toContain(
        `verified     no: run org verify-domain ${id}\n`,
      )
      expect((await admin('org', 'list')).output).toContain('shown.example')
    })

    it.each([
      ['BÜCHER.example', 'xn--bcher-kva.example'],
      ['http://user.example/', 'user.example'],
      ['jobs.www.example.co.uk.', 'jobs.www.example.co.uk'],
    ])('stores the domain %s as %s', async (given, stored) => {
      const id = await create('Normalized', '--domain', given)
      expect((await admin('org', 'show', id, '--json')).json()).toMatchObject({
        organization: { domain: stored },
      })
    })

    it.each([
      'localhost',
      'co.uk',
      '127.0.0.1',
      'a b.example',
      'me@acme.example',
      'acme.example/careers',
      'https://www.acme.example:8443/careers?x#y',
      'acme.example?x=y',
      '-a.example',
      '',
      `${'a'.repeat(64)}.example`,
    ])('refuses the domain "%s" and creates nothing', async (domain) => {
      const before = await database.query('SELECT count(*) FROM organizations')
      const { code, messages } = await admin('org', 'create', 'Bad', '--domain', domain)
      expect(code).toBe(2)
      expect(messages).toMatch(/^Error: ".*" (is|has) .*: give a name like example\.com\n$/)
      expect(await database.query('SELECT count(*) FROM organizations')).toEqual(before)
    })

    it.each([
      ['BÜCHER.example', 'bücher.example'],
      ['bücher.example/Stellen/', 'bücher.example/Stellen'],
      ['xn--bcher-kva.example', null],
      ['www.bücher.example', 'www.bücher.example'],
    ])('stores the site name %s as %s', async (given, stored) => {
      const id = await create('Site', '--domain', 'bücher.example', '--site-name', given)
      const shown = async () => Object((await admin('org', 'show', id, '--json')).json()['organization'])
      expect(await shown()).toMatchObject({ domain: 'xn--bcher-kva.example', siteName: stored })
      await admin('org', 'set-site-name', id, 'xn--bcher-kva.example')
      expect(await shown()).toMatchObject({ siteName: null })
      const changed = await admin('org', 'set-site-name', id, given)
      expect(changed.code).toBe(0)
      expect(await shown()).toMatchObject({ siteName: stored })
      if (stored !== null) expect(changed.output).toMatch(new RegExp(`^site +${stored}$`, 'm'))
      await admin('org', 'set-domain', id, 'other.example')
      expect(await shown()).toMatchObject({ domain: 'other.example', siteName: null })
    })

    it.each([
      ['other.example', 'is not a site of acme.example: give a name of that domain'],
      ['jobs.acme.example', 'is not a site of acme.example: give a name of that domain'],
      ['acme.example/jobs?x', 'is not the name of a site: give one like acme.example or acme.example/jobs'],
      [
        'https://acme.example/jobs',
        'is not the name of a site: give one like acme.example or acme.example/jobs',
      ],
      ['', 'is not the name of a site: give one like acme.example or acme.example/jobs'],
      [
        `acme.example/${'x'.repeat(300)}`,
        'is not the name of a site: give one like acme.example or acme.example/jobs',
      ],
    ])('refuses the site name "%s" and changes nothing', async (given, why) => {
      const id = await create('Acme', '--domain', 'acme.example')
      const { code, messages } = await admin('org', 'set-site-name', id, given)
      expect(code).toBe(2)
      expect(messages).toMatch(/^Error: ".*" is not /)
      expect(messages).toContain(why)
      expect((await admin('org', 'show', id, '--json')).json()).toMatchObject({
        organization: { siteName: null },
      })
    })

    it('refuses a site name of an organization without a domain', async () => {
      const message = 'Error: A site name requires a domain: give the organization one first\n'
      const id = await create('No domain')
      expect(await admin('org', 'set-site-name', id, 'acme.example')).toMatchObject({
        code: 2,
        messages: message,
      })
      const created = await admin('org', 'create', 'No domain', '--site-name', 'acme.example/jobs')
      expect(created).toMatchObject({ code: 2, messages: message })
    })

    it('names the command that takes a path when a domain is given with one', async () => {
      const { code, messages } = await admin('org', 'create', 'Path', '--domain', 'acme.example/careers')
      expect(code).toBe(2)
      expect(messages).toMatch(/^Error: "acme\.example\/careers" has a path, which .*org set-site-name/)
    })

    it('reports an organization that does not exist', async () => {
      const { code, messages } = await admin('org', 'show', '987654')
      expect({ code, messages }).toEqual({
        code: 3,
        messages: 'Error: There is no organization 987654: see npm run admin -- org list\n',
      })
    })

    it('deletes an organization with its keys and jobs only when the person agrees', async () => {
      const id = await create('Gone')
      await admin('key', 'create', '--org', id)
      expect(await admin('org', 'delete', id)).toMatchObject({
        code: 2,
        messages: expect.stringContaining('add --yes'),
      })
      expect(await admin('org', 'delete', id, '--yes')).toMatchObject({ code: 0 })
      expect(await admin('org', 'show', id)).toMatchObject({ code: 3 })
      expect(await database.query(`SELECT id FROM api_keys WHERE organization_id = ${id}`)).toEqual([])
    })
  })

  describe('org verify-domain', () => {
    it('verifies a domain when DNS shows the record, and not before', async () => {
      const records = new Map<string, string[][]>()
      const dns = await startDnsServer(records)
      try {
        const id = await create('Proven', '--domain', 'proven.example')
        const verify = () => admin('org', 'verify-domain', id, '--dns-server', dns.address, '--json')
        const refused = await verify()
        expect(refused.code).toBe(1)
        const { name, value } = Object(Object(refused.json()['error']).record)
        expect(refused.messages).toContain(`DNS record: ${name} TXT "${value}"`)
        expect(name).toBe('_job-analytics.proven.example')

        records.set(name, [['something else'], [`${value}0`]])
        expect(await verify()).toMatchObject({ code: 1 })
        // A long text arrives in parts.
        records.set(name, [['something else'], [value.slice(0, 10), value.slice(10)]])
        const verified = await verify()
        expect(verified.code).toBe(0)
        expect(verified.json()).toMatchObject({ organization: { domainVerifiedAt: expect.any(String) } })
      } finally {
        await dns.close()
      }
    })

    it('refuses a domain that is verified for another organization', async () => {
      const [first, second] = [
        await create('A', '--domain', 'taken.example'),
        await create('B', '--domain', 'taken.example'),
      ]
      expect(await admin('org', 'verify-domain', first, '--assume-verified')).toMatchObject({ code: 0 })
      const { code, messages } = await admin('org', 'verify-domain', second, '--assume-verified')
      expect({ code, messages }).toEqual({
        code: 1,
        messages:
          'Error: taken.example is verified for another organization already: find it with org list, and change its domain first\n',
      })
    })

    it('makes a changed domain unverified with a new record, and leaves the same one as it was', async () => {
      const id = await create('Mover', '--domain', 'before.example')
      await admin('org', 'verify-domain', id, '--assume-verified')
      await admin('org', 'set-domain', id, 'WWW.before.example')
      const shown = async () => Object((await admin('org', 'show', id, '--json')).json()['organization'])
      expect(await shown()).toMatchObject({ domainVerifiedAt: expect.any(String) })
      const challenge = () => database.query(`SELECT domain_challenge FROM organizations WHERE id = ${id}`)
      const before = await challenge()
      await admin('org', 'set-domain', id, 'after.example')
      expect(await shown()).toMatchObject({ domain: 'after.example', domainVerifiedAt: null })
      expect(await challenge()).not.toEqual(before)
    })
  })

  describe('key', () => {
    it('prints a key once and stores only its hash', async () => {
      const id = await create('Holder')
      const made = await admin('key', 'create', '--org', id, '--name', 'CI', '--expires', '90d', '--json')
      const { apiKey, key } = Object(made.json())
      expect(apiKey).toMatch(/^jak_[0-9A-Za-z]{42}$/)
      expect(Date.parse(key.expiresAt) - Date.parse(key.createdAt)).toBeCloseTo(90 * 86_400_000, -5)
      const stored = JSON.stringify(await database.query('SELECT *, encode(hash, $$hex$$) FROM api_keys'))
      expect(stored).not.toContain(apiKey)
      const listed = await admin('key', 'list', '--org', id)
      expect(listed.output).toContain(apiKey.slice(0, 8))
      expect(`${listed.output}${(await admin('key', 'show', key.id)).output}`).not.toContain(apiKey)
    })

    it('rotates a key only once, into a successor with the same lifetime', async () => {
      const id = await create('Rotating')
      const { key } = Object((await admin('key', 'create', '--org', id, '--expires', '10d', '--json')).json())
      const rotated = await admin('key', 'rotate', key.id, '--grace', '24h', '--json')
      const { key: successor, old } = Object(rotated.json())
      expect(old).toMatchObject({ id: key.id, state: 'rotated' })
      expect(Date.parse(old.expiresAt) - Date.now()).toBeCloseTo(86_400_000, -5)
      expect(Date.parse(successor.expiresAt) - Date.parse(successor.createdAt)).toBeCloseTo(
        10 * 86_400_000,
        -5,
      )
      expect(await admin('key', 'rotate', key.id)).toMatchObject({
        code: 1,
        messages: expect.stringContaining('This key is rotated and cannot be rotated'),
      })
    })

    it('does not extend the lifetime of a rotated key, and ends it at once without a grace period', async () => {
      const id = await create('Short')
      const make = async () =>
        Object((await admin('key', 'create', '--org', id, '--expires', '1h', '--json')).json()).key
      const [first, second] = [await make(), await make()]
      const { old } = Object((await admin('key', 'rotate', first.id, '--grace', '24h', '--json')).json())
      expect(old.expiresAt).toBe(first.expiresAt)
      await admin('key', 'rotate', second.id, '--grace', '0')
      expect((await admin('key', 'show', second.id, '--json')).json()).toMatchObject({
        key: { state: 'expired' },
      })
    })

    it('revokes a key for good, and only when the person agrees', async () => {
      const id = await create('Revoking')
      const { key } = Object((await admin('key', 'create', '--org', id, '--json')).json())
      expect(await admin('key', 'revoke', key.id)).toMatchObject({ code: 2 })
      expect((await admin('key', 'revoke', key.id, '--yes', '--json')).json()).toMatchObject({
        key: { state: 'revoked' },
      })
      expect(await admin('key', 'rotate', key.id)).toMatchObject({ code: 1 })
    })

    it.each(['yesterday', '2020-01-01', '2030-02-30', '0d', '-3d', '90'])(
      'refuses to create a key that expires at "%s"',
      async (expires) => {
        const { code, messages } = await admin('key', 'create', '--org', '1', `--expires=${expires}`)
        expect(code).toBe(2)
        expect(messages).toMatch(/^Error: --expires .*\n$/)
      },
    )

    it('does not repeat a key that is given instead of an id', async () => {
      const { code, messages } = await admin('key', 'show', `jak_${'x'.repeat(42)}`)
      expect(code).toBe(2)
      expect(messages).not.toContain('jak_')
    })

    it('creates no key when API_KEY_SECRET is not set', async () => {
      const { code, messages } = await runCommand(['key', 'create', '--org', '1'], {
        environment: database.environment,
      })
      expect(code).toBe(2)
      expect(messages).toMatch(/^Error: API_KEY_SECRET is not set: .*\n$/)
    })
  })

  describe('connections', () => {
    const withUrl = (change: (url: URL) => void) => {
      const url = new URL(database.environment.ADMIN_DATABASE_URL)
      change(url)
      return { ...database.environment, ADMIN_DATABASE_URL: url.href }
    }
    it.each([
      ['a wrong password', 4, () => withUrl((url) => Object.assign(url, { password: 'hunter2' }))],
      ['an unknown database', 4, () => withUrl((url) => Object.assign(url, { pathname: '/hunter2' }))],
      [
        'a server that is not running',
        4,
        () => ({ ADMIN_DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/db' }),
      ],
      ['no connection string', 2, () => ({})],
      ['a broken connection string', 2, () => ({ ADMIN_DATABASE_URL: 'postgres//me:hunter2' })],
      [
        'an endpoint elsewhere',
        2,
        () => ({ ...withUrl(() => {}), NEON_ENDPOINT: 'http://hunter2.example/sql' }),
      ],
    ])('prints one line for %s, without the connection string', async (_, code, environment) => {
      for (const command of [['org', 'list'], ['migrate']]) {
        const result = await runCommand([...command, '--json'], { environment: environment() })
        expect(result.code).toBe(code)
        expect(result.messages).toMatch(/^Error: [^\n]+: [^\n]+\n$/)
        expect(result.json()).toEqual({ error: { code: expect.any(String), message: expect.any(String) } })
        expect(`${result.output}${result.messages}`).not.toMatch(/hunter2|postgres:\/\/me|secret/)
      }
    })
  })
})

describe('the command line of admin', () => {
  const environment = {}
  it.each([
    [[]],
    [['org']],
    [['frobnicate']],
    [['org', 'create']],
    [['org', 'list', '--frobnicate']],
    [['key', 'create']],
  ])('refuses %j with exit code 2 and one line', async (argv) => {
    const { code, messages } = await runCommand(argv, { environment })
    expect(code).toBe(2)
    expect(messages).toMatch(/Error: [^\n]+: see npm run admin -- --help\n$/)
  })

  it.each([[['--help']], [['org', '--help']], [['job', 'import', '--help']], [['help', 'key']]])(
    'explains %j',
    async (argv) => {
      const { code, output } = await runCommand(argv, { environment })
      expect(code).toBe(0)
      expect(output).toMatch(/^Usage: npm run admin -- /)
    },
  )
})
