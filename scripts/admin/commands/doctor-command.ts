// `doctor`: checks everything that the Worker will use, and says what to do about each failure.
import { Command } from '@commander-js/extra-typings'
import { AdminError } from '../admin-error.ts'
import { examineBindings } from '../doctor/binding-findings.ts'
import { examineConsole } from '../doctor/console-findings.ts'
import { examineDatabase } from '../doctor/database-findings.ts'
import { reportErrors } from '../doctor/finding.ts'
import { examineKey } from '../doctor/key-findings.ts'
import { examineRedis } from '../doctor/redis-findings.ts'
import { examineStore, type VerifiedSite } from '../doctor/store-findings.ts'
import { type CommandResult, isLocalStack, type RunCommand, type Session } from '../session.ts'
import { renderTable } from '../table.ts'

const MAX_DOMAINS = 600

const HELP = `
Set the Worker's bindings in the environment, with the names in wrangler.toml (DATABASE_URL is the Worker's own login),
and ADMIN_DATABASE_URL to the owner's login. Nothing is changed except a counter in Redis that expires after some seconds.
Without --key, doctor checks the key in SMOKE_API_KEY if that is set, which keeps the key off the command line.`

/** The command `doctor`. */
export function doctorCommand(run: RunCommand) {
  const command = new Command('doctor')
    .description('check the bindings and every store that the Worker will use, and say how to fix failures')
    .option('--domains <number>', 'how many verified domains are looked up in the analytics store', '50')
    .option('--key <key>', 'also check this API key: its form, its signature and its state in the database')
    .addHelpText('after', HELP)
  return command.action(({ domains, key }) =>
    run(command, (session) => examine(session, { limit: readLimit(domains), key: key?.trim() })),
  )
}

/** Every part is checked, whatever becomes of the others. */
async function examine(
  session: Session,
  { limit, key = session.settings['SMOKE_API_KEY'] }: { limit: number; key: string | undefined },
): Promise<CommandResult> {
  const { settings } = session
  const redis = reportErrors('redis', () => examineRedis(settings))
  const bindings = await reportErrors('bindings', async () => [examineBindings(settings)])
  let sites: VerifiedSite[] | undefined
  const database = await reportErrors('database', async () => {
    const examined = await examineDatabase(settings, isLocalStack(session))
    sites = examined.sites
    return examined.findings
  })
  const keys =
    key === undefined ? [] : await reportErrors('key', async () => [await examineKey(settings, key)])
  const console = await reportErrors('console', async () => [
    await examineConsole(settings, isLocalStack(session)),
  ])
  const store = await reportErrors('store', () => examineStore(settings, sites, limit))
  const findings = [...bindings, ...database, ...keys, ...console, ...(await redis), ...store]
  const healthy = findings.every(({ state }) => state !== 'failed')
  const rows = findings.map(({ state, check, message }) => [state, check, message])
  return {
    document: { healthy, findings },
    text: renderTable(['state', 'check', 'finding'], rows, '', session.terminal.columns),
    exit: healthy ? 'ok' : 'failed',
  }
}

function readLimit(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= MAX_DOMAINS) return Number(text)
  throw new AdminError('usage', `--domains must be a number from 0 to ${MAX_DOMAINS}`)
}
