// Runs one command line: finds the command, prints its answer or its error, and says which exit code it ends with.
import { CommanderError } from 'commander'
import { AdminError, EXIT_CODES } from './admin-error.ts'
import { createProgram } from './program.ts'
import { type Answer, openSession, type RunCommand } from './session.ts'
import type { Terminal } from './terminal.ts'

/**
 * Runs `argv` (without node and script). With `--json` exactly one document goes to `terminal.output`, an error too:
 * `{"error":{"code","message",…}}`; everything else goes to `terminal.messages`.
 * @returns the exit code, one of EXIT_CODES
 */
export async function runAdmin(argv: string[], terminal: Terminal): Promise<number> {
  const json = argv.includes('--json')
  try {
    const answer = await execute(argv, terminal)
    if (answer !== undefined) terminal.output.write(json ? toJson(answer.document) : `${answer.text}\n`)
    return EXIT_CODES[answer?.exit ?? 'ok']
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok
    const { reason, message, details } = toAdminError(error)
    terminal.messages.write(`Error: ${message}\n`)
    if (json) terminal.output.write(toJson({ error: { code: reason, message, ...details } }))
    return EXIT_CODES[reason]
  }
}

async function execute(argv: string[], terminal: Terminal): Promise<Answer | undefined> {
  let answer: Answer | undefined
  const run: RunCommand = async (command, action) => {
    const session = await openSession(terminal, command.optsWithGlobals())
    try {
      answer = await action(session)
    } finally {
      await session.close()
    }
  }
  await createProgram(run, terminal).parseAsync(argv, { from: 'user' })
  return answer
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
  // A bug. Its message may hold anything, so only its place is shown.
  const place =
    error instanceof Error ? /\((?:file:\/\/)?[^)]*?([\w-]+\.[tj]s:\d+)/.exec(error.stack ?? '') : null
  const name = error instanceof Error ? error.name : 'unknown'
  const where = place?.[1] === undefined ? '' : ` at ${place[1]}`
  return new AdminError(
    'failed',
    `A bug in this program (${name}${where}): please report it with the command you ran`,
  )
}
