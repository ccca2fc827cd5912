// The tree of commands with what is the same for all of them: global options, help, exit codes.
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { doctorCommand } from './commands/doctor-command.ts'
import { jobCommand } from './commands/job-command.ts'
import { keyCommand } from './commands/key-command.ts'
import { migrateCommand } from './commands/migrate-command.ts'
import { orgCommand } from './commands/org-command.ts'
import { roleCommand } from './commands/role-command.ts'
import type { RunCommand } from './session.ts'
import type { Terminal } from './terminal.ts'

const HELP = `
Environment:
  ADMIN_DATABASE_URL  postgres://user:password@host/database of the login that owns the tables;
                      where it is not set, DATABASE_URL is used
  NEON_ENDPOINT       only for a front on this machine: http://127.0.0.1:<port>/sql. A plain Postgres server on this
                      machine needs none: the front is started for it
  API_KEY_SECRET      the Worker's own; for key create and key rotate
  doctor reads all of the Worker's bindings (see wrangler.toml).

Exit codes:
  0  done
  1  could not be done, and nothing more was changed; doctor: something is wrong
  2  the command line, a value or a file is wrong
  3  the organization, key or file named does not exist
  4  a store cannot be reached or refuses the credentials
  5  job import: some lines were refused, all others are in
  130  interrupted

With --json standard output holds exactly one JSON document, an error too: {"error":{"code","message"}}.`

/** Builds the program; commands run through `run`. Errors of the command line are thrown as CommanderError. */
export function createProgram(run: RunCommand, terminal: Terminal): CommandUnknownOpts {
  const program = new Command('npm run admin --')
    .description('Set up the database, organizations, their domains, API keys and jobs.')
    .option('--json', 'print one JSON document on standard output')
    .option('--yes', 'do not ask before something is destroyed')
    .option('--local', 'use the stack of a running npm run dev, as its .dev/demo.json tells')
    .option('--demo-file <path>', 'the same, of an npm run dev that was given this --demo-file')
    .addHelpText('after', HELP)
    .addCommand(migrateCommand(run))
    .addCommand(roleCommand(run))
    .addCommand(orgCommand(run))
    .addCommand(keyCommand(run))
    .addCommand(jobCommand(run))
    .addCommand(doctorCommand(run))
  configure(program, terminal)
  return program
}

/** Settings that commander hands down only to commands it makes itself. */
function configure(command: CommandUnknownOpts, terminal: Terminal): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.output.write(text),
      writeErr: (text) => void terminal.messages.write(text),
      // An error is printed once, where the exit code is decided.
      outputError: () => {},
    })
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
  for (const child of command.commands) configure(child, terminal)
}
