// `doctor`: looks at everything the Worker will use, and says what to do about what is wrong.
import { Command } from '@commander-js/extra-typings'
import { ConfigError, parseConfig } from '../../../src/config.ts'
import { AdminError } from '../admin-error.ts'
import { examineDatabase } from '../doctor/database-findings.ts'
import { type Finding, failed, ok } from '../doctor/finding.ts'
import { examineRedis } from '../doctor/redis-findings.ts'
import { examineStore } from '../doctor/store-findings.ts'
import { type Answer, isLocalStack, type RunCommand, type Session } from '../session.ts'
import type { Settings } from '../settings.ts'
import { renderTable } from '../table.ts'

const MAX_DOMAINS = 600

const HELP = `
Set the Worker's bindings in the environment as wrangler.toml names them (DATABASE_URL is the Worker's own login),
and ADMIN_DATABASE_URL to the owner's. Nothing is changed but a counter in Redis that lives for some seconds.`

export function doctorCommand(run: RunCommand) {
  const command = new Command('doctor')
    .description('check the bindings and each store the Worker will use, and say what to do about failures')
    .option('--domains <number>', 'how many verified domains are looked up in the analytics store', '50')
    .addHelpText('after', HELP)
  return command.action(({ domains }) => run(command, (session) => examine(session, readLimit(domains))))
}

async function examine(session: Session, limit: number): Promise<Answer> {
  const { settings } = session
  const redis = examineRedis(settings)
  const { findings: database, domains } = await examineDatabase(settings, isLocalStack(session))
  const store = await examineStore(settings, domains, limit)
  const findings = [examineBindings(settings), ...database, ...(await redis), ...store]
  const healthy = findings.every(({ state }) => state !== 'failed')
  const rows = findings.map(({ state, check, message }) => [state, check, message])
  return {
    document: { healthy, findings },
    text: renderTable(['state', 'check', 'finding'], rows, ''),
    exit: healthy ? 'ok' : 'failed',
  }
}

/** The floor is made by the platform, from wrangler.toml, so here it is taken to be there. */
function examineBindings(settings: Settings): Finding {
  try {
    parseConfig({ ...settings, FLOOR: { limit: () => undefined } })
    return ok('bindings', 'all are set and of the right form')
  } catch (error) {
    if (error instanceof ConfigError) return failed('bindings', error.message)
    throw error
  }
}

function readLimit(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= MAX_DOMAINS) return Number(text)
  throw new AdminError('usage', `--domains takes a number from 0 to ${MAX_DOMAINS}`)
}
