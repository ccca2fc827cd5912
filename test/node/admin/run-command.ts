// Runs one command line of the operator's program in this process, with streams and an environment of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runAdmin } from '../../../scripts/admin/run-admin.ts'

const ADMIN = join(import.meta.dirname, '..', '..', '..', 'scripts', 'admin.ts')

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
export async function spawnCommand(argv: string[], environment: NodeJS.ProcessEnv): Promise<CommandResult> {
  const child = spawn(process.execPath, [ADMIN, ...argv], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, messages, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, output, messages, json: () => JSON.parse(output) }
}
