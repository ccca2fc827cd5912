// Builds the client: one module for all platforms, and its types, which name nothing of the server's dependencies.

import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')

/** Where the module and its types are written, from the root. */
export const CLIENT_FOLDER = 'dist/client'

/** Writes `client.js` and `client.d.ts` with what it imports. Fails where the types do not check. */
export async function buildClient(): Promise<void> {
  const folder = join(ROOT, CLIENT_FOLDER)
  await rm(folder, { recursive: true, force: true })
  await build({
    entryPoints: [join(ROOT, 'src/client.ts')],
    outfile: join(folder, 'client.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    logLevel: 'warning',
  })
  await run('tsc', ['-p', join(ROOT, 'tsconfig.client.json')], { cwd: ROOT })
}
