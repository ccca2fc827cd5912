// Builds the pages that the Worker serves as static assets: from site/, console/ and the API's schemas into public/.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { consoleFiles } from './site/console-files.ts'
import { siteFiles } from './site/site-files.ts'

const TARGET = join(import.meta.dirname, '..', 'public')

const files = new Map([...(await siteFiles()), ...(await consoleFiles())])

// Only files that differ are written, because a second `npm run dev` may be serving them.
await mkdir(TARGET, { recursive: true })
for (const [path, content] of files) await update(join(TARGET, path), Buffer.from(content))
for (const path of await filesIn(TARGET)) {
  if (!files.has(path)) await rm(join(TARGET, path), { force: true })
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}

async function update(path: string, content: Buffer): Promise<void> {
  // An unreadable file does not exist yet. Otherwise writing it reports the reason.
  const current = await readFile(path).catch(() => undefined)
  if (current?.equals(content)) return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}
