// The stand-in for Plausible in a process of its own, watched: SQLite runs native code, which a thread could not interrupt.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { StatsApi } from './plausible/stand-in.ts'
import type { PlausibleChildMessage, PlausibleStart } from './plausible-child.ts'

const CHILD = new URL('./plausible-child.ts', import.meta.url)
const PING_MS = 1000
/** Longer than it takes to load a large file of visits. */
const UNRESPONSIVE_MS = 30_000

/** A running stand-in; `url` has no trailing slash and stays the same when the process is replaced. */
export interface PlausibleProcess {
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts the stand-in on a free port, with both statistics APIs unless told otherwise, and with the demo's sites and visits if `demoTime` (epoch ms) is given. Rejects if it does not
 * start. If it does not respond for 30 s (`unresponsiveMs`), or ends, it is started again as it was at first, and `onRestart`
 * is called: visits that it received since then are gone.
 */
export async function startPlausibleProcess(options: {
  apiKey: string
  statsApis?: readonly StatsApi[]
  demoTime: number | undefined
  unresponsiveMs?: number
  onRestart: () => void
}): Promise<PlausibleProcess> {
  const { apiKey, demoTime, unresponsiveMs = UNRESPONSIVE_MS, onRestart } = options
  const { statsApis = ['v1', 'v2'] } = options
  let closed = false
  let lastPong = Date.now()
  let { child, url } = await startChild({ apiKey, statsApis, demoTime, port: 0 })
  watch()
  const timer = setInterval(() => {
    if (Date.now() - lastPong > unresponsiveMs) child.kill('SIGKILL')
    else if (child.connected) child.send('ping')
  }, PING_MS)
  timer.unref()

  function watch(): void {
    lastPong = Date.now()
    child.on('message', () => {
      lastPong = Date.now()
    })
    child.once('exit', () => void restart())
    // A child that ends while a ping is on its way: its exit says the same.
    child.on('error', () => {})
  }

  async function restart(): Promise<void> {
    if (closed) return
    lastPong = Number.POSITIVE_INFINITY
    try {
      const started = await startChild({ apiKey, statsApis, demoTime, port: Number(new URL(url).port) })
      child = started.child
      if (closed) child.kill('SIGKILL')
      else {
        watch()
        onRestart()
      }
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
    }
  }

  return {
    url,
    close: async () => {
      closed = true
      clearInterval(timer)
      await end(child)
    },
  }
}

async function startChild(start: PlausibleStart): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  // Not on the command line: the key is a secret.
  child.send(start)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.once('message', (message: PlausibleChildMessage) => {
    if (typeof message === 'object') resolve(message.url)
  })
  child.once('error', reject)
  child.once('exit', () => reject(new Error('the stand-in for Plausible ended: see its messages above')))
  return { child, url: await promise }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
