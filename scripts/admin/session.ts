// What a command works with: the settings, the database once the command uses it, and questions to the person.
import confirm from '@inquirer/confirm'
import { DEMO_FILE } from '../../local/demo-file.ts'
import { AdminError, type ExitReason } from './admin-error.ts'
import { type Database, openDatabase } from './database.ts'
import { readLocalStack } from './local-stack.ts'
import { readSettings, type Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  json?: true | undefined
  yes?: true | undefined
  local?: true | undefined
  demoFile?: string | undefined
}

/** The result of a command: `document` for machines, `text` for people. */
export interface CommandResult {
  document: Record<string, unknown>
  text: string
  exit?: ExitReason
}

/** What the action of a command receives. */
export interface Session {
  terminal: Terminal
  options: GlobalOptions
  settings: Settings
  /** The operator's database, opened on the first call. Throws AdminError. */
  database(): Promise<Database>
  /** Prints a line for the person; it is not part of the result. */
  note(line: string): void
  /** Returns when the person agrees; without a terminal, only with `--yes`. Throws AdminError otherwise. */
  confirm(question: string): Promise<void>
  close(): Promise<void>
}

/** Runs a command's action with a session and prints its result as text, or as JSON with `--json`. */
export type RunCommand = (
  command: { optsWithGlobals(): object },
  action: (session: Session) => Promise<CommandResult>,
) => Promise<void>

/** Reads the settings; the database is opened when a command first uses it. Throws AdminError. */
export async function openSession(terminal: Terminal, options: GlobalOptions): Promise<Session> {
  const demoFile = demoFileOf(options)
  const settings = {
    ...readSettings(terminal.environment),
    ...(demoFile !== undefined && (await readLocalStack(demoFile))),
  }
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
        throw new AdminError(
          'usage',
          `Nothing was changed, because no terminal is there to answer "${question}": add --yes`,
        )
      }
      if (!(await ask(terminal, question)))
        throw new AdminError('failed', 'Nothing was changed, because you answered no')
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
    throw new AdminError('interrupted', 'Nothing was changed, because the question was not answered')
  }
}
