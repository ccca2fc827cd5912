// `role`: the logins that the Worker connects with.
import { Command } from '@commander-js/extra-typings'
import { CONSOLE_ROLE, createWorkerLogin, WORKER_ROLE } from '../records/worker-login.ts'
import type { RunCommand } from '../session.ts'

/** The command `role` with its subcommand. */
export function roleCommand(run: RunCommand) {
  return new Command('role')
    .description("the Worker's own logins, which may do only what the Worker needs")
    .addCommand(createLoginCommand(run))
}

function createLoginCommand(run: RunCommand) {
  const command = new Command('create-login')
    .description(
      "create the Worker's login, or give it a new password, and print the Worker's DATABASE_URL once",
    )
    .option('--console', 'the login of the console: print CONSOLE_DATABASE_URL instead')
    .option('--name <login>', 'name of the login (default: job_analytics_api, or job_analytics_console_api)')
  return command.action(({ name, console: isConsole = false }) =>
    run(command, async (session) => {
      const login = name ?? (isConsole ? 'job_analytics_console_api' : 'job_analytics_api')
      const role = isConsole ? CONSOLE_ROLE : WORKER_ROLE
      const { databaseUrl, isNew } = await createWorkerLogin(session, login, role)
      const binding = isConsole ? 'CONSOLE_DATABASE_URL' : 'DATABASE_URL'
      session.note(`Store it for the Worker with wrangler secret put ${binding}. It is not shown again.`)
      return { document: { login, created: isNew, databaseUrl }, text: databaseUrl }
    }),
  )
}
