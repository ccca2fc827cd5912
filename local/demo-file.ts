// Writes and removes `.dev/demo.json`, and keeps two running instances from using one file.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join, relative } from 'node:path'
import { type DemoFile, demoSchema } from './demo-schema.ts'

/** Where `npm run dev` writes its demo, unless another instance has done so or `--demo-file` names another path. */
export const DEMO_FILE = join(import.meta.dirname, '..', '.dev', 'demo.json')

const CONNECT_TIMEOUT_MS = 1000

/** The demo file cannot be written. The message is one line: what is wrong, and what to do. */
class DemoFileError extends Error {
  override readonly name = 'DemoFileError'
}

/**
 * The file for an instance on `port`: the requested one, or the standard `.dev/demo.json`, or `.dev/demo-<port>.json` while another
 * instance uses that. Creates the folder. Throws DemoFileError if that is not possible.
 */
export async function chooseDemoFile(options: {
  port: number
  requested?: string | undefined
  standard?: string
}): Promise<string> {
  const { port, requested, standard = DEMO_FILE } = options
  const folder = dirname(requested ?? standard)
  await makeFolder(folder)
  if (requested !== undefined) return requested
  return (await isUsedByAnother(standard, port)) ? join(folder, `demo-${port}.json`) : standard
}

/** Writes the file completely or not at all. It holds secrets, so only its owner may read it. */
export async function writeDemoFile(path: string, demo: DemoFile): Promise<void> {
  const unfinished = `${path}.${process.pid}`
  await writeFile(unfinished, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 })
  await rename(unfinished, path)
}

/** Removes the file of an instance that ends, unless another instance has replaced it. */
export async function removeDemoFile(path: string, url: string): Promise<void> {
  if ((await parseDemoFile(path))?.url === url) await rm(path, { force: true })
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const reason = code === 'EEXIST' || code === 'ENOTDIR' ? 'is not a folder' : `cannot be created (${code})`
    throw new DemoFileError(
      `${relative(process.cwd(), folder)} ${reason}: remove what is there, or name another file with npm run dev -- --demo-file <path>`,
    )
  }
}

/** A file that cannot be read, or whose instance does not run any more, is free. So is the file of an earlier instance on this port. */
async function isUsedByAnother(path: string, port: number): Promise<boolean> {
  const demo = await parseDemoFile(path)
  if (demo === undefined || new URL(demo.url).port === String(port)) return false
  return isListening(demo.url)
}

/** Undefined if there is no such file, or if its contents are damaged. */
async function parseDemoFile(path: string): Promise<DemoFile | undefined> {
  try {
    return demoSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** Whether a server accepts connections at the host and port of the URL. */
async function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ host: hostname, port: Number(port), timeout: CONNECT_TIMEOUT_MS })
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  socket.once('timeout', () => resolve(false))
  const listening = await promise
  socket.destroy()
  return listening
}
