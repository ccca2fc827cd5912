// `npm run smoke -- <url> --key <key> --job <uuid>`: is the deployed API right, seen as a stranger sees it?
import { Command, CommanderError } from 'commander'
import { type SmokeTarget, smokeChecks } from './smoke/checks.ts'

const HELP = `
Sends about 15 requests, of which the key is charged for 8. Without --key, SMOKE_API_KEY of the environment is used, which
keeps the key off the command line.

Exit codes: 0 all is well, 1 something is not, 2 the command line is wrong.`

// Whoever reads the lines may have had enough of them.
process.stdout.on('error', () => process.exit(1))
process.exitCode = await main()

async function main(): Promise<number> {
  try {
    const target = readTarget(process.argv.slice(2))
    return (await runAll(target)) ? 0 : 1
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

function readTarget(argv: string[]): SmokeTarget {
  const command = new Command('npm run smoke --')
    .description('Check a running API: status, body and headers of what a caller may send.')
    .argument('<url>', 'its address, such as https://api.example.com')
    .requiredOption('--key <key>', 'a working API key', process.env['SMOKE_API_KEY'])
    .requiredOption('--job <uuid>', 'a job of the organization the key belongs to')
    .addHelpText('after', HELP)
    .exitOverride()
    .parse(argv, { from: 'user' })
  const [url = ''] = command.args
  const { key, job } = command.opts<{ key: string; job: string }>()
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    command.error('error: <url> is to begin with https:// or http://')
  }
  return { url: url.replace(/\/$/, ''), key, job }
}

/** Prints one line a check; false when one failed. */
async function runAll(target: SmokeTarget): Promise<boolean> {
  let failures = 0
  for (const { name, run } of smokeChecks(target)) {
    const problem = await run().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    if (problem !== undefined) failures += 1
    console.log(
      problem === undefined ? `ok      ${name}` : `FAILED  ${name}: ${problem.split('\n').join('; ')}`,
    )
  }
  console.log(failures === 0 ? 'All is well' : `${failures} failed`)
  return failures === 0
}
