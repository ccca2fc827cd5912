// Finds the stores of a running `npm run dev` by the file that it writes, and says what to do when there is none.
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import * as z from 'zod/mini'
import { demoSchema } from '../../local/demo-schema.ts'
import { AdminError } from './admin-error.ts'
import { openDatabase } from './database.ts'
import type { Settings } from './settings.ts'

const PROBE_TIMEOUT_MS = 5_000
const usedPart = z.pick(demoSchema, { url: true, stores: true, secrets: true })
const START = 'start it with npm run dev and wait for the line that begins with Ready'

/**
 * Returns the settings of the stack that wrote `path`, after its database has responded. Throws AdminError that says
 * whether the file is missing, cannot be read, or belongs to a stack that has ended.
 */
export async function readLocalStack(path: string): Promise<Settings> {
  const { url, stores, secrets } = await readDemoFile(path)
  const settings = {
    ADMIN_DATABASE_URL: stores.databaseUrl,
    DATABASE_URL: stores.databaseUrl,
    NEON_ENDPOINT: stores.neonEndpoint,
    UPSTASH_REDIS_REST_URL: stores.redisUrl,
    UPSTASH_REDIS_REST_TOKEN: stores.redisToken,
    PLAUSIBLE_URL: stores.plausibleUrl,
    PLAUSIBLE_API_KEY: secrets.plausibleApiKey,
    API_KEY_SECRET: secrets.apiKeySecret,
    CONSOLE_SECRET: secrets.consoleSecret,
    PUBLIC_URL: url,
  }
  await expectRunning(settings, path)
  return settings
}

async function readDemoFile(path: string): Promise<z.infer<typeof usedPart>> {
  const shown = relative(process.cwd(), path)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT'
      ? new AdminError('not_found', `No local stack is running (there is no ${shown}): ${START}`)
      : new AdminError(
          'not_found',
          `${shown} cannot be read (${error.code}): check that it is a file you may read`,
        )
  })
  try {
    return usedPart.parse(JSON.parse(text))
  } catch {
    throw new AdminError(
      'failed',
      `${shown} is damaged or was written by another version: delete it, then ${START.replace('it', 'the stack')}`,
    )
  }
}

/** The file outlives a stack that was killed, and its ports may belong to another stack by now. */
async function expectRunning(settings: Settings, path: string): Promise<void> {
  let database: Awaited<ReturnType<typeof openDatabase>> | undefined
  try {
    database = await openDatabase(settings)
    await database.rows(z.unknown(), 'select 1 as ready', [], PROBE_TIMEOUT_MS)
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    throw new AdminError(
      'unavailable',
      `The local stack of ${relative(process.cwd(), path)} does not respond, so it has ended: ${START}`,
    )
  } finally {
    await database?.close()
  }
}
