// Runs one bundle under `workerd serve`, as production would, on a free port of 127.0.0.1.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import * as z from 'zod/mini'
import { keepTrackOfProgram } from './processes.ts'
import { workerdConfig } from './workerd-config.ts'

const START_TIMEOUT_MS = 20_000
const RATE_LIMIT_STAND_IN = 'rate-limit-stand-in.js'

/** A bundle that runs. */
export interface RunningWorker {
  url: string
  /** Where V8's inspector of the Worker listens, if `isInspected`. */
  inspectorUrl: string | undefined
  /** The process ID of workerd, for reading its CPU time. */
  pid: number
  stop(): Promise<void>
}

/** What to run. */
export interface WorkerToRun {
  /** A directory for the configuration and a copy of the bundle, and nothing else. */
  directory: string
  /** The bundle's path. */
  bundle: string
  bindings: Record<string, string>
  compatibilityDate: string
  /** Whether V8's inspector listens. It slows the Worker down. */
  isInspected?: boolean
  /** The module that replaces the `ratelimits` binding; without it, one that lets every request pass. */
  rateLimitModule?: string
}

/** Starts workerd and waits until it listens. Rejects with the output of workerd if it ends before. */
export async function startWorkerd({
  directory,
  bundle,
  bindings,
  compatibilityDate,
  isInspected = false,
  rateLimitModule = join(import.meta.dirname, RATE_LIMIT_STAND_IN),
}: WorkerToRun): Promise<RunningWorker> {
  await mkdir(directory, { recursive: true })
  await copyFile(bundle, join(directory, 'index.js'))
  await copyFile(rateLimitModule, join(directory, RATE_LIMIT_STAND_IN))
  const config = join(directory, 'config.capnp')
  await writeFile(config, workerdConfig({ bindings, compatibilityDate }), {
    mode: 0o600,
  })

  const child = spawn(
    findWorkerd(),
    ['serve', '--control-fd=3', ...(isInspected ? ['--inspector-addr=127.0.0.1:0'] : []), config],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    },
  )
  keepTrackOfProgram(child)
  let output = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-2_000)
  })
  const exited = once(child, 'exit')
  const control = child.stdio[3]
  if (!(control && 'read' in control) || child.pid === undefined)
    throw new Error('workerd did not start: run npm ci')
  const ended = exited.then(() =>
    Promise.reject(new Error(`workerd ended: ${output.trim() || 'without output'}`)),
  )
  const { port, inspectorPort } = await Promise.race([listening(control, isInspected), ended, timeout()])
  ended.catch(() => {})
  return {
    url: `http://127.0.0.1:${port}`,
    inspectorUrl: inspectorPort === undefined ? undefined : `ws://127.0.0.1:${inspectorPort}/main`,
    pid: child.pid,
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** The program itself, not the launcher of the package, which starts it as another process. */
function findWorkerd(): string {
  const ofWrangler = createRequire(createRequire(import.meta.url).resolve('wrangler'))
  return z.object({ default: z.string() }).parse(ofWrangler('workerd')).default
}

const controlEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('listen'), port: z.number() }),
  z.object({ event: z.literal('listen-inspector'), port: z.number() }),
])

/** Reads workerd's control messages, one a line, until all ports are known. */
async function listening(
  control: Readable,
  isInspected: boolean,
): Promise<{ port: number; inspectorPort: number | undefined }> {
  let port: number | undefined
  let inspectorPort: number | undefined
  for await (const line of createInterface({ input: control })) {
    const message = controlEvent.parse(JSON.parse(line))
    if (message.event === 'listen') port = message.port
    else inspectorPort = message.port
    if (port !== undefined && (inspectorPort !== undefined || !isInspected)) return { port, inspectorPort }
  }
  throw new Error('workerd closed its control messages early')
}

async function timeout(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, START_TIMEOUT_MS).unref())
  throw new Error(`workerd did not listen within ${START_TIMEOUT_MS / 1_000} s`)
}
