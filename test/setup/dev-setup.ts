// Runs `npm run dev` once for all tests that use the product as its users do, and installs the packed client in a project.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestProject } from 'vitest/node'
import { type DemoFile, demoSchema } from '../../local/demo-schema.ts'
import { freePort } from '../../local/free-port.ts'
import { installPackedClient } from './packed-client.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** The contents of the running product's demo file, and a folder in which the client is installed. */
export interface ProvidedDev extends DemoFile {
  clientProject: string
  /** The printed link that signs in to the console of the first organization. */
  consoleLink: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    dev: ProvidedDev
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'job-analytics-dev-'))
  const demoFile = join(folder, 'demo.json')
  const clientProject = join(folder, 'client-project')
  const [{ stop, consoleLink }] = await Promise.all([
    startDev(await freePort(), demoFile),
    installPackedClient(clientProject),
  ])
  const demo = demoSchema.parse(JSON.parse(await readFile(demoFile, 'utf8')))
  project.provide('dev', { ...demo, clientProject, consoleLink })
  return async () => {
    await stop()
    await rm(folder, { recursive: true })
  }
}

/** Starts it. Resolves when it is ready, to the link that it prints and a function that ends it. */
async function startDev(
  port: number,
  demoFile: string,
): Promise<{ consoleLink: string; stop: () => Promise<void> }> {
  const script = join(ROOT, 'local', 'main.ts')
  const child = spawn(process.execPath, [script, '--port', String(port), '--demo-file', demoFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += text
  })
  const ready = new Promise<string>((resolve) => {
    // The line of the console is the last one.
    createInterface(child.stdout).on('line', (line) => {
      const [name, link] = line.split(' ')
      if (name === 'Console' && link !== undefined) resolve(link)
    })
  })
  const early = exited.then(() =>
    Promise.reject(new Error(`npm run dev ended before it was ready:\n${errors}`)),
  )
  const consoleLink = await Promise.race([ready, early])
  const stop = async () => {
    early.catch(() => {})
    child.kill('SIGTERM')
    await exited
  }
  return { consoleLink, stop }
}
