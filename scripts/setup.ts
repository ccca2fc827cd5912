// `npm run setup -- --env production`: from empty stores to a deployed and tested API, in one sitting.
import { Command } from '@commander-js/extra-typings'
import { runProgram } from './setup/run-program.ts'
import { runSetup } from './setup/run-setup.ts'

const HELP = `
Takes from the environment, or asks for: ADMIN_DATABASE_URL (the login that owns the database), UPSTASH_REDIS_REST_URL and
UPSTASH_REDIS_REST_TOKEN, PLAUSIBLE_URL and PLAUSIBLE_API_KEY. Also taken if they are set: DATABASE_URL and API_KEY_SECRET,
which are made otherwise, every setting of docs/operations.md, and SMOKE_API_KEY, a key for the smoke test when one exists.
Cloudflare: npx wrangler login, or CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.

Each step says first what it will change. All steps can be interrupted and run again: what is done is found and left alone.
API_KEY_SECRET is kept while an API key depends on it. Exit codes are those of npm run admin.`

process.exitCode = await runProgram(async (terminal) => {
  const command = new Command('npm run setup --')
    .description(
      'Set up the stores, the secrets and the Worker of an environment, and test what is deployed.',
    )
    .requiredOption('--env <environment>', 'an environment of wrangler.toml: production or staging')
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--yes', 'do not ask before each step')
    .option('--organization <name>', 'name of the first organization')
    .option('--domain <domain>', 'domain of its job postings')
    .option('--time-zone <zone>', 'time zone of its site in Plausible, such as Europe/Berlin')
    .option('--jobs <file>', 'its jobs, as npm run admin -- job import takes them')
    .option('--url <url>', 'where the API is reached, unless it is the workers.dev address')
    .option('--dns-server <address>', 'ask this DNS server for the record that proves the domain')
    .addHelpText('after', HELP)
    .exitOverride()
    .parse()
  await runSetup(terminal, command.opts())
})
