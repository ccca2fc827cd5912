// Where the stores are: from the environment, or from the file a running `npm run dev` writes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { AdminError } from './admin-error.ts'

/** Where `npm run dev` writes what it started, unless it is told otherwise. */
export const DEMO_FILE = join(import.meta.dirname, '..', '..', '.dev', 'demo.json')

/** The environment of a command: the operator's own login beside the Worker's bindings. */
export type Settings = Partial<Record<string, string>>

const demo = z.object({
  stores: z.object({
    databaseUrl: z.string(),
    neonEndpoint: z.string(),
    redisUrl: z.string(),
    redisToken: z.string(),
    plausibleUrl: z.string(),
  }),
  secrets: z.object({ apiKeySecret: z.string(), plausibleApiKey: z.string() }),
})

/** An empty variable is one that is not set. `demoFile` is there where the local stack is meant. */
export async function readSettings(
  environment: NodeJS.ProcessEnv,
  demoFile: string | undefined,
): Promise<Settings> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  if (demoFile === undefined) return set
  const { stores, secrets } = await readDemoFile(demoFile)
  return {
    ...set,
    ADMIN_DATABASE_URL: stores.databaseUrl,
    DATABASE_URL: stores.databaseUrl,
    NEON_ENDPOINT: stores.neonEndpoint,
    UPSTASH_REDIS_REST_URL: stores.redisUrl,
    UPSTASH_REDIS_REST_TOKEN: stores.redisToken,
    PLAUSIBLE_URL: stores.plausibleUrl,
    PLAUSIBLE_API_KEY: secrets.plausibleApiKey,
    API_KEY_SECRET: secrets.apiKeySecret,
  }
}

/** The secret that API keys are made with. */
export function apiKeySecretOf(settings: Settings): string {
  const secret = settings['API_KEY_SECRET']
  if (secret === undefined) {
    throw new AdminError(
      'usage',
      "API_KEY_SECRET is not set: set it to the Worker's own, or its keys will not be accepted",
    )
  }
  if (secret.length < 32) {
    throw new AdminError('usage', 'API_KEY_SECRET is too short: the Worker takes 32 characters or more')
  }
  return secret
}

async function readDemoFile(path: string) {
  try {
    return demo.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    throw new AdminError(
      'not_found',
      '--local finds no local stack: start it with npm run dev, and wait for the line that starts with Ready',
    )
  }
}
