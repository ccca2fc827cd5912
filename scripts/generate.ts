// Writes the files that are generated from the contract and kept in the repository: `npm run generate`.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { generatedFiles } from './generated-files.ts'

await new Command('npm run generate --')
  .description('Write the files that are generated from the contract, such as openapi.json.')
  .allowExcessArguments(false)
  .action(generate)
  .parseAsync()

async function generate(): Promise<void> {
  for (const [path, text] of Object.entries(await generatedFiles())) {
    await writeFile(join(import.meta.dirname, '..', path), text)
    console.log(`Wrote ${path}`)
  }
}
