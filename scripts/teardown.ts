// `npm run teardown -- --env production`: deletes the Worker of an environment and its login, after a question.
import { Command } from '@commander-js/extra-typings'
import input from '@inquirer/input'
import { AdminError } from './admin/admin-error.ts'
import type { Terminal } from './admin/terminal.ts'
import { runProgram } from './setup/run-program.ts'
import { runTeardown } from './setup/run-teardown.ts'

const HELP = `
Needs ADMIN_DATABASE_URL and Cloudflare's login, as npm run setup does. The organizations, keys and jobs stay in the database,
the addresses stay in wrangler.toml, and what is in Redis expires by itself. npm run setup brings the rest back.`

process.exitCode = await runProgram(async (terminal) => {
  const command = new Command('npm run teardown --')
    .description('Delete the Worker of an environment with its secrets, and its login in the database.')
    .requiredOption('--env <environment>', 'an environment of wrangler.toml: production or staging')
    .option('--dry-run', 'say what would be deleted, and delete nothing')
    .option('--yes', 'do not ask')
    .addHelpText('after', HELP)
    .exitOverride()
    .parse()
  const { env, dryRun, yes } = command.opts()
  const agree = yes ? async () => {} : () => askForName(terminal, env)
  await runTeardown(terminal, { env, dryRun: dryRun === true, agree })
})

/** Returns when the person types the name of the environment. Throws AdminError otherwise. */
async function askForName(terminal: Terminal, env: string): Promise<void> {
  if (!terminal.isInteractive) {
    throw new AdminError('usage', 'Nothing was deleted, because no terminal is there to ask: add --yes')
  }
  const context = { input: terminal.input, output: terminal.messages, signal: terminal.interrupted }
  const question = { message: `Callers are refused from then on. Type ${env} to delete all this:` }
  const typed = await input(question, context).catch(() => '')
  if (typed.trim() !== env) {
    throw new AdminError('failed', `Nothing was deleted, because you did not type ${env}`)
  }
}
