// The streams that a command reads and writes, so that tests can replace the process's own.
import type { Readable, Writable } from 'node:stream'

/** What a command reads from and writes to, and the signal that interrupts it. */
export interface Terminal {
  input: Readable
  /** The result: a table, or one JSON document. */
  output: Writable
  /** Everything else: errors, notes, questions and the progress bar. */
  messages: Writable
  environment: NodeJS.ProcessEnv
  /** The width of the terminal that `output` is; undefined when it is a file or a pipe. */
  columns: number | undefined
  /** Whether a person can see a progress bar and answer a question. */
  isInteractive: boolean
  /** Aborted by Ctrl-C. A command that never reads it ends at once. */
  interrupted: AbortSignal
}

/** Returns the process's own streams. */
export function processTerminal(): Terminal {
  // The reader of the output may have closed it, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  let interrupt: AbortController | undefined
  return {
    input: process.stdin,
    output: process.stdout,
    messages: process.stderr,
    environment: process.env,
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    get interrupted() {
      interrupt ??= abortOnSignals()
      return interrupt.signal
    },
  }
}

/** The first signal lets the command end in good order, the second one ends it at once. */
function abortOnSignals(): AbortController {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller
}
