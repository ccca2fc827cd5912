// Runs one command line: finds the command, prints its result or its error, and returns the exit code.
import { CommanderError } from 'commander'
import { AdminError, EXIT_CODES } from './admin-error.ts'
import { createProgram } from './program.ts'
import { type CommandResult, openSession, type RunCommand } from './session.ts'
import type { Terminal } from './terminal.ts'
import { describeUnexpected } from './unexpected-error.ts'

/**
 * Runs `argv` (without node and script). With `--json` exactly one document goes to `terminal.output`, also for an error:
 * `{"error":{"code","message",…}}`; everything else goes to `terminal.messages`. A rejection of `crash` (an error that
 * no code has caught) ends the run like an error of the command.
 * @returns the exit code, one of EXIT_CODES
 */
export async function runAdmin(
  argv: string[],
  terminal: Terminal,
  crash: Promise<never> = new Promise(() => {}),
): Promise<number> {
  const json = argv.includes('--json')
  try {
    const result = await Promise.race([execute(argv, terminal), crash])
    if (result !== undefined) terminal.output.write(json ? toJson(result.document) : `${result.text}\n`)
    return EXIT_CODES[result?.exit ?? 'ok']
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok
    const { reason, message, details } = toAdminError(error)
    terminal.messages.write(`Error: ${message}\n`)
    if (json) terminal.output.write(toJson({ error: { code: reason, message, ...details } }))
    return EXIT_CODES[reason]
  }
}

async function execute(argv: string[], terminal: Terminal): Promise<CommandResult | undefined> {
  let result: CommandResult | undefined
  const run: RunCommand = async (command, action) => {
    const session = await openSession(terminal, command.optsWithGlobals())
    try {
      result = await action(session)
    } finally {
      await session.close()
    }
  }
  await createProgram(run, terminal).parseAsync(argv, { from: 'user' })
  return result
}

function toJson(document: Record<string, unknown>): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

function toAdminError(error: unknown): AdminError {
  if (error instanceof AdminError) return error
  if (error instanceof CommanderError) {
    const [first = ''] = error.message.replace(/^error: /, '').split('\n')
    const what = error.code === 'commander.help' ? 'a command is missing' : first.replace(/\.$/, '')
    return new AdminError('usage', `${what}: see npm run admin -- --help`)
  }
  return new AdminError(
    'failed',
    `A bug in this program (${describeUnexpected(error)}): please report it with the command you ran`,
  )
}
