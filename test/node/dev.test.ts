// `npm run dev` from outside: what it prints and writes, what the environment replaces, and that it ends completely.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DemoFile, demoSchema } from '../../local/demo-schema.ts'
import { freePort } from '../../local/free-port.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 5000
/** Stores that do not exist: such an instance starts in a second or two. */
const nowhere = {
  DATABASE_URL: 'postgres://user:a-password@127.0.0.1:1/db',
  NEON_ENDPOINT: 'http://127.0.0.1:1/sql',
  UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1',
  UPSTASH_REDIS_REST_TOKEN: 'a-redis-token',
  PLAUSIBLE_URL: 'http://127.0.0.1:1',
  PLAUSIBLE_API_KEY: 'a-plausible-key',
  API_KEY_SECRET: 'a-secret-of-at-least-32-characters',
}
/** Settings that the Worker checks itself, so that it complains of nonsense. */
const checked = [
  'ANALYTICS_API',
  'ANALYTICS_JOB_DIMENSION',
  'ANALYTICS_QUERIES_PER_HOUR',
  'API_KEY_SECRET_PREVIOUS',
  'CORS_ORIGINS',
  'PUBLIC_URL',
  'RATE_LIMIT_REQUESTS',
  'RATE_LIMIT_WINDOW_SECONDS',
  'CONCURRENCY_LIMIT',
  'CACHE_FRESH_SECONDS',
  'CACHE_STALE_SECONDS',
  'CACHE_KEEP_SECONDS',
]

interface Instance {
  child: ChildProcess
  url: string
  demoFile: string
  /** All it has printed so far. */
  output: () => string
  readyLine: string
  /** The lines that follow it: key, addresses, a request to paste. */
  readyBlock: () => string
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

describe('two instances with everything embedded', { timeout: START_TIMEOUT_MS }, () => {
  let first: Instance
  let second: Instance
  beforeAll(async () => {
    ;[first, second] = await Promise.all([start(), start({ ANALYTICS_API: 'v1' })])
  }, START_TIMEOUT_MS)

  it('print address, key, reference and a request that works when pasted, each on a line of its own', async () => {
    expect(first.readyLine).toBe(`Ready ${first.url}`)
    const [organization] = (await readDemo(first.demoFile)).organizations
    await expect.poll(first.readyBlock).toMatch(/^curl .*$/m)
    const block = first.readyBlock().split('\n')
    expect(block).toContain(`  Reference  ${first.url}/docs`)
    expect(block).toContain(`  Demo key   ${organization?.apiKey}`)
    const command = block.find((line) => line.startsWith('curl ')) ?? ''
    const response: unknown = JSON.parse(execFileSync('sh', ['-c', `${command} -s`], { encoding: 'utf8' }))
    expect(response).toEqual({
      data: { visitors: expect.anything() },
      meta: { period: '30d', total_jobs: expect.any(Number) },
    })
  })

  it('print their progress while they start', () => {
    const [before = ''] = first.output().split('\nReady')
    for (const line of [
      /^Postgres is running/m,
      /^Redis is running/m,
      /^Plausible is running/m,
      /^Starting the Worker/m,
    ])
      expect(before).toMatch(line)
  })

  it('write what they hold to a file that only its owner may read', async () => {
    for (const { demoFile, url } of [first, second]) {
      expect((await stat(demoFile)).mode & 0o777).toBe(0o600)
      expect((await readDemo(demoFile)).url).toBe(url)
    }
  })

  it('are separate: a key of one is refused by the other', async () => {
    const demo = await readDemo(first.demoFile)
    const [organization] = demo.organizations
    const path = `/analytics/jobs?jobIds=${organization?.jobs[0]?.id}`
    const headers = { 'x-api-key': organization?.apiKey ?? '' }
    expect((await fetch(first.url + path, { headers })).status).toBe(200)
    expect((await fetch(second.url + path, { headers })).status).toBe(401)
  })

  it('show the same figures, one over v2 and the other over v1 of the statistics API', async () => {
    const figures = await Promise.all(
      [first, second].map(async ({ demoFile, url }) => {
        const [organization] = (await readDemo(demoFile)).organizations
        const headers = { 'x-api-key': organization?.apiKey ?? '' }
        const ids = organization?.jobs.slice(0, 100).map(({ id }) => id)
        const searches = ['7d', '30d', '6mo', '12mo'].map(
          (period) => `/analytics/jobs?jobIds=${ids}&period=${period}`,
        )
        const paths = [...searches, `${searches[0]}&interval=day`, '/analytics/site?group_by=page']
        const bodies: unknown[] = []
        for (const path of paths) bodies.push(await (await fetch(url + path, { headers })).json())
        return bodies
      }),
    )
    expect(figures[1]).toEqual(figures[0])
    expect(figures[0]?.[3]).toMatchObject({
      data: { visitors: expect.anything() },
      meta: { total_jobs: 100 },
    })
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

  it('refuse a port that is taken in one line that names the process, and leave that alone', async () => {
    const { code, output } = await runToEnd(['--port', new URL(first.url).port])
    expect(code).toBe(1)
    expect(output).toMatch(/^Port \d+ is taken: .*npm run dev -- --port <number>$/)
    const [, pid] = /process (\d+) \(/.exec(output) ?? []
    if (process.platform === 'linux')
      expect(first.processes.map((process) => String(process.pid))).toContain(pid)
    expect((await fetch(first.url)).status).toBeLessThan(500)
  })

  it('end with all of their processes on SIGTERM to npm', async () => {
    expect(first.processes.length).toBeGreaterThan(4)
    first.child.kill('SIGTERM')
    expect(await survivors(first.processes)).toEqual([])
    await expect(stat(first.demoFile)).rejects.toThrow('ENOENT')
    expect((await fetch(second.url)).status).toBeLessThan(500)
  })

  it('go on while engines run something endless, and end on Ctrl-C in the terminal', async () => {
    const { stores } = await readDemo(second.demoFile)
    const redis = (...command: string[]) =>
      fetch(stores.redisUrl, {
        method: 'POST',
        headers: { authorization: `Bearer ${stores.redisToken}` },
        body: JSON.stringify(command),
      })
    const plausible = (sql: string) =>
      fetch(`${stores.plausibleUrl}/local/sql`, { method: 'POST', body: JSON.stringify({ sql }) })
    const postgres = (query: string) =>
      fetch(stores.neonEndpoint, {
        method: 'POST',
        headers: { 'neon-connection-string': stores.databaseUrl, 'neon-raw-text-output': 'true' },
        body: JSON.stringify({ query }),
      })
    const endless: Promise<unknown>[] = []
    // Each fails when the instance ends.
    const leave = (response: Promise<Response>) => endless.push(response.catch(() => undefined))

    leave(postgres('select count(*) from generate_series(1, 100000000000)'))
    expect((await redis('PING')).status).toBe(200)
    expect((await plausible('select 1')).status).toBe(200)
    expect((await fetch(`${second.url}/health`)).status).toBe(200)
    leave(redis('EVAL', 'while true do end', '0'))
    expect((await plausible('select 1')).status).toBe(200)
    leave(
      plausible('with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n'),
    )
    expect((await fetch(`${second.url}/health`)).status).toBe(200)

    if (second.child.pid !== undefined) process.kill(-second.child.pid, 'SIGINT')
    expect(await survivors(second.processes)).toEqual([])
    await Promise.all(endless)
  })
})

describe('an instance that is killed', () => {
  it(
    'takes all of its processes with it, and leaves the port to the next one',
    async () => {
      const { DATABASE_URL, NEON_ENDPOINT, API_KEY_SECRET } = nowhere
      const killed = await start({ DATABASE_URL, NEON_ENDPOINT, API_KEY_SECRET })
      expect(killed.processes.length).toBeGreaterThan(4)
      const { port } = new URL(killed.url)
      const [main] = killed.processes.filter(({ command }) => command.includes('local/main.ts')).slice(-1)
      if (main !== undefined) process.kill(main.pid, 'SIGKILL')
      expect(await survivors(killed.processes)).toEqual([])
      const next = await start(nowhere, Number(port))
      expect((await fetch(`${next.url}/health`)).status).toBe(200)
      next.child.kill('SIGTERM')
      expect(await survivors(next.processes)).toEqual([])
    },
    2 * START_TIMEOUT_MS,
  )
})

describe('an instance with stores of its own', { timeout: START_TIMEOUT_MS }, () => {
  it('starts none, writes no file, and passes every setting to the Worker, with a home that cannot be written', async () => {
    const nonsense = Object.fromEntries(checked.map((name) => [name, 'nonsense']))
    // Below a file there is no folder, not even for root.
    const home = { HOME: join(ROOT, 'package.json', 'home'), XDG_CONFIG_HOME: '' }
    const instance = await start({ ...nowhere, ...nonsense, ...home })
    expect(instance.readyLine).toMatch(new RegExp(`^Ready ${instance.url} .*your own database`))
    await expect(stat(instance.demoFile)).rejects.toThrow('ENOENT')
    const response = await fetch(`${instance.url}/analytics/jobs`)
    expect(response.status).toBe(500)
    const complained = () =>
      namesOf(
        instance
          .output()
          .split('\n')
          .find((line) => /^[^W].*missing or wrong/.test(line)),
      )
    await expect.poll(complained, { timeout: 5000 }).toEqual([...checked].sort())
    const warning = instance
      .output()
      .split('\n')
      .find((line) => line.startsWith('Warning: '))
    expect(namesOf(warning)).toEqual([...checked].sort())
    expect(instance.output()).not.toContain('nonsense')
    instance.child.kill('SIGTERM')
    expect(await survivors(instance.processes)).toEqual([])
  })

  it('ends when wrangler dies, with an exit code that says so', async () => {
    const instance = await start(nowhere)
    const wrangler = instance.processes.find(({ command }) => command.includes('cli.js dev'))
    const exit = once(instance.child, 'exit')
    if (wrangler !== undefined) process.kill(wrangler.pid, 'SIGKILL')
    expect(await survivors(instance.processes)).toEqual([])
    expect((await exit)[0]).toBe(1)
    expect(instance.output()).toContain('wrangler ended by itself')
  })
})

describe('a command line or an environment that is wrong', { timeout: START_TIMEOUT_MS }, () => {
  it.each([
    [['--prot', '1'], {}, /^Unknown option '--prot': see npm run dev -- --help$/],
    [['--port', '99999'], {}, /^--port takes a number from 1 to 65535, not "99999"$/],
    [
      [],
      { DATABASE_URL: 'mysql://u:hunter2@h/d' },
      /^DATABASE_URL is not of the form .*: correct or unset it$/,
    ],
    [[], { PLAUSIBLE_URL: 'http://127.0.0.1:1' }, /^PLAUSIBLE_URL and PLAUSIBLE_API_KEY go together/],
    [[], { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' }, /^the Redis server at 127\.0\.0\.1:1 .* start it/m],
    [['--demo-file', 'package.json/demo.json'], {}, /^package\.json is not a folder: .*--demo-file <path>$/],
  ])('ends with one line that says what to do: %j with %j', async (args, environment, expected) => {
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

/** The names of the bindings that a message of the Worker calls missing or wrong. */
function namesOf(message: string | undefined): string[] | undefined {
  const list = /bindings are missing or wrong: (.*?)\. See/.exec(message ?? '')?.[1]
  return list
    ?.split('; ')
    .map((problem) => problem.split(' ')[0] ?? '')
    .sort()
}

async function start(environment: Record<string, string> = {}, onPort?: number): Promise<Instance> {
  const port = onPort ?? (await freePort())
  const demoFile = join(directory, `demo-${port}.json`)
  const { child, lines } = spawnDev(['--port', String(port), '--demo-file', demoFile], environment)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  lines.on((line) => line.startsWith('Ready') && resolve(line))
  child.once('exit', () => reject(new Error(`it ended before it was ready:\n${lines.text()}`)))
  const readyLine = await promise
  const processes = descendants(child.pid)
  const readyBlock = () => lines.text().split('\nReady')[1] ?? ''
  const url = `http://127.0.0.1:${port}`
  return { child, url, demoFile, output: lines.text, readyLine, readyBlock, processes }
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

/** The environment of the tests without what would replace a part of the stack or change a setting. */
function withoutStores(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = [...Object.keys(nowhere), ...checked, 'REDIS_URL']
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)))
}

/** The demo file, with no field too many: others rely on its shape. */
async function readDemo(path: string): Promise<DemoFile> {
  const content: unknown = JSON.parse(await readFile(path, 'utf8'))
  const demo = demoSchema.parse(content)
  expect(content).toEqual(demo)
  expect(demo.organizations).toHaveLength(3)
  for (const { jobs } of demo.organizations) expect(jobs.length).toBeGreaterThan(0)
  return demo
}

interface Process {
  pid: number
  parent: number
  /** The first letter of ps: Z is a process that has ended. */
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

/** The processes that still run after the five seconds they are allowed; none, as soon as all have ended. */
async function survivors(processes: Process[]): Promise<Process[]> {
  const pids = processes.map(({ pid }) => pid)
  const deadline = Date.now() + STOP_TIMEOUT_MS
  for (;;) {
    const left = listProcesses().filter(({ pid, state }) => pids.includes(pid) && state !== 'Z')
    if (left.length === 0 || Date.now() > deadline) return left
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Ends what a failed test left running. */
function killTree(child: ChildProcess): void {
  for (const { pid } of descendants(child.pid)) process.kill(pid, 'SIGKILL')
}
