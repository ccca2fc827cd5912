// Runs command lines of the operator's scripts, in this process or in one of their own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runAdmin } from '../../../scripts/admin/run-admin.ts'

const SCRIPTS = join(import.meta.dirname, '..', '..', '..', 'scripts')

/** What a command printed and its exit code. */
export interface CommandResult {
  code: number
  output: string
  messages: string
  /** Returns the one document that `--json` prints. */
  json(): Record<string, unknown>
}

/** What a command runs with. */
export interface CommandOptions {
  environment: NodeJS.ProcessEnv
  input?: string | Buffer
  interrupted?: AbortSignal
  /** The width of the terminal; a pipe when it is absent. */
  columns?: number
}

/** Runs a command of `admin` in this process. */
export async function runCommand(argv: string[], options: CommandOptions): Promise<CommandResult> {
  const streams = { output: new PassThrough(), messages: new PassThrough() }
  const read = Promise.all([text(streams.output), text(streams.messages)])
  const code = await runAdmin(argv, {
    ...streams,
    input: Readable.from([Buffer.from(options.input ?? '')]),
    environment: options.environment,
    columns: options.columns,
    isInteractive: false,
    interrupted: options.interrupted ?? new AbortController().signal,
  })
  streams.output.end()
  streams.messages.end()
  const [output, messages] = await read
  return { code, output, messages, json: () => JSON.parse(output) }
}

/** Runs a command of `admin` in a process of its own, as a person does. */
export function spawnCommand(
  argv: string[],
  environment: NodeJS.ProcessEnv,
  input = '',
): Promise<CommandResult> {
  return spawnScript('admin.ts', argv, environment, input)
}

/** Runs `npm run smoke -- …argv`. */
export function spawnSmoke(argv: string[], environment: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  return spawnScript('smoke.ts', argv, environment, '')
}

/** Runs `npm run generate -- …argv`. */
export function spawnGenerate(argv: string[]): Promise<CommandResult> {
  return spawnScript('generate.ts', argv, {}, '')
}

async function spawnScript(
  script: string,
  argv: string[],
  environment: NodeJS.ProcessEnv,
  input: string,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [join(SCRIPTS, script), ...argv], {
    env: { PATH: process.env['PATH'], ...environment },
  })
  child.stdin.end(input)
  const [output, messages, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, output, messages, json: () => JSON.parse(output) }
}
