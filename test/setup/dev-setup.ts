// Runs `npm run dev` once for all tests that use the product as its users do, and installs the packed client in a project.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestProject } from 'vitest/node'
import { installPackedClient } from './packed-client.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** The running product, the demo it has seeded, and a folder in which the client is installed. */
export interface ProvidedDev {
  url: string
  organizations: {
    id: string
    domain: string
    apiKey: string
    jobs: { id: string; path: string; title: string }[]
  }[]
  stores: { databaseUrl: string; neonEndpoint: string; plausibleUrl: string }
  clientProject: string
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
  const [stop] = await Promise.all([startDev(await freePort(), demoFile), installPackedClient(clientProject)])
  const demo: Omit<ProvidedDev, 'clientProject'> = JSON.parse(await readFile(demoFile, 'utf8'))
  project.provide('dev', { ...demo, clientProject })
  return async () => {
    await stop()
    await rm(folder, { recursive: true })
  }
}

/** Starts it; resolves once it says that it is ready, to what ends it. */
async function startDev(port: number, demoFile: string): Promise<() => Promise<void>> {
  const script = join(ROOT, 'local', 'main.ts')
  const child = spawn(process.execPath, [script, '--port', String(port), '--demo-file', demoFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const ready = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('Ready')) resolve()
    })
  })
  const early = exited.then(() =>
    Promise.reject(new Error(`npm run dev ended before it was ready:\n${said}`)),
  )
  await Promise.race([ready, early])
  return async () => {
    early.catch(() => {})
    child.kill('SIGTERM')
    await exited
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}
