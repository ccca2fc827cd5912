// `npm run smoke -- <url> --key <key> --job <uuid>`: checks a deployed API from outside.
import { Command, CommanderError, Option } from 'commander'
import { type SmokeTarget, smokeChecks } from './smoke/checks.ts'
import { UnreachableError } from './smoke/response.ts'

const HELP = `
Sends about 15 requests, of which 8 count against the limits of the key. SMOKE_API_KEY in the environment keeps the key
off the command line.

Exit codes: 0 all checks passed, 1 a check failed, 2 the command line is wrong.`

// The reader of the output may have closed it, as `head` does.
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
    .addOption(new Option('--key <key>', 'a working API key').env('SMOKE_API_KEY').makeOptionMandatory())
    .requiredOption('--job <uuid>', 'a job of the organization that owns the key')
    .addHelpText('after', HELP)
    .exitOverride()
    .parse(argv, { from: 'user' })
  const [url = ''] = command.args
  const { key, job } = command.opts<{ key: string; job: string }>()
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    command.error('error: <url> must begin with https:// or http://')
  }
  return { url: url.replace(/\/$/, ''), key: key.trim(), job }
}

/**
 * Prints one line for each check. Stops at the first request without a response, because all others would only repeat
 * it. Returns whether all checks passed.
 */
async function runAll(target: SmokeTarget): Promise<boolean> {
  let failures = 0
  for (const { name, run } of smokeChecks(target)) {
    const error = await run().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    )
    if (error instanceof UnreachableError) {
      console.log(`FAILED  ${target.url}: ${error.message}`)
      return false
    }
    if (error !== undefined) failures += 1
    console.log(
      error === undefined ? `ok      ${name}` : `FAILED  ${name}: ${error.message.split('\n').join('; ')}`,
    )
  }
  console.log(failures === 0 ? 'All checks passed' : `${failures} failed`)
  return failures === 0
}
