// The streams a command talks through, so that tests can give it others than the process's own.
import type { Readable, Writable } from 'node:stream'

export interface Terminal {
  input: Readable
  /** The answer: a table, or one JSON document. */
  output: Writable
  /** Everything else: errors, notes, questions, the progress bar. */
  messages: Writable
  environment: NodeJS.ProcessEnv
  /** Whether a person is there to see a progress bar and to answer a question. */
  isInteractive: boolean
  /** Aborted when the person asks the command to end (Ctrl-C). Who never reads it is ended at once. */
  interrupted: AbortSignal
}

/** The process's own streams. */
export function processTerminal(): Terminal {
  // Whoever reads the answer may have had enough of it.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  let interrupt: AbortController | undefined
  return {
    input: process.stdin,
    output: process.stdout,
    messages: process.stderr,
    environment: process.env,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    get interrupted() {
      interrupt ??= abortOnSignals()
      return interrupt.signal
    },
  }
}

/** The first signal asks the command to end in good order, the second one ends it. */
function abortOnSignals(): AbortController {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller
}
