// `doctor` and the settings it shares with the Worker: one verdict, one JSON document, an API key proved, advice that fits.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examineBindings } from '../../scripts/admin/doctor/binding-findings.ts'
import { reportErrors } from '../../scripts/admin/doctor/finding.ts'
import { runAdmin } from '../../scripts/admin/run-admin.ts'
import { readSettings } from '../../scripts/admin/settings.ts'
import { ConfigError, parseConfig } from '../../src/config.ts'
import { randomBindings } from '../support/random-bindings.ts'
import { type DatabaseUnderTest, openEmbedded } from './admin/database-under-test.ts'
import { runCommand, spawnCommand } from './admin/run-command.ts'

const SECRET = 'a-secret-of-at-least-32-characters'
const OTHER_SECRET = 'another-secret-of-32-characters-or-more'
/** Stores that refuse every connection at once. */
const NOWHERE = {
  DATABASE_URL: 'postgres://worker:hunter2@127.0.0.1:1/jobs',
  NEON_ENDPOINT: 'http://127.0.0.1:1/sql',
  UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1',
  UPSTASH_REDIS_REST_TOKEN: 'hunter2-token',
  PLAUSIBLE_URL: 'http://127.0.0.1:1',
  PLAUSIBLE_API_KEY: 'hunter2-key',
  API_KEY_SECRET: SECRET,
}

interface Finding {
  check: string
  state: string
  message: string
}

function findingsOf(document: Record<string, unknown>): Finding[] {
  return Object(document).findings
}

describe('doctor: bindings', () => {
  it('gives 200 random sets of bindings the verdict of the Worker, with the same message', () => {
    const verdicts = { right: 0, wrong: 0 }
    for (const { bindings, wrong } of randomBindings(200, 1_225)) {
      const { state, message } = examineBindings(readSettings(bindings))
      const worker = messageOfWorker(bindings)
      expect({ bindings, state }).toEqual({ bindings, state: wrong.length === 0 ? 'ok' : 'failed' })
      expect(state === 'ok' ? undefined : message).toBe(worker)
      for (const name of wrong) expect(message).toContain(`${name} `)
      verdicts[wrong.length === 0 ? 'right' : 'wrong'] += 1
    }
    expect(verdicts.right).toBeGreaterThan(50)
    expect(verdicts.wrong).toBeGreaterThan(50)
  })

  it.each([
    ['a line break after an address', { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1\n' }, 'ok'],
    ['a line break inside an address', { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1\n:1' }, 'failed'],
    ['an address that is no URL', { PLAUSIBLE_URL: 'plausible' }, 'failed'],
    ['empty variables', { ANALYTICS_JOB_DIMENSION: '', CACHE_KEEP_SECONDS: '', NEON_ENDPOINT: '' }, 'ok'],
    ['a database URL without a database', { DATABASE_URL: 'postgres://w:hunter2@127.0.0.1:1' }, 'failed'],
    ['a database URL that is no URL', { DATABASE_URL: 'hunter2' }, 'failed'],
    ['a token with a line break inside', { UPSTASH_REDIS_REST_TOKEN: 'hunter2\nx' }, 'failed'],
  ])('prints one JSON document and no secret for %s', async (_, changes, bindings) => {
    const { code, output, messages, json } = await spawnCommand(['doctor', '--json'], {
      ...NOWHERE,
      ...changes,
    })
    expect(code).toBe(1)
    expect(messages).toBe('')
    expect(output).not.toMatch(/hunter2|secret-of/)
    const checks = findingsOf(json())
    expect(checks[0]).toMatchObject({ check: 'bindings', state: bindings })
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['bindings', 'database', 'redis', 'store']),
    )
  })

  it('prints one JSON document when an error reaches no handler', async () => {
    const streams = { output: new PassThrough(), messages: new PassThrough() }
    const terminal = {
      ...streams,
      input: Readable.from([]),
      environment: NOWHERE,
      columns: undefined,
      isInteractive: false,
      interrupted: new AbortController().signal,
    }
    const code = await runAdmin(['doctor', '--json'], terminal, Promise.reject(new TypeError('hunter2')))
    streams.output.end()
    const document = JSON.parse(await text(streams.output))
    expect(code).toBe(1)
    expect(document.error.message).toMatch(/^A bug in this program \(TypeError at .*\): please report it/)
    expect(JSON.stringify(document)).not.toContain('hunter2')
  })

  it('turns an unexpected error of one check into a finding without its text', async () => {
    const findings = await reportErrors('redis', async () => {
      throw new RangeError('hunter2')
    })
    expect(findings).toEqual([
      {
        check: 'redis',
        state: 'failed',
        message: expect.stringMatching(/^a bug in this program \(RangeError at /),
      },
    ])
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })

  it('wraps its table between words in a terminal of 60 columns', async () => {
    const { output } = await runCommand(['doctor'], { environment: {}, columns: 60 })
    const lines = output.trimEnd().split('\n')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60)
    expect(output.replaceAll(/\s+/g, ' ')).toContain('UPSTASH_REDIS_REST_TOKEN must be right first')
    expect((await runCommand(['doctor'], { environment: {} })).output.split('\n').length).toBeLessThan(
      lines.length,
    )
  })
})

describe('doctor --key', () => {
  let database: DatabaseUnderTest
  let environment: NodeJS.ProcessEnv
  beforeAll(async () => {
    database = await openEmbedded()
    environment = {
      ...NOWHERE,
      ...database.environment,
      ...(database.workerUrl !== undefined && { DATABASE_URL: database.workerUrl }),
    }
    await admin('migrate')
    await admin('org', 'create', 'Proven', '--domain', 'proven.example')
    await admin('org', 'verify-domain', '1', '--assume-verified')
    await admin('org', 'create', 'Unproven', '--domain', 'unproven.example')
  })
  afterAll(() => database?.close())

  const admin = async (...argv: string[]) => {
    const result = await runCommand([...argv, '--json', '--yes'], { environment })
    expect(result).toMatchObject({ code: 0 })
    return result.json()
  }
  const createKey = async (org: string) => {
    const { apiKey, key } = await admin('key', 'create', '--org', org)
    return { apiKey: String(apiKey), id: String(Object(key).id) }
  }
  const prove = async (key: string, changes: NodeJS.ProcessEnv = {}) => {
    const result = await runCommand(['doctor', '--json', '--domains', '0', '--key', key], {
      environment: { ...environment, ...changes },
    })
    expect(`${result.output}${result.messages}`).not.toContain(key)
    return findingsOf(result.json()).find(({ check }) => check === 'key')
  }

  it('accepts a valid key, also with blanks around it', async () => {
    const { apiKey, id } = await createKey('1')
    expect(await prove(apiKey)).toMatchObject({
      state: 'ok',
      message: `key ${id} of organization 1 is valid`,
    })
    const blanks = await runCommand(['doctor', '--json', '--key', ` ${apiKey}\n`], { environment })
    expect(findingsOf(blanks.json())).toContainEqual(expect.objectContaining({ check: 'key', state: 'ok' }))
  })

  it('reads the key from SMOKE_API_KEY when the option is absent, and checks none without both', async () => {
    const { apiKey } = await createKey('1')
    const named = await runCommand(['doctor', '--json'], {
      environment: { ...environment, SMOKE_API_KEY: apiKey },
    })
    expect(findingsOf(named.json())).toContainEqual(expect.objectContaining({ check: 'key', state: 'ok' }))
    const none = await runCommand(['doctor', '--json'], { environment })
    expect(findingsOf(none.json()).map(({ check }) => check)).not.toContain('key')
  })

  it('accepts a key that was issued with a line break after API_KEY_SECRET, as the Worker does', async () => {
    const made = await runCommand(['key', 'create', '--org', '1', '--json'], {
      environment: { ...environment, API_KEY_SECRET: `${SECRET}\n` },
    })
    expect(await prove(String(made.json()['apiKey']))).toMatchObject({ state: 'ok' })
  })

  it('refuses a key of another secret, and warns about a key of the previous one', async () => {
    const { apiKey } = await createKey('1')
    expect(await prove(apiKey, { API_KEY_SECRET: OTHER_SECRET })).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('not issued with this API_KEY_SECRET'),
    })
    const rotating = { API_KEY_SECRET: OTHER_SECRET, API_KEY_SECRET_PREVIOUS: SECRET }
    expect(await prove(apiKey, rotating)).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('through API_KEY_SECRET_PREVIOUS'),
    })
  })

  it('refuses a revoked, an expired, an unknown and a malformed key, and warns about an unverified domain', async () => {
    const [revoked, expired, unknown] = [await createKey('1'), await createKey('1'), await createKey('1')]
    await admin('key', 'revoke', revoked.id)
    await database.query(`UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE id = '${expired.id}'`)
    await database.query(`DELETE FROM api_keys WHERE id = '${unknown.id}'`)
    const states = [revoked, expired, unknown].map(async ({ apiKey }) => await prove(apiKey))
    expect(await Promise.all(states)).toMatchObject([
      { state: 'failed', message: expect.stringContaining('was revoked at') },
      { state: 'failed', message: expect.stringContaining('expired at') },
      { state: 'failed', message: expect.stringContaining('does not hold it') },
    ])
    expect(await prove('jak_short')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('not a complete API key'),
    })
    expect(await prove((await createKey('2')).apiKey)).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('run org verify-domain 2'),
    })
  })
})

describe('--local', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'admin-local-'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const listWith = (content: string | undefined) => {
    const file = join(directory, content === undefined ? 'none.json' : 'demo.json')
    if (content !== undefined) writeFileSync(file, content)
    return runCommand(['--demo-file', file, 'org', 'list'], { environment: {} })
  }
  const stale = {
    url: 'http://127.0.0.1:1',
    stores: {
      databaseUrl: NOWHERE.DATABASE_URL,
      neonEndpoint: NOWHERE.NEON_ENDPOINT,
      redisUrl: NOWHERE.UPSTASH_REDIS_REST_URL,
      redisToken: NOWHERE.UPSTASH_REDIS_REST_TOKEN,
      plausibleUrl: NOWHERE.PLAUSIBLE_URL,
    },
    secrets: {
      apiKeySecret: SECRET,
      plausibleApiKey: NOWHERE.PLAUSIBLE_API_KEY,
      consoleSecret: SECRET,
    },
  }

  it.each([
    [
      'there is no file',
      undefined,
      3,
      /^Error: No local stack is running \(there is no .*none\.json\): start it/,
    ],
    ['the file is damaged', '{"url":', 1, /^Error: .*demo\.json is damaged or .*: delete it, then start/],
    ['the file lacks the stores', '{}', 1, /^Error: .*demo\.json is damaged or .*: delete it, then start/],
    [
      'the stack has ended',
      JSON.stringify(stale),
      4,
      /^Error: The local stack of .* does not respond, so it has ended/,
    ],
  ])('says what to do in one line when %s', async (_, content, code, message) => {
    const result = await listWith(content)
    expect(result.code).toBe(code)
    expect(result.messages).toMatch(message)
    expect(result.messages).not.toMatch(/hunter2|DATABASE_URL/)
    expect(result.messages.trim().split('\n')).toHaveLength(1)
  })
})

function messageOfWorker(bindings: Record<string, string>): string | undefined {
  try {
    parseConfig({ ...bindings, FLOOR: { limit: () => undefined } })
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}
