// Every command of package.json that is a script of this project tells what it does and takes.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
)
const commands = Object.entries(scripts).filter(([, command]) => command.startsWith('node '))

describe.concurrent('npm run', () => {
  it.each(commands)('%s -- --help: tells how to use it, and does nothing', async (name, command) => {
    const argv = command.split(' ').slice(1)
    const { stdout } = await promisify(execFile)(process.execPath, [...argv, '--help'], { cwd: ROOT })
    expect(stdout).toMatch(/^(Usage: |Run one of)/)
    expect(stdout).toContain(`npm run ${name} --`)
  })
})
