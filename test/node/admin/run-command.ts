// Runs one command line of the operator's program in this process, with streams and an environment of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runAdmin } from '../../../scripts/admin/run-admin.ts'

const SCRIPTS = join(import.meta.dirname, '..', '..', '..', 'scripts')

export interface CommandResult {
  code: number
  output: string
  messages: string
  /** The one document `--json` prints. */
  json(): Record<string, unknown>
}

export interface CommandOptions {
  environment: NodeJS.ProcessEnv
  input?: string | Buffer
  interrupted?: AbortSignal
}

export async function runCommand(argv: string[], options: CommandOptions): Promise<CommandResult> {
  const streams = { output: new PassThrough(), messages: new PassThrough() }
  const read = Promise.all([text(streams.output), text(streams.messages)])
  const code = await runAdmin(argv, {
    ...streams,
    input: Readable.from([Buffer.from(options.input ?? '')]),
    environment: options.environment,
    isInteractive: false,
    interrupted: options.interrupted ?? new AbortController().signal,
  })
  streams.output.end()
  streams.messages.end()
  const [output, messages] = await read
  return { code, output, messages, json: () => JSON.parse(output) }
}

/** The same in a process of its own, as a person runs it. */
export function spawnCommand(
  argv: string[],
  environment: NodeJS.ProcessEnv,
  input = '',
): Promise<CommandResult> {
  return spawnScript('admin.ts', argv, environment, input)
}

/** `npm run smoke -- …argv`. */
export function spawnSmoke(argv: string[]): Promise<CommandResult> {
  return spawnScript('smoke.ts', argv, {}, '')
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
