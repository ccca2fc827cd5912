// Writes what is made from the contract and kept in the repository: `npm run generate`.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generatedFiles } from './generated-files.ts'

for (const [path, text] of Object.entries(await generatedFiles())) {
  await writeFile(join(import.meta.dirname, '..', path), text)
  console.log(`Wrote ${path}`)
}
