// Checks the console: whether it is on, and whether its login may do what it needs and nothing else.
import * as z from 'zod/mini'
import { inspectSettings } from '../../../src/config.ts'
import { openDatabase } from '../database.ts'
import type { Settings } from '../settings.ts'
import { type Finding, failed, ok, skipped, warning } from './finding.ts'

const CREATE_LOGIN =
  'create one with role create-login --console and store it as the CONSOLE_DATABASE_URL of the Worker'

/** Functions that are there, those the login may not execute, and tables that it reaches without them. */
const RIGHTS = `with functions as (
    select oid, proname from pg_proc
    where pronamespace = 'public'::regnamespace and proname like 'console\\_%' and prosecdef
  )
  select current_user as name, (select count(*)::int from functions) as functions,
    array(select proname::text from functions where not has_function_privilege(oid, 'execute')) as missing,
    array(select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
      and (has_any_column_privilege(oid, 'select, insert, update') or has_table_privilege(oid, 'delete, truncate')))
      as excess`

const names = z.array(z.string())
const rightsRow = z.object({ name: z.string(), functions: z.number(), missing: names, excess: names })

/** Returns one finding, `console`. Throws AdminError when the database cannot be used. */
export async function examineConsole(settings: Settings, isLocalStack: boolean): Promise<Finding> {
  const { CONSOLE_SECRET: secret, CONSOLE_DATABASE_URL: url } = inspectSettings(settings).right
  if (isLocalStack) return skipped('console', 'npm run dev sets it up itself')
  if (secret === undefined && url === undefined) {
    return skipped('console', 'it is off: CONSOLE_SECRET and CONSOLE_DATABASE_URL turn it on')
  }
  if (secret === undefined || url === undefined) {
    const missing = secret === undefined ? 'CONSOLE_SECRET' : 'CONSOLE_DATABASE_URL'
    return warning('console', `it is off, because ${missing} is not set or wrong: set both, or neither`)
  }
  const database = await openDatabase(settings, ['CONSOLE_DATABASE_URL'])
  try {
    const [rights] = await database.rows(rightsRow, RIGHTS)
    if (rights === undefined) return failed('console', 'the database returned no row: try again')
    const { name, functions, missing, excess } = rights
    if (functions === 0) return failed('console', 'its functions are missing: run npm run admin -- migrate')
    if (missing.length > 0)
      return failed('console', `${name} may not execute ${missing.join(', ')}: ${CREATE_LOGIN}`)
    if (excess.length > 0)
      return failed('console', `${name} may use the tables ${excess.join(', ')}: ${CREATE_LOGIN}`)
    return ok('console', `${name} may do what the console needs, and nothing else`)
  } finally {
    await database.close()
  }
}
