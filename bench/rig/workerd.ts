// Runs one bundle under `workerd serve`, as production would, on a free port of 127.0.0.1.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import * as z from 'zod/mini'
import { keepTrackOf } from './children.ts'
import { workerdConfig } from './workerd-config.ts'

const START_TIMEOUT_MS = 20_000

/** A bundle that runs. */
export interface RunningWorker {
  url: string
  /** workerd's, for reading its CPU time. */
  pid: number
  stop(): Promise<void>
}

export interface WorkerToRun {
  /** A directory for the configuration, the bundle's copy and nothing else. */
  directory: string
  /** The bundle's path. */
  bundle: string
  bindings: Record<string, string>
  compatibilityDate: string
}

/** Starts workerd and waits until it listens. Rejects with workerd's own words where it ends before. */
export async function startWorkerd({
  directory,
  bundle,
  bindings,
  compatibilityDate,
}: WorkerToRun): Promise<RunningWorker> {
  await mkdir(directory, { recursive: true })
  await copyFile(bundle, join(directory, 'index.js'))
  await copyFile(
    join(import.meta.dirname, '../workers/floor-binding.js'),
    join(directory, 'floor-binding.js'),
  )
  const config = join(directory, 'config.capnp')
  await writeFile(config, workerdConfig({ bindings, compatibilityDate }), {
    mode: 0o600,
  })

  const child = spawn(findWorkerd(), ['serve', '--control-fd=3', config], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  keepTrackOf(child)
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2_000)
  })
  const exited = once(child, 'exit')
  const control = child.stdio[3]
  if (!(control && 'read' in control) || child.pid === undefined)
    throw new Error('workerd did not start: run npm ci')
  const ended = exited.then(() =>
    Promise.reject(new Error(`workerd ended: ${words.trim() || 'without a word'}`)),
  )
  const { port } = await Promise.race([listening(control), ended, timeout()])
  ended.catch(() => {})
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** The program itself: the package's own launcher would be a process between us. */
function findWorkerd(): string {
  const ofWrangler = createRequire(createRequire(import.meta.url).resolve('wrangler'))
  return z.object({ default: z.string() }).parse(ofWrangler('workerd')).default
}

const listenEvent = z.object({ event: z.literal('listen'), socket: z.string(), port: z.number() })

async function listening(control: Readable): Promise<{ port: number }> {
  const [line] = await once(control.setEncoding('utf8'), 'data')
  return listenEvent.parse(JSON.parse(line))
}

async function timeout(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, START_TIMEOUT_MS).unref())
  throw new Error(`workerd did not listen within ${START_TIMEOUT_MS / 1_000} s`)
}
