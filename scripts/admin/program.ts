// The tree of commands and what all of them share: global options, help, exit codes.
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { cacheCommand } from './commands/cache-command.ts'
import { doctorCommand } from './commands/doctor-command.ts'
import { jobCommand } from './commands/job-command.ts'
import { keyCommand } from './commands/key-command.ts'
import { migrateCommand } from './commands/migrate-command.ts'
import { orgCommand } from './commands/org-command.ts'
import { roleCommand } from './commands/role-command.ts'
import { usageCommand } from './commands/usage-command.ts'
import type { RunCommand } from './session.ts'
import type { Terminal } from './terminal.ts'
import { wrapLines } from './wrap-lines.ts'

const MAX_HELP_WIDTH = 110

const HELP = `
Environment:
  ADMIN_DATABASE_URL  postgres://user:password@host/database of the login that owns the tables;
                      if it is not set, DATABASE_URL is used
  NEON_ENDPOINT       only for a proxy on this machine that speaks Neon's protocol: http://127.0.0.1:<port>/sql.
                      A Postgres server on this machine needs none: the command starts one for it
  API_KEY_SECRET      the Worker's own; for key create and key rotate
  doctor, job coverage, cache clear and usage read the Worker's bindings (see wrangler.toml).

Exit codes:
  0  done
  1  failed, and nothing more was changed; doctor: something is wrong
  2  the command line, a value or a file is wrong
  3  the organization, key or file named does not exist
  4  a store cannot be reached or refuses the credentials
  5  job import: some lines were refused, all others are in
  130  interrupted

With --json standard output is exactly one JSON document, also for an error: {"error":{"code","message"}}.`

/** Builds the program; commands run through `run`. Throws errors of the command line as CommanderError. */
export function createProgram(run: RunCommand, terminal: Terminal): CommandUnknownOpts {
  const program = new Command('npm run admin --')
    .description('Set up the database, organizations, their domains, API keys and jobs.')
    .option('--json', 'print one JSON document on standard output')
    .option('--yes', 'do not ask before something is destroyed')
    .option('--local', 'use the stack of a running npm run dev, found through .dev/demo.json')
    .option('--demo-file <path>', 'the same, for an npm run dev with this --demo-file')
    .addHelpText('after', HELP)
    .addCommand(migrateCommand(run))
    .addCommand(roleCommand(run))
    .addCommand(orgCommand(run))
    .addCommand(keyCommand(run))
    .addCommand(jobCommand(run))
    .addCommand(cacheCommand(run))
    .addCommand(usageCommand(run))
    .addCommand(doctorCommand(run))
  configure(program, terminal)
  return program
}

/** Commander passes these settings only to commands that it creates itself. */
function configure(command: CommandUnknownOpts, terminal: Terminal): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.output.write(wrapLines(text, terminal.columns)),
      writeErr: (text) => void terminal.messages.write(wrapLines(text, terminal.columns)),
      // An error is printed once, where the exit code is decided.
      outputError: () => {},
    })
    .configureHelp({
      showGlobalOptions: true,
      helpWidth: Math.min(MAX_HELP_WIDTH, terminal.columns ?? MAX_HELP_WIDTH),
    })
  for (const child of command.commands) configure(child, terminal)
}
