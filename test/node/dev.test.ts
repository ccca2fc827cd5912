// `npm run dev` from outside: what it prints and writes, what the environment replaces, and that it leaves nothing running.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

const ROOT = join(import.meta.dirname, '..', '..')
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 5000
/** Stores that nobody serves: such an instance starts in a second or two. */
const nowhere = {
  DATABASE_URL: 'postgres://user:a-password@127.0.0.1:1/db',
  NEON_ENDPOINT: 'http://127.0.0.1:1/sql',
  UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1',
  UPSTASH_REDIS_REST_TOKEN: 'a-redis-token',
  PLAUSIBLE_URL: 'http://127.0.0.1:1',
  PLAUSIBLE_API_KEY: 'a-plausible-key',
  API_KEY_SECRET: 'a-secret-of-at-least-32-characters',
}
const settings = [
  'ANALYTICS_JOB_DIMENSION',
  'RATE_LIMIT_REQUESTS',
  'RATE_LIMIT_WINDOW_SECONDS',
  'CONCURRENCY_LIMIT',
  'CACHE_FRESH_SECONDS',
  'CACHE_STALE_SECONDS',
  'CACHE_KEEP_SECONDS',
]

const demoSchema = z.strictObject({
  url: z.url(),
  organizations: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        domain: z.string(),
        domainVerified: z.boolean(),
        apiKey: z.string(),
        jobs: z.array(z.object({ id: z.uuid(), path: z.string(), title: z.string() })).min(1),
      }),
    )
    .length(3),
  stores: z.strictObject({
    databaseUrl: z.string(),
    neonEndpoint: z.url(),
    redisUrl: z.url(),
    redisToken: z.string(),
    plausibleUrl: z.url(),
  }),
  secrets: z.strictObject({ apiKeySecret: z.string(), plausibleApiKey: z.string() }),
})

interface Instance {
  child: ChildProcess
  url: string
  demoFile: string
  /** All it has printed so far. */
  output: () => string
  readyLine: string
  /** npm and everything below it. */
  processes: Process[]
}

let directory: string
const started: ChildProcess[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dev-'))
})
afterAll(async () => {
  for (const child of started) killTree(child)
  await rm(directory, { recursive: true })
})

describe('two instances with everything embedded', () => {
  let first: Instance
  let second: Instance
  beforeAll(async () => {
    ;[first, second] = await Promise.all([start(), start()])
  }, START_TIMEOUT_MS)

  it('print a line with the address and a request that works when pasted', async () => {
    expect(first.readyLine).toMatch(new RegExp(`^Ready ${first.url} `))
    const command = /curl .*/.exec(first.readyLine)?.[0] ?? ''
    const answer: unknown = JSON.parse(execFileSync('sh', ['-c', `${command} -s`], { encoding: 'utf8' }))
    expect(answer).toEqual({
      data: { visitors: expect.anything() },
      meta: { period: '30d', total_jobs: expect.any(Number) },
    })
  })

  it('write what they hold to a file that only its owner may read', async () => {
    for (const { demoFile, url } of [first, second]) {
      expect((await stat(demoFile)).mode & 0o777).toBe(0o600)
      expect((await readDemo(demoFile)).url).toBe(url)
    }
  })

  it('are worlds of their own: a key of one is refused by the other', async () => {
    const demo = await readDemo(first.demoFile)
    const [organization] = demo.organizations
    const path = `/analytics/jobs?jobIds=${organization?.jobs[0]?.id}`
    const headers = { 'x-api-key': organization?.apiKey ?? '' }
    expect((await fetch(first.url + path, { headers })).status).toBe(200)
    expect((await fetch(second.url + path, { headers })).status).toBe(401)
  })

  it('keep their secrets off every command line', async () => {
    const { secrets, stores } = await readDemo(first.demoFile)
    const commandLines = execFileSync('ps', ['ax', '-o', 'args'], { encoding: 'utf8' })
    for (const secret of [
      ...Object.values(secrets),
      stores.redisToken,
      new URL(stores.databaseUrl).password,
    ]) {
      expect(commandLines).not.toContain(secret)
    }
  })

  it('refuse a port that is taken in one line, and leave its owner alone', async () => {
    const { code, output } = await runToEnd(['--port', new URL(first.url).port])
    expect(code).toBe(1)
    expect(output).toMatch(/^Port \d+ is taken: .*npm run dev -- --port <number>$/)
    expect((await fetch(first.url)).status).toBeLessThan(500)
  })

  it('end with all of their processes on SIGTERM to npm, and on Ctrl-C in the terminal', async () => {
    expect(first.processes.length).toBeGreaterThan(4)
    first.child.kill('SIGTERM')
    expect(await survivors(first.processes)).toEqual([])
    expect((await fetch(second.url)).status).toBeLessThan(500)
    if (second.child.pid !== undefined) process.kill(-second.child.pid, 'SIGINT')
    expect(await survivors(second.processes)).toEqual([])
  })
})

describe('an instance with stores of its own', () => {
  it('starts none, writes no file, and passes every setting to the Worker', async () => {
    const nonsense = Object.fromEntries(settings.map((name) => [name, 'nonsense']))
    const instance = await start({ ...nowhere, ...nonsense })
    expect(instance.readyLine).toContain('your own database')
    await expect(stat(instance.demoFile)).rejects.toThrow('ENOENT')
    const response = await fetch(`${instance.url}/analytics/jobs`)
    expect(response.status).toBe(500)
    const complained = () =>
      /bindings are missing or wrong: (.*?)\./.exec(instance.output())?.[1]?.split(', ').sort()
    await expect.poll(complained, { timeout: 5000 }).toEqual([...settings].sort())
    instance.child.kill('SIGTERM')
    expect(await survivors(instance.processes)).toEqual([])
  })

  it('ends when wrangler dies, with an exit code that says so', async () => {
    const instance = await start(nowhere)
    const wrangler = instance.processes.find(({ command }) => command.includes('wrangler.js dev'))
    const exit = once(instance.child, 'exit')
    if (wrangler !== undefined) process.kill(wrangler.pid, 'SIGKILL')
    expect(await survivors(instance.processes)).toEqual([])
    expect((await exit)[0]).toBe(1)
    expect(instance.output()).toContain('wrangler ended by itself')
  })
})

describe('a command line or an environment that cannot be', () => {
  it.each([
    [['--prot', '1'], {}, /^Unknown option '--prot': see npm run dev -- --help$/],
    [['--port', '99999'], {}, /^--port takes a number from 1 to 65535, not "99999"$/],
    [
      [],
      { DATABASE_URL: 'mysql://u:hunter2@h/d' },
      /^DATABASE_URL is not of the form .*: correct or unset it$/,
    ],
    [[], { PLAUSIBLE_URL: 'http://127.0.0.1:1' }, /^PLAUSIBLE_URL and PLAUSIBLE_API_KEY go together/],
    [[], { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' }, /^the Redis server at 127\.0\.0\.1:1 .* start it/],
  ])('%j with %j is one line of what to do', async (args, environment, expected) => {
    const { code, output } = await runToEnd(['--port', String(await freePort()), ...args], environment)
    expect(code).toBe(1)
    expect(output).toMatch(expected)
    expect(output).not.toContain('hunter2')
  })

  it('--help lists the flags and the variables', async () => {
    const { code, output } = await runToEnd(['--help'])
    expect(code).toBe(0)
    for (const word of ['--port', 'DATABASE_URL', 'REDIS_URL', 'PLAUSIBLE_URL'])
      expect(output).toContain(word)
  })
})

async function start(environment: Record<string, string> = {}): Promise<Instance> {
  const port = await freePort()
  const demoFile = join(directory, `demo-${port}.json`)
  const { child, lines } = spawnDev(['--port', String(port), '--demo-file', demoFile], environment)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  lines.on((line) => line.startsWith('Ready') && resolve(line))
  child.once('exit', () => reject(new Error(`it ended before it was ready:\n${lines.text()}`)))
  const readyLine = await promise
  const processes = descendants(child.pid)
  return { child, url: `http://127.0.0.1:${port}`, demoFile, output: lines.text, readyLine, processes }
}

async function runToEnd(args: string[], environment: Record<string, string> = {}) {
  const { child, lines } = spawnDev(args, environment)
  const [code] = await once(child, 'close')
  return { code, output: lines.text().trim() }
}

function spawnDev(args: string[], environment: Record<string, string>) {
  // A process group of its own, as a terminal gives it: a signal to the group is a Ctrl-C.
  const child = spawn('npm', ['run', '--silent', 'dev', '--', ...args], {
    cwd: ROOT,
    env: { ...withoutStores(process.env), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  started.push(child)
  const printed: string[] = []
  const lines = createInterface(child.stdout)
  for (const source of [lines, createInterface(child.stderr)]) source.on('line', (line) => printed.push(line))
  return {
    child,
    lines: {
      on: (listener: (line: string) => void) => lines.on('line', listener),
      text: () => printed.join('\n'),
    },
  }
}

/** The environment of the tests without what would replace a part of the stack. */
function withoutStores(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = [...Object.keys(nowhere), ...settings, 'REDIS_URL']
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)))
}

async function readDemo(path: string) {
  return demoSchema.parse(JSON.parse(await readFile(path, 'utf8')))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('there is no free port')
  return address.port
}

interface Process {
  pid: number
  parent: number
  /** The first letter of ps: Z has ended and only waits for its parent to notice. */
  state: string
  command: string
}

function listProcesses(): Process[] {
  const table = execFileSync('ps', ['ax', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
  return table.split('\n').flatMap((line) => {
    const [, pid, parent, state, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S)\S*\s+(.*)$/.exec(line) ?? []
    return state === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), state, command }]
  })
}

/** A process and all below it. */
function descendants(root: number | undefined): Process[] {
  const all = listProcesses()
  const found = all.filter(({ pid }) => pid === root)
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid))
  return found
}

/** Those still running when nothing of them is left or, at the latest, after the five seconds they are allowed. */
async function survivors(processes: Process[]): Promise<Process[]> {
  const pids = processes.map(({ pid }) => pid)
  const deadline = Date.now() + STOP_TIMEOUT_MS
  for (;;) {
    const left = listProcesses().filter(({ pid, state }) => pids.includes(pid) && state !== 'Z')
    if (left.length === 0 || Date.now() > deadline) return left
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Ends what a failed test left behind. */
function killTree(child: ChildProcess): void {
  for (const { pid } of descendants(child.pid)) process.kill(pid, 'SIGKILL')
}
