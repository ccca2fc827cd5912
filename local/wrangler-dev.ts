// Runs `wrangler dev` as a child: starts it, shows what the Worker says, and ends it with all of its own children.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { isSecret, type WorkerBindings } from './worker-bindings.ts'

const PROJECT = join(import.meta.dirname, '..')
const STOP_TIMEOUT_MS = 3000
const READY_TIMEOUT_MS = 60_000

/** Wrangler's own words that tell a developer nothing: one line a request, as the Worker's log has, and empty ones. */
const NOISE = /^\[wrangler:info\]|^⎔ Starting|^\s*$/

/** A running `wrangler dev`. */
export interface WranglerDev {
  /** Settles when the Worker answers; rejects when wrangler ends before. */
  readonly ready: Promise<void>
  /** The exit code, once it has ended for whatever reason and none of its children is left. */
  readonly exited: Promise<number>
  /** Ends it: asks first, after 3 s it is killed. */
  stop(): Promise<void>
  /** Ends it and all of its own children without a chance to finish anything. */
  kill(): void
}

/**
 * Starts the Worker on 127.0.0.1 with these bindings. Secrets travel in the child's environment, where wrangler looks for
 * what wrangler.toml declares; the command line holds the other bindings only.
 */
export function startWranglerDev(options: { port: number; bindings: WorkerBindings }): WranglerDev {
  const child = spawn(process.execPath, [wranglerScript(), ...argumentsOf(options)], {
    cwd: PROJECT,
    env: { ...inheritedEnvironment(), ...quietSettings, ...options.bindings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own, so that what a killed wrangler leaves behind (workerd, esbuild) can be ended too.
    detached: true,
  })
  const closed = once(child, 'close')
  const exited = once(child, 'exit').then(async ([code]) => {
    killGroup(child)
    await closed
    return typeof code === 'number' ? code : 1
  })
  const ready = waitUntilReady(child, exited, `http://127.0.0.1:${options.port}/`)
  show(child, ready)
  return {
    ready,
    exited,
    kill: () => killGroup(child),
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => killGroup(child), STOP_TIMEOUT_MS)
      await exited
      clearTimeout(timer)
    },
  }
}

const quietSettings = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
}

/** Without empty variables: wrangler would give a var of that name an empty value. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''))
}

function wranglerScript(): string {
  return join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin', 'wrangler.js')
}

function argumentsOf({ port, bindings }: { port: number; bindings: WorkerBindings }): string[] {
  const vars = Object.entries(bindings).filter(([name]) => !isSecret(name))
  return [
    ...['dev', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'],
    ...['--show-interactive-dev-session=false', '--env-file', join(import.meta.dirname, 'wrangler.env')],
    ...vars.flatMap(([name, value]) => ['--var', `${name}:${value}`]),
  ]
}

/** Wrangler tells its parent when it listens; the Worker itself may take a moment longer. */
async function waitUntilReady(child: ChildProcess, exited: Promise<number>, url: string): Promise<void> {
  const told = Promise.withResolvers<void>()
  child.on('message', (message) => {
    if (String(message).includes('DEV_SERVER_READY')) told.resolve()
  })
  const answered = async () => {
    await told.promise
    const response = await fetch(url)
    await response.body?.cancel()
  }
  const ended = exited.then(() => {
    throw new Error('wrangler ended before the Worker answered: see its messages above')
  })
  const late = rejectAfter(
    READY_TIMEOUT_MS,
    'the Worker did not answer within a minute: see the messages above',
  )
  await Promise.race([answered(), ended, late])
}

function rejectAfter(timeoutMs: number, message: string): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  setTimeout(() => reject(new Error(message)), timeoutMs).unref()
  return promise
}

/** Shows errors at once, and standard output, which holds the Worker's log lines, from the moment the Worker is up. */
function show(child: ChildProcess, ready: Promise<void>): void {
  if (child.stdout === null || child.stderr === null) throw new Error('wrangler runs without its pipes')
  let before: string[] | undefined = []
  createInterface(child.stdout).on('line', (line) => {
    if (before !== undefined) before.push(line)
    else if (!NOISE.test(line)) console.log(line)
  })
  createInterface(child.stderr).on('line', (line) => {
    if (line.trim() !== '') console.error(line)
  })
  ready.then(
    () => {
      before = undefined
    },
    () => {
      for (const line of before ?? []) console.error(line)
    },
  )
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // No process of the group is left: what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
