// Builds the client and runs one of examples/ with it: `npm run example -- dashboard 7d`.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildClient } from './client/build-client.ts'

const FOLDER = join(import.meta.dirname, '..', 'examples')
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts') && file !== 'connection.ts')
  .map((file) => file.replace('.ts', ''))

const [name = '', ...parameters] = process.argv.slice(2)
if (names.includes(name)) {
  await buildClient()
  const run = spawnSync(process.execPath, [join(FOLDER, `${name}.ts`), ...parameters], { stdio: 'inherit' })
  process.exitCode = run.status ?? 1
} else {
  console.error(`Name one of the examples: ${names.join(', ')}`)
  process.exitCode = 1
}
