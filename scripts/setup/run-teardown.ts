// The opposite of the setup: deletes the Worker and its login, and leaves what belongs to organizations.
import * as z from 'zod/mini'
import { openDatabase } from '../admin/database.ts'
import { readSettings } from '../admin/settings.ts'
import type { Terminal } from '../admin/terminal.ts'
import { WORKER_LOGIN } from './setup-step.ts'
import { openWrangler } from './wrangler.ts'

/** `agree` is called before anything is deleted, and throws to prevent that. */
export interface TeardownOptions {
  env: string
  dryRun: boolean
  agree: () => Promise<void>
}

/** Says what it will delete, asks, and deletes it. What is gone already is left out, so it can be run again. Throws AdminError. */
export async function runTeardown(
  terminal: Terminal,
  { env, dryRun, agree }: TeardownOptions,
): Promise<void> {
  const print = (...lines: string[]) => void terminal.output.write(`${lines.join('\n')}\n`)
  const wrangler = openWrangler(env, terminal.environment)
  const database = await openDatabase(readSettings(terminal.environment))
  try {
    const row = z.object({ hasLogin: z.boolean() })
    const find = 'select exists (select from pg_roles where rolname = $1) as "hasLogin"'
    const [found] = await database.rows(row, find, [WORKER_LOGIN])
    const secrets = await wrangler.listSecrets()
    const lines = [
      ...(secrets === undefined ? [] : [`delete the Worker of ${env} with its ${secrets.length} secrets`]),
      ...(found?.hasLogin ? [`drop the login ${WORKER_LOGIN} from the database`] : []),
    ]
    if (lines.length === 0) {
      print('There is nothing to delete.')
      return
    }
    print('This will', ...lines.map((line) => `  ${line}`))
    if (dryRun) {
      print('Dry run: nothing was deleted.')
      return
    }
    await agree()
    // The Worker first, since without its login it would only fail.
    if (secrets !== undefined) await wrangler.delete()
    if (found?.hasLogin) await database.rows(z.unknown(), `drop role "${WORKER_LOGIN}"`)
    print('Deleted. Organizations, keys and jobs are still in the database, and API_KEY_SECRET is gone:')
    print('keys work again only if the next setup gets the same one.')
  } finally {
    await database.close()
  }
}
