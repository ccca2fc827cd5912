// The environment of a command: the operator's own login beside the Worker's bindings.
import { inspectSettings, tidySetting } from '../../src/config.ts'
import { AdminError } from './admin-error.ts'

/** Environment variables by name. Values have no spaces around them, and an empty variable is absent. */
export type Settings = Partial<Record<string, string>>

/** Reads the environment as the Worker reads its bindings: without spaces around a value, and empty values count as not set. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const entries = Object.entries(environment).map(([name, value]) => [name, tidySetting(value)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** Returns the secret that signs links to the console. Throws AdminError when it is missing or one the Worker refuses. */
export function consoleSecretOf(settings: Settings): string {
  const { right, problems } = inspectSettings(settings)
  if (right.CONSOLE_SECRET !== undefined) return right.CONSOLE_SECRET
  const problem = problems.find(({ name }) => name === 'CONSOLE_SECRET')?.problem ?? 'is not set'
  throw new AdminError(
    'usage',
    `CONSOLE_SECRET ${problem}: set it to the Worker's own, or the Worker will refuse the link`,
  )
}

/** Returns the secret that API keys are made with. Throws AdminError when it is missing or one the Worker refuses. */
export function apiKeySecretOf(settings: Settings): string {
  const { right, problems } = inspectSettings(settings)
  if (right.API_KEY_SECRET !== undefined) return right.API_KEY_SECRET
  const problem = problems.find(({ name }) => name === 'API_KEY_SECRET')?.problem
  throw new AdminError(
    'usage',
    `API_KEY_SECRET ${problem}: set it to the Worker's own, or the Worker will refuse the key`,
  )
}
