// `npm run teardown -- --env production`: deletes the Worker of an environment and its login, after a question.
import { Command, CommanderError } from '@commander-js/extra-typings'
import input from '@inquirer/input'
import { AdminError, EXIT_CODES } from './admin/admin-error.ts'
import { processTerminal, type Terminal } from './admin/terminal.ts'
import { describeUnexpected } from './admin/unexpected-error.ts'
import { runTeardown } from './setup/run-teardown.ts'

const HELP = `
Needs ADMIN_DATABASE_URL and Cloudflare's login, as npm run setup does. The organizations, keys and jobs stay in the database,
the addresses stay in wrangler.toml, and what is in Redis expires by itself. npm run setup brings the rest back.`

process.exitCode = await main()

async function main(): Promise<number> {
  const terminal = processTerminal()
  try {
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
