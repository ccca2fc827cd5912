// Builds the client and runs one of the examples with it: `npm run example -- dashboard 7d`.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildClient } from './client/build-client.ts'

const FOLDER = join(import.meta.dirname, '..', 'examples')
/** The line of a file's opening comment that shows how to run it. */
const USAGE = /^\/\/ {3}(npm run example -- .+)$/m

const usages = new Map<string, string>()
for (const file of readdirSync(FOLDER)) {
  const usage = USAGE.exec(readFileSync(join(FOLDER, file), 'utf8'))?.[1]
  if (usage) usages.set(file.replace(/\.ts$/, ''), usage)
}

const [name = '', ...parameters] = process.argv.slice(2)
if (usages.has(name)) {
  await buildClient()
  const run = spawnSync(process.execPath, [join(FOLDER, `${name}.ts`), ...parameters], { stdio: 'inherit' })
  process.exitCode = run.status ?? 1
} else {
  const wantsHelp = ['--help', '-h'].includes(name)
  const text = ['Run one of the examples:', ...usages.values()].join('\n  ')
  if (wantsHelp) console.log(text)
  else console.error(name ? `There is no example named ${JSON.stringify(name)}. ${text}` : text)
  process.exitCode = wantsHelp ? 0 : 1
}
