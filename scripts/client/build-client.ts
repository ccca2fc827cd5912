// Builds the client's package: readable JavaScript as ES modules and CommonJS, source maps, and types for each.

import { execFile } from 'node:child_process'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')
const PACKAGE = join(ROOT, 'packages', 'client')
const DIST = join(PACKAGE, 'dist')
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')

/** Writes `packages/client/dist`. Fails if the types do not check. */
export async function buildClient(): Promise<void> {
  await rm(DIST, { recursive: true, force: true })
  await run(process.execPath, [TSC, '-p', PACKAGE])
  await cp(join(DIST, 'esm'), join(DIST, 'cjs'), { recursive: true })
  const bundled = new Set<string>()
  for (const format of ['esm', 'cjs'] as const) {
    const { metafile } = await build({
      entryPoints: [join(PACKAGE, 'src', 'index.ts')],
      outfile: join(DIST, format, 'index.js'),
      format,
      bundle: true,
      sourcemap: true,
      metafile: true,
      platform: 'neutral',
      mainFields: ['module', 'main'],
      target: 'es2022',
      logLevel: 'warning',
    })
    for (const path of Object.keys(metafile.inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]
      if (name) bundled.add(name)
    }
  }
  // Everything else in the package is an ES module.
  await writeFile(join(DIST, 'cjs', 'package.json'), '{ "type": "commonjs", "sideEffects": false }\n')
  await writeFile(join(DIST, 'THIRD-PARTY-LICENSES.txt'), await licensesOf([...bundled].sort()))
}

/** The license texts of packages. Their licenses require that the texts go with the code. */
async function licensesOf(names: readonly string[]): Promise<string> {
  const texts = names.map(async (name) => {
    const folder = join(ROOT, 'node_modules', name)
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
    if (!file) throw new Error(`${name} is part of the client but has no license file: do not bundle it.`)
    return `${name}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`
  })
  return (await Promise.all(texts)).join('\n---\n\n')
}
