// What a command works with: the settings, the database once it asks for it, and a person to ask.
import confirm from '@inquirer/confirm'
import { AdminError, type ExitReason } from './admin-error.ts'
import { type Database, openDatabase } from './database.ts'
import { DEMO_FILE, readSettings, type Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** Options every command takes. */
export interface GlobalOptions {
  json?: true | undefined
  yes?: true | undefined
  local?: true | undefined
  demoFile?: string | undefined
}

/** What a command found or did: `document` for machines, `text` for people. */
export interface Answer {
  document: Record<string, unknown>
  text: string
  exit?: ExitReason
}

export interface Session {
  terminal: Terminal
  options: GlobalOptions
  settings: Settings
  database(): Promise<Database>
  /** Prints a line for the person, not part of the answer. */
  note(line: string): void
  /** Goes on only when the person agrees; without one there to ask, only with `--yes`. Throws AdminError. */
  confirm(question: string): Promise<void>
  close(): Promise<void>
}

/** How a command's action is run: it gets a session, and its answer is printed in the form that was asked for. */
export type RunCommand = (
  command: { optsWithGlobals(): object },
  action: (session: Session) => Promise<Answer>,
) => Promise<void>

export async function openSession(terminal: Terminal, options: GlobalOptions): Promise<Session> {
  const settings = await readSettings(terminal.environment, demoFileOf(options))
  let database: Promise<Database> | undefined
  return {
    terminal,
    options,
    settings,
    database() {
      database ??= openDatabase(settings)
      return database
    },
    note: (line) => void terminal.messages.write(`${line}\n`),
    async confirm(question) {
      if (options.yes) return
      if (!terminal.isInteractive || options.json) {
        throw new AdminError('usage', `Not done, as nobody is here to be asked "${question}": add --yes`)
      }
      if (!(await ask(terminal, question))) throw new AdminError('failed', 'Not done, as you said no')
    },
    async close() {
      await (await database)?.close()
    },
  }
}

/** Whether the command works on the stack of a running `npm run dev`. */
export function isLocalStack({ options }: Session): boolean {
  return demoFileOf(options) !== undefined
}

function demoFileOf({ local, demoFile }: GlobalOptions): string | undefined {
  return demoFile ?? (local ? DEMO_FILE : undefined)
}

async function ask({ input, messages, interrupted }: Terminal, question: string): Promise<boolean> {
  try {
    const options = { message: question, default: false }
    return await confirm(options, { input, output: messages, signal: interrupted })
  } catch {
    throw new AdminError('interrupted', 'Not done, as the question was not answered')
  }
}
