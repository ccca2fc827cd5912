// A copy of the project whose wrangler.toml a test may change.
import { spawn } from 'node:child_process'
import { cp, mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const KILL_WHEN_PRINTED = new URL('./kill-when-printed.ts', import.meta.url).href
const PARTS = ['package.json', 'wrangler.toml', 'tsconfig.json', 'tsconfig.base.json', 'openapi.json']
const FOLDERS = ['console', 'local', 'migrations', 'packages', 'scripts', 'site', 'src']

/** What a script printed and its exit code; null when it was killed. */
export interface ScriptResult {
  code: number | null
  output: string
  messages: string
}

/** Copies the project to `folder`, its packages linked. */
export async function copyProject(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const part of [...PARTS, ...FOLDERS])
    await cp(join(ROOT, part), join(folder, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
}

/** Runs a script of the copy. It is killed the moment it has printed `killAt`. */
export async function runScript(
  folder: string,
  argv: string[],
  environment: NodeJS.ProcessEnv,
  killAt?: string,
): Promise<ScriptResult> {
  const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`
  const killing = killAt === undefined ? [] : ['--import', KILL_WHEN_PRINTED]
  const child = spawn(process.execPath, ['--no-warnings', ...killing, ...argv], {
    cwd: folder,
    env: {
      ...{ PATH, HOME: folder, CI: 'true', WRANGLER_SEND_METRICS: 'false' },
      ...environment,
      KILL_WHEN_PRINTED: killAt,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [output, messages, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, output, messages }
}
