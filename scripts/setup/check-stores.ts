// Checks everything that was given with the code of `doctor`, before anything is written.
import { inspectSettings } from '../../src/config.ts'
import { examineDatabase, examineOperator } from '../admin/doctor/database-findings.ts'
import { type Finding, failed, ok, reportErrors } from '../admin/doctor/finding.ts'
import { examineRedis } from '../admin/doctor/redis-findings.ts'
import { examineStore } from '../admin/doctor/store-findings.ts'
import { normalizeDomain } from '../admin/domain-name.ts'
import type { SetupInputs } from './setup-inputs.ts'

/** The setup makes these itself if they are not given. */
const MADE = ['DATABASE_URL', 'API_KEY_SECRET']

/** With `dryRun`, not even a counter in Redis is written. */
export async function checkStores({ settings, options, domain, timeZone }: SetupInputs): Promise<Finding[]> {
  const site = { organizationId: '<org>', domain: normalizeDomain(domain), siteName: null, timeZone }
  const redis = reportErrors('redis', () => examineRedis(settings, options.dryRun === true))
  const database = await reportErrors('database', async () => [await examineOperator(settings)])
  const worker =
    settings['DATABASE_URL'] === undefined
      ? []
      : await reportErrors('worker login', async () => (await examineDatabase(settings, false)).findings)
  const store = await reportErrors('store', () => examineStore(settings, [site], 1))
  return [examineGiven(settings), ...database, ...loginOnly(worker), ...(await redis), ...store]
}

function examineGiven(settings: SetupInputs['settings']): Finding {
  const problems = inspectSettings(settings).problems.filter(
    ({ name }) => settings[name] !== undefined || !MADE.includes(name),
  )
  if (problems.length === 0) return ok('bindings', 'what is given has the right form')
  return failed('bindings', problems.map(({ name, problem }) => `${name} ${problem}`).join('; '))
}

/** Migrations and rights are for the steps that follow. */
function loginOnly(findings: Finding[]): Finding[] {
  return findings
    .filter(({ check }) => check === 'database')
    .map((finding) => ({ ...finding, check: 'worker login' }))
}
