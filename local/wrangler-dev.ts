// Runs `wrangler dev` as a child: starts it, prints what the Worker logs, and ends it with all of its own children.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { BINDINGS_VARIABLE, type WorkerBindings } from './worker-bindings.ts'

const PROJECT = join(import.meta.dirname, '..')
/** Wrangler's home directory: that of the user may not be writable. */
const HOME = join(PROJECT, '.wrangler', 'home')
const STOP_TIMEOUT_MS = 3000
const READY_TIMEOUT_MS = 60_000

/** Lines of wrangler that are of no use to a developer: one for each request, which the Worker logs too, and empty ones. */
const NOISE = /^\[wrangler:info\]|^⎔ Starting|^\s*$/

/** Wrangler looks for secrets in files and its environment only. Here they are vars, so none is missing. */
const SECRETS_WARNING = /Missing required secrets/

/** A running `wrangler dev`. */
export interface WranglerDev {
  /** Resolves when the Worker responds. Rejects when wrangler ends before. */
  readonly ready: Promise<void>
  /** Resolves to the exit code when it has ended and none of its children is left. */
  readonly exited: Promise<number>
  /** Ends it: with SIGTERM, after 3 s with SIGKILL. */
  stop(): Promise<void>
  /** Ends it and all of its own children at once. */
  kill(): void
}

/**
 * Starts the Worker on 127.0.0.1 with these bindings, none of which appears on a command line. When this process ends, killed
 * or not, wrangler and its children end too.
 */
export function startWranglerDev(options: { port: number; bindings: WorkerBindings }): WranglerDev {
  const child = spawn(process.execPath, [...nodeOptions(), wranglerScript(), ...argumentsOf(options.port)], {
    cwd: PROJECT,
    env: {
      ...inheritedEnvironment(),
      ...quietSettings,
      HOME,
      XDG_CONFIG_HOME: join(HOME, '.config'),
      [BINDINGS_VARIABLE]: JSON.stringify(options.bindings),
    },
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

/** Without empty variables: wrangler would set a var of that name to an empty value. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''))
}

function nodeOptions(): string[] {
  return ['--no-warnings', '--import', new URL('./wrangler-preload.ts', import.meta.url).href]
}

/** Wrangler's program itself: its command would start that in one more process, with all arguments on the command line. */
function wranglerScript(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('wrangler/package.json'))
  return join(folder, 'wrangler-dist', 'cli.js')
}

function argumentsOf(port: number): string[] {
  return [
    ...['dev', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'],
    ...['--show-interactive-dev-session=false', '--env-file', join(import.meta.dirname, 'wrangler.env')],
  ]
}

/** Wrangler sends its parent a message when it listens. The Worker itself may take a moment longer. */
async function waitUntilReady(child: ChildProcess, exited: Promise<number>, url: string): Promise<void> {
  const listening = Promise.withResolvers<void>()
  child.on('message', (message) => {
    if (String(message).includes('DEV_SERVER_READY')) listening.resolve()
  })
  const responded = async () => {
    await listening.promise
    const response = await fetch(url)
    await response.body?.cancel()
  }
  const ended = exited.then(() => {
    throw new Error('wrangler ended before the Worker responded: see its messages above')
  })
  const late = rejectAfter(
    READY_TIMEOUT_MS,
    'the Worker did not respond within a minute: see the messages above',
  )
  await Promise.race([responded(), ended, late])
}

function rejectAfter(timeoutMs: number, message: string): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  setTimeout(() => reject(new Error(message)), timeoutMs).unref()
  return promise
}

/** Prints errors at once, and standard output, which has the Worker's log lines, when the Worker is ready. */
function show(child: ChildProcess, ready: Promise<void>): void {
  if (child.stdout === null || child.stderr === null) throw new Error('wrangler was started without pipes')
  let before: string[] | undefined = []
  createInterface(child.stdout).on('line', (line) => {
    if (before !== undefined) before.push(line)
    else if (!NOISE.test(line)) console.log(line)
  })
  createInterface(child.stderr).on('line', (line) => {
    if (line.trim() !== '' && !SECRETS_WARNING.test(line)) console.error(line)
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
    // ESRCH: no process of the group is left.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
