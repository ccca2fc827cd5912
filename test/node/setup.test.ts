// `npm run setup` and `npm run teardown`: from empty stores to a tested deployment, and back, over a stand-in of Cloudflare's API.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../local/free-port.ts'
import { startPlausible } from '../../local/plausible/start-plausible.ts'
import { startNeonFront } from '../../local/postgres/neon-front.ts'
import { openPglite } from '../../local/postgres/pglite-backend.ts'
import { openEmbeddedRedis } from '../../local/redis/embedded-redis.ts'
import type { RedisBackend } from '../../local/redis/redis-backend.ts'
import { startUpstashFront } from '../../local/redis/upstash-front.ts'
import { type CloudflareStandIn, startCloudflareStandIn } from '../setup/deployment/cloudflare-stand-in.ts'
import { copyProject, runScript, type ScriptResult } from '../setup/deployment/project-copy.ts'
import { startDnsServer } from './admin/dns-server.ts'

const DOMAIN = 'jobs.acme.example'
const DATABASE = 'job_analytics'
const WORKER = 'job-analytics-api-production'
const owner = { name: 'owner', password: randomBytes(16).toString('hex'), superuser: true }
const token = randomBytes(16).toString('hex')
const redisToken = randomBytes(16).toString('hex')
const plausibleKey = randomBytes(16).toString('hex')
const job = randomUUID()

const closing: (() => unknown)[] = []
const records = new Map<string, string[][]>()
let folder: string
let project: string
let redis: RedisBackend
let cloudflare: CloudflareStandIn
let environment: NodeJS.ProcessEnv
let argv: string[]
let query: (text: string) => Promise<(string | null)[][]>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'job-analytics-setup-'))
  project = join(folder, 'project')
  const workerPort = await freePort()
  const [backend] = await Promise.all([
    openPglite({ database: DATABASE, users: [owner] }),
    copyProject(project),
    writeFile(join(folder, 'jobs.csv'), `id,title,slug\n${job},Engineer,engineer\n`),
  ])
  const neon = await startNeonFront({ backend })
  redis = await openEmbeddedRedis()
  const upstash = await startUpstashFront({ redis, token: redisToken })
  const plausible = await startPlausible({ apiKey: plausibleKey })
  await fetch(`${plausible.url}/local/sites`, {
    method: 'PUT',
    body: JSON.stringify({ domain: DOMAIN, timezone: 'Europe/Paris' }),
  })
  const dns = await startDnsServer(records)
  cloudflare = await startCloudflareStandIn(workerPort, token)
  closing.push(
    ...[() => cloudflare.close(), () => dns.close(), () => plausible.close(), () => upstash.close()],
    ...[() => redis.close(), () => neon.close(), () => backend.close()],
  )
  const { host } = new URL(neon.endpoint)
  environment = {
    ...cloudflare.environment,
    ADMIN_DATABASE_URL: `postgres://${owner.name}:${owner.password}@${host}/${DATABASE}`,
    NEON_ENDPOINT: neon.endpoint,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: redisToken,
    PLAUSIBLE_URL: plausible.url,
    PLAUSIBLE_API_KEY: plausibleKey,
  }
  argv = [
    ...['scripts/setup.ts', '--env', 'production', '--organization', 'Acme', '--domain', DOMAIN],
    ...['--time-zone', 'Europe/Paris', '--jobs', join(folder, 'jobs.csv'), '--dns-server', dns.address],
    ...['--url', `http://127.0.0.1:${workerPort}`],
  ]
  query = async (text) => {
    const login = { user: owner.name, password: owner.password, database: DATABASE }
    const [result] = await backend.run(login, [{ text, values: [] }])
    return result?.rows ?? []
  }
})

afterAll(async () => {
  for (const close of closing) await close()
  await rm(folder, { recursive: true })
})

function setup(more: string[] = ['--yes'], killAt?: string, variables: NodeJS.ProcessEnv = {}) {
  return runScript(project, [...argv, ...more], { ...environment, ...variables }, killAt)
}

/** The secrets that were given; none of them may ever be printed. */
const given = [owner.password, token, redisToken, plausibleKey]

function shownSecrets({ output, messages }: ScriptResult, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => `${output}${messages}`.includes(secret))
}

function keyIn({ output }: ScriptResult): string {
  return /jak_[0-9A-Za-z]{42}/.exec(output)?.[0] ?? ''
}

async function everything() {
  const tables = await query(
    "select relname, relkind from pg_class where relnamespace = 'public'::regnamespace order by relname",
  )
  const roles = await query('select rolname from pg_roles order by rolname')
  const keys = await redis.send([['KEYS', '*']])
  return { tables, roles, keys, toml: await readFile(join(project, 'wrangler.toml'), 'utf8') }
}

describe('setup', () => {
  it('with something missing and no terminal: names all of it and changes nothing', async () => {
    const variables = { UPSTASH_REDIS_REST_URL: '', PLAUSIBLE_API_KEY: '' }
    const result = await runScript(project, ['scripts/setup.ts', '--env', 'production'], {
      ...environment,
      ...variables,
    })
    expect(result.code).toBe(2)
    expect(result.messages).toMatch(
      /^Error: Nothing was changed, .*: UPSTASH_REDIS_REST_URL, PLAUSIBLE_API_KEY, --organization, --domain\n$/,
    )
  })

  it('with a wrong token: says which store refuses what, and writes nothing', async () => {
    const before = await everything()
    const result = await setup(['--yes'], undefined, { UPSTASH_REDIS_REST_TOKEN: 'wrong-token' })
    expect(result.code).toBe(1)
    expect(result.output).toContain('it refuses the token: correct UPSTASH_REDIS_REST_TOKEN')
    expect(result.messages).toBe('Error: Nothing was changed: correct what failed, and run this again\n')
    expect(await everything()).toEqual(before)
    expect(cloudflare.writes).toEqual([])
  })

  it('with a token that Cloudflare refuses: says so, and writes nothing', async () => {
    const before = await everything()
    const result = await setup(['--yes'], undefined, { CLOUDFLARE_API_TOKEN: 'wrong-token' })
    expect(result.code).toBe(4)
    expect(result.messages).toContain('run npx wrangler login, or set CLOUDFLARE_API_TOKEN')
    expect({ ...(await everything()), keys: [] }).toEqual({ ...before, keys: [] })
  })

  it('--dry-run: says what each step would change, writes nothing, shows no secret', async () => {
    await expect.poll(async () => (await redis.send([['KEYS', '*']]))[0], { timeout: 20_000 }).toEqual([])
    const before = await everything()
    const result = await setup(['--dry-run'])
    expect(result.messages).toBe('')
    expect(result.code).toBe(0)
    const steps = [
      'migrations',
      'login',
      'vars',
      'secrets',
      'deployment',
      'ready',
      'organization',
      'domain',
      'jobs',
    ]
    for (const step of [...steps, 'key', 'smoke']) expect(result.output).toContain(`- ${step}: will`)
    expect(result.output).toContain("set the Worker's secret API_KEY_SECRET to a new random value")
    expect(shownSecrets(result, given)).toEqual([])
    expect(keyIn(result)).toBe('')
    expect(await everything()).toEqual(before)
    expect(cloudflare.writes).toEqual([])
    expect(cloudflare.workers.size).toBe(0)
  })

  it('without --yes and a terminal: takes no step', async () => {
    const before = await everything()
    const result = await setup([])
    expect(result.code).toBe(2)
    expect(result.messages).toContain('The step "migrations" and those after it were not taken')
    expect({ ...(await everything()), keys: [] }).toEqual({ ...before, keys: [] })
  })

  it('killed after each step and run again: ends with a tested deployment, and shows each secret once', async () => {
    const results: ScriptResult[] = []
    for (const step of ['migrations', 'login', 'vars', 'secrets', 'deployment', 'ready', 'organization']) {
      const killed = await setup(['--yes'], `done: ${step}\n`)
      expect({ step, code: killed.code, messages: killed.messages }).toEqual({
        step,
        code: null,
        messages: '',
      })
      results.push(killed)
    }
    const undecided = await setup()
    expect(undecided.code).toBe(1)
    expect(undecided.messages).toContain('DNS does not show the TXT record')
    const [, name = '', value = ''] = /DNS record to set: (\S+) TXT "(.*)"/.exec(undecided.output) ?? []
    records.set(name, [[value]])
    results.push(undecided)
    for (const step of ['domain', 'jobs']) results.push(await setup(['--yes'], `done: ${step}\n`))
    const withKey = await setup(['--yes'], 'done: key\n', { API_KEY_SECRET: secretIn(results) })
    const apiKey = keyIn(withKey)
    expect(apiKey).not.toBe('')
    results.push(withKey)
    const last = await setup(['--yes'], undefined, { SMOKE_API_KEY: apiKey })
    expect(last.messages).toBe('')
    expect(last.code).toBe(0)
    expect(last.output).toContain('All checks passed')
    for (const step of ['migrations', 'login', 'vars', 'organization', 'domain', 'jobs', 'key']) {
      expect(last.output).toContain(`- ${step}: nothing to do`)
    }
    results.push(last)

    const worker = cloudflare.workers.get(WORKER)
    const secrets = Object.fromEntries(worker?.secrets ?? [])
    const printed = results.map(({ output, messages }) => output + messages).join('')
    for (const secret of [
      ...given,
      secrets['DATABASE_URL'] ?? '?',
      new URL(secrets['DATABASE_URL'] ?? '').password,
    ]) {
      expect(printed).not.toContain(secret)
    }
    expect(printed.split(secrets['API_KEY_SECRET'] ?? '?')).toHaveLength(2)
    expect(printed.split(apiKey)).toHaveLength(2)
    expect(Object.keys(secrets).sort()).toEqual([
      ...['API_KEY_SECRET', 'DATABASE_URL', 'PLAUSIBLE_API_KEY', 'UPSTASH_REDIS_REST_TOKEN'],
    ])
    expect(secrets['DATABASE_URL']).toMatch(/^postgres:\/\/job_analytics_api:/)
    expect(cloudflare.unknown).toEqual([])
    expect(await filesWith(secrets['API_KEY_SECRET'] ?? '?')).toEqual([])
  }, 400_000)

  it('what was uploaded: the vars of wrangler.toml, the limits and the placement', async () => {
    const metadata = cloudflare.workers.get(WORKER)?.upload?.metadata
    const names = metadata?.bindings.map(({ type, name }) => `${type} ${name}`) ?? []
    expect(names).toEqual(expect.arrayContaining(['ratelimit FLOOR', 'version_metadata CF_VERSION_METADATA']))
    expect(metadata?.placement).toMatchObject({ mode: 'smart' })
    expect(cloudflare.workers.get(WORKER)?.settings['observability']).toMatchObject({ enabled: true })
    expect(metadata?.compatibility_date).toMatch(/^\d{4}-\d\d-\d\d$/)
    const toml = await readFile(join(project, 'wrangler.toml'), 'utf8')
    expect(toml).toContain(`PLAUSIBLE_URL = "${environment['PLAUSIBLE_URL']}"`)
    const [original, changed] = [await readFile('wrangler.toml', 'utf8'), toml].map(
      (text) => text.split('[env.production.vars]')[0],
    )
    expect(changed).toBe(original)
  })

  it('on a deployment that has keys: keeps API_KEY_SECRET', async () => {
    const before = cloudflare.workers.get(WORKER)?.secrets.get('API_KEY_SECRET')
    const result = await setup(['--yes'], 'done: secrets\n', { API_KEY_SECRET: 'x'.repeat(40) })
    expect(result.output).not.toContain('secret API_KEY_SECRET')
    expect(cloudflare.workers.get(WORKER)?.secrets.get('API_KEY_SECRET')).toBe(before)
  })
})

describe('teardown', () => {
  const teardown = (more: string[]) =>
    runScript(project, ['scripts/teardown.ts', '--env', 'production', ...more], environment)

  it('--dry-run, and without an answer: says what it would delete and deletes nothing', async () => {
    const dry = await teardown(['--dry-run'])
    expect(dry.output).toContain('delete the Worker of production with its 4 secrets')
    expect(dry.output).toContain('drop the login job_analytics_api')
    const unanswered = await teardown([])
    expect(unanswered.code).toBe(2)
    expect(unanswered.messages).toContain('Nothing was deleted')
    expect(cloudflare.workers.has(WORKER)).toBe(true)
  })

  it('--yes: deletes the Worker and its login, keeps the organizations, and finds nothing when run again', async () => {
    const result = await teardown(['--yes'])
    expect(result.messages).toBe('')
    expect(result.code).toBe(0)
    expect(cloudflare.workers.has(WORKER)).toBe(false)
    expect(await query("select 1 from pg_roles where rolname = 'job_analytics_api'")).toEqual([])
    expect(await query('select domain from organizations')).toEqual([[DOMAIN]])
    expect((await teardown(['--yes'])).output).toBe('There is nothing to delete.\n')
    expect(shownSecrets(result, given)).toEqual([])
  })
})

/** The one that was made, where it was shown. */
function secretIn(results: readonly ScriptResult[]): string {
  const shown = results.flatMap(({ output }) => [
    ...output.matchAll(/API_KEY_SECRET, shown only now.*\n {2}(\S+)/g),
  ])
  return shown.at(-1)?.[1] ?? ''
}

/** Files of the project that contain a text. */
async function filesWith(text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  return paths.filter((_, index) => contents[index]?.includes(text))
}
