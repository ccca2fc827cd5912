// Builds the pages that the Worker serves as static assets, from site/ and the contract into public/: `npm run build:site`.

import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openApiText } from './generated-files.ts'
import { errorPage } from './site/error-page.ts'
import { scalarScript } from './site/scalar-script.ts'

const ROOT = join(import.meta.dirname, '..')
const TARGET = join(ROOT, 'public')

const files: Record<string, string> = {
  'openapi.json': openApiText(),
  'docs/errors.html': await errorPage(),
  'assets/scalar.js': await scalarScript(),
}

await rm(TARGET, { recursive: true, force: true })
await cp(join(ROOT, 'site'), TARGET, { recursive: true })
for (const [path, text] of Object.entries(files)) {
  const target = join(TARGET, path)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, text)
}
