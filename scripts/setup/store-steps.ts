// The steps that prepare the database, wrangler.toml and the Worker's secrets, and deploy.
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { runAdminCommand } from './admin-commands.ts'
import { type SetupContext, type SetupStep, WORKER_LOGIN } from './setup-step.ts'
import { GIVEN_SECRETS, varsOf } from './worker-settings.ts'
import { setVars } from './wrangler-vars.ts'

const WRANGLER_TOML = join(import.meta.dirname, '..', '..', 'wrangler.toml')
const SECRET_BYTES = 48

/** Updates the schema. */
export const migrateStep: SetupStep = {
  name: 'migrations',
  async plan({ database }) {
    const { pendingMigrations } = await database()
    return pendingMigrations.map((name) => `apply ${name} to the database`)
  },
  async apply({ inputs }) {
    await runAdminCommand(['migrate'], inputs.settings, z.object({}))
  },
}

/** Creates the Worker's login, unless one is given or the Worker has one. */
export const loginStep: SetupStep = {
  name: 'login',
  async plan({ inputs, workerSecrets, database }) {
    if (inputs.settings['DATABASE_URL'] !== undefined) return []
    const { hasLogin } = await database()
    if (!hasLogin)
      return [`create the login ${WORKER_LOGIN} with the rights of the Worker and a random password`]
    if (workerSecrets?.includes('DATABASE_URL')) return []
    return [`give the login ${WORKER_LOGIN} a new password, because no Worker has the present one`]
  },
  async apply({ inputs, made }) {
    const created = z.object({ databaseUrl: z.string() })
    // Without the variable, the command uses the operator's login.
    const argv = ['role', 'create-login', '--name', WORKER_LOGIN]
    made.databaseUrl = (await runAdminCommand(argv, inputs.settings, created)).databaseUrl
  },
}

/** Writes addresses and settings to wrangler.toml, so that later deployments have them too. */
export const varsStep: SetupStep = {
  name: 'vars',
  async plan({ inputs }) {
    const { changes } = await readVars(inputs.options.env, varsOf(inputs.settings))
    return changes.map(
      ({ name, value, isNew }) => `${isNew ? 'add' : 'change'} ${name} = "${value}" in wrangler.toml`,
    )
  },
  async apply({ inputs }) {
    await writeFile(WRANGLER_TOML, (await readVars(inputs.options.env, varsOf(inputs.settings))).text)
  },
}

async function readVars(environment: string, vars: Record<string, string>) {
  return setVars(await readFile(WRANGLER_TOML, 'utf8'), environment, vars)
}

/** Sets the Worker's secrets, and makes the one that signs API keys. */
export const secretsStep: SetupStep = {
  name: 'secrets',
  async plan(context) {
    const { inputs, made, workerSecrets = [] } = context
    const given = GIVEN_SECRETS.filter((name) => inputs.settings[name] !== undefined)
    const hasUrl = made.databaseUrl !== undefined || inputs.settings['DATABASE_URL'] !== undefined
    // In a dry run the login was not created.
    const needsUrl = hasUrl || (inputs.options.dryRun && !workerSecrets.includes('DATABASE_URL'))
    return [
      ...given.map((name) => `set the Worker's secret ${name} to the value that you gave`),
      ...(needsUrl ? ["set the Worker's secret DATABASE_URL to that of its login"] : []),
      ...(await planKeySecret(context)).lines,
    ]
  },
  async apply(context) {
    const { inputs, made, wrangler, print } = context
    const databaseUrl = made.databaseUrl ?? inputs.settings['DATABASE_URL']
    const { isPut } = await planKeySecret(context)
    const given = inputs.settings['API_KEY_SECRET']
    const apiKeySecret = isPut ? (given ?? randomBytes(SECRET_BYTES).toString('base64url')) : undefined
    const secrets = {
      ...Object.fromEntries(GIVEN_SECRETS.map((name) => [name, inputs.settings[name]])),
      DATABASE_URL: databaseUrl,
      API_KEY_SECRET: apiKeySecret,
    }
    const present = Object.entries(secrets).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    )
    await wrangler.putSecrets(Object.fromEntries(present))
    context.workerSecrets = [...(context.workerSecrets ?? []), ...Object.keys(Object.fromEntries(present))]
    const known = apiKeySecret ?? given
    if (known !== undefined) made.apiKeySecret = known
    if (isPut && given === undefined) {
      print(
        '  API_KEY_SECRET, shown only now. Keep it in your password manager: key create needs it.',
        `  ${known}`,
      )
    }
  },
}

/** A secret is never replaced while a key depends on it. */
async function planKeySecret({ inputs, workerSecrets, database }: SetupContext) {
  const origin =
    inputs.settings['API_KEY_SECRET'] === undefined ? 'to a new random value' : 'to the value that you gave'
  if (!workerSecrets?.includes('API_KEY_SECRET')) {
    return { isPut: true, lines: [`set the Worker's secret API_KEY_SECRET ${origin}`] }
  }
  const { activeKeys } = await database()
  if (activeKeys > 0) return { isPut: false, lines: [] }
  return {
    isPut: true,
    lines: [`replace the Worker's secret API_KEY_SECRET ${origin}: no API key depends on it`],
  }
}

/** Builds and deploys the Worker. */
export const deployStep: SetupStep = {
  name: 'deployment',
  plan: async ({ inputs }) => [`build the Worker and deploy it as the environment ${inputs.options.env}`],
  async apply({ inputs, made, wrangler }) {
    const url = await wrangler.deploy()
    made.url = (inputs.options.url ?? url)?.replace(/\/$/, '')
  },
}
