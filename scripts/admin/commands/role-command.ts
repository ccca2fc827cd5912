// `role`: the login the Worker connects with.
import { Command } from '@commander-js/extra-typings'
import { createWorkerLogin } from '../records/worker-login.ts'
import type { RunCommand } from '../session.ts'

export function roleCommand(run: RunCommand) {
  return new Command('role')
    .description("the Worker's own login, which may do only what the Worker needs")
    .addCommand(createLoginCommand(run))
}

function createLoginCommand(run: RunCommand) {
  const command = new Command('create-login')
    .description(
      "make the Worker's login, or give it a new password, and print the Worker's DATABASE_URL, this once",
    )
    .option('--name <login>', 'name of the login', 'job_analytics_api')
  return command.action(({ name }) =>
    run(command, async (session) => {
      const { databaseUrl, isNew } = await createWorkerLogin(session, name)
      session.note(
        `Store it where the Worker reads it: wrangler secret put DATABASE_URL. It is not shown again.`,
      )
      return { document: { login: name, created: isNew, databaseUrl }, text: databaseUrl }
    }),
  )
}
