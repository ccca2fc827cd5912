// The demo file: which one an instance writes, and that it leaves the file of another instance alone.

import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chooseDemoFile, removeDemoFile, writeDemoFile } from '../../local/demo-file.ts'
import type { DemoFile } from '../../local/demo-schema.ts'
import { freePort } from '../../local/free-port.ts'

let folder: string
let standard: string
/** Stands for an instance that runs. */
let running: Server
let runningUrl: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-file-'))
  standard = join(folder, '.dev', 'demo.json')
  running = createServer().listen(0, '127.0.0.1')
  await once(running, 'listening')
  const address = running.address()
  runningUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
afterEach(async () => {
  running.close()
  await rm(folder, { recursive: true })
})

function demoAt(url: string): DemoFile {
  const stores = {
    databaseUrl: 'postgres://owner:secret@127.0.0.1/db',
    neonEndpoint: `${url}/sql`,
    redisUrl: url,
    redisToken: 'token',
    plausibleUrl: url,
  }
  return {
    url,
    organizations: [],
    stores,
    secrets: { apiKeySecret: 'secret', plausibleApiKey: 'key', consoleSecret: 'secret' },
  }
}

async function write(demo: DemoFile): Promise<void> {
  await mkdir(join(folder, '.dev'), { recursive: true })
  await writeDemoFile(standard, demo)
}

describe('chooseDemoFile', () => {
  it('creates the folder and returns the standard file for the first instance', async () => {
    expect(await chooseDemoFile({ port: 1, standard })).toBe(standard)
    expect((await stat(join(folder, '.dev'))).isDirectory()).toBe(true)
  })

  it('returns a file of its own for a second instance while the first one runs', async () => {
    await write(demoAt(runningUrl))
    expect(await chooseDemoFile({ port: 1, standard })).toBe(join(folder, '.dev', 'demo-1.json'))
  })

  it('returns the standard file when the instance that wrote it was killed', async () => {
    await write(demoAt(`http://127.0.0.1:${await freePort()}`))
    expect(await chooseDemoFile({ port: 1, standard })).toBe(standard)
  })

  it('returns the standard file to the next instance on the same port', async () => {
    await write(demoAt(runningUrl))
    expect(await chooseDemoFile({ port: Number(new URL(runningUrl).port), standard })).toBe(standard)
  })

  it('returns the standard file when its contents are damaged', async () => {
    await write(demoAt(runningUrl))
    await writeFile(standard, '{"url":')
    expect(await chooseDemoFile({ port: 1, standard })).toBe(standard)
  })

  it('returns the requested file', async () => {
    const requested = join(folder, 'elsewhere', 'mine.json')
    expect(await chooseDemoFile({ port: 1, requested, standard })).toBe(requested)
  })

  it('says what to do when the folder is a file', async () => {
    await writeFile(join(folder, '.dev'), '')
    await expect(chooseDemoFile({ port: 1, standard })).rejects.toThrow(
      /\.dev is not a folder: remove .*--demo-file/,
    )
  })
})

describe('writeDemoFile', () => {
  it('writes a file that only its owner can read', async () => {
    await write(demoAt(runningUrl))
    expect(JSON.parse(await readFile(standard, 'utf8'))).toEqual(demoAt(runningUrl))
    expect((await stat(standard)).mode & 0o777).toBe(0o600)
  })
})

describe('removeDemoFile', () => {
  it('removes the file of the instance that ends, and no file of another one', async () => {
    await write(demoAt(runningUrl))
    await removeDemoFile(standard, 'http://127.0.0.1:1')
    expect(await readFile(standard, 'utf8')).toContain(runningUrl)
    await removeDemoFile(standard, runningUrl)
    await expect(stat(standard)).rejects.toThrow('ENOENT')
  })
})
