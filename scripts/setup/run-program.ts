// Runs a program that takes options and ends with an exit code of `npm run admin`.
import { CommanderError } from '@commander-js/extra-typings'
import { AdminError, EXIT_CODES } from '../admin/admin-error.ts'
import { processTerminal, type Terminal } from '../admin/terminal.ts'
import { describeUnexpected } from '../admin/unexpected-error.ts'

/** Runs the program on this process's terminal. Writes what went wrong there, and resolves to the exit code. Never rejects. */
export async function runProgram(program: (terminal: Terminal) => Promise<void>): Promise<number> {
  const terminal = processTerminal()
  try {
    await program(terminal)
    return EXIT_CODES.ok
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage
    const isKnown = error instanceof AdminError
    const message = isKnown
      ? error.message
      : `A bug in this program (${describeUnexpected(error)}): please report it`
    terminal.messages.write(`Error: ${message}\n`)
    return EXIT_CODES[isKnown ? error.reason : 'failed']
  }
}
