// Builds the pages that the Worker serves as static assets, from site/ and the contract into public/.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { openApiText } from './generated-files.ts'
import { errorPage } from './site/error-page.ts'
import { scalarScript } from './site/scalar-script.ts'

const ROOT = join(import.meta.dirname, '..')
const SOURCE = join(ROOT, 'site')
const TARGET = join(ROOT, 'public')

const files = new Map([
  ['openapi.json', openApiText()],
  ['docs/errors.html', await errorPage()],
  ['assets/scalar.js', await scalarScript()],
])
for (const path of await filesIn(SOURCE)) files.set(path, await readFile(join(SOURCE, path), 'utf8'))

// Only what differs is touched: a second `npm run dev` may be serving these files.
await mkdir(TARGET, { recursive: true })
for (const [path, text] of files) await update(join(TARGET, path), text)
for (const path of await filesIn(TARGET)) if (!files.has(path)) await rm(join(TARGET, path), { force: true })

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}

async function update(path: string, text: string): Promise<void> {
  // Where it cannot be read it is not there yet, or the writing says why.
  const current = await readFile(path, 'utf8').catch(() => undefined)
  if (current === text) return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
