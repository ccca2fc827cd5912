// Writes `.dev/demo.json`, by which tests and tools find the running stack and its keys.
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Demo } from './stack.ts'

/** Writes the file whole or not at all; it holds secrets, so only its owner may read it. */
export async function writeDemoFile(path: string, demo: Demo & { url: string }): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${process.pid}`
  await writeFile(unfinished, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 })
  await rename(unfinished, path)
}
