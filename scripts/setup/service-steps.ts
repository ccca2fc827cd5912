// The steps after the deployment: wait until it is ready, make the first organization with its jobs and key, and smoke.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod/mini'
import { readyResponse } from '../../src/endpoints/status/response.ts'
import { AdminError } from '../admin/admin-error.ts'
import { runAdminCommand } from './admin-commands.ts'
import type { SetupContext, SetupStep } from './setup-step.ts'

const SMOKE = join(import.meta.dirname, '..', 'smoke.ts')
const READY_TIMEOUT_MS = 90_000
const POLL_MS = 2_000
const REQUEST_TIMEOUT_MS = 10_000

/** Waits until the deployed Worker reaches all of its stores. */
export const readyStep: SetupStep = {
  name: 'ready',
  plan: async ({ made }) => [
    `wait until ${made.url ?? 'the deployed Worker'} reaches all of its stores (changes nothing)`,
  ],
  async apply({ made }) {
    const url = urlOf(made.url)
    const deadline = Date.now() + READY_TIMEOUT_MS
    for (;;) {
      const problem = await problemOf(url)
      if (problem === undefined) return
      if (Date.now() > deadline) throw new AdminError('unavailable', `${url}/ready: ${problem}`)
      await sleep(POLL_MS)
    }
  },
}

function urlOf(url: string | undefined): string {
  if (url !== undefined) return url
  throw new AdminError(
    'usage',
    'Cloudflare gave the Worker no address: add a route or a custom domain to wrangler.toml, and name it with --url',
  )
}

/** Why it is not ready, and what to do; undefined when it is ready. */
async function problemOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/ready`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    const body = readyResponse.safeParse(await response.json())
    if (!body.success) return `it returns ${response.status}: read the Worker's log with npx wrangler tail`
    const unavailable = Object.entries(body.data.stores).flatMap(([store, state]) =>
      state === 'ok' ? [] : [store],
    )
    if (unavailable.length === 0) return undefined
    return `the Worker cannot use ${unavailable.join(' and ')}: compare its bindings with npm run admin -- doctor`
  } catch {
    return 'no response: check the address (--url), and that its route leads to the Worker'
  }
}

/** Creates the first organization. */
export const organizationStep: SetupStep = {
  name: 'organization',
  async plan({ inputs, database }) {
    if ((await database()).organization !== undefined) return []
    return [
      `create the organization ${inputs.organization} with the domain ${inputs.domain} (${inputs.timeZone})`,
    ]
  },
  async apply({ inputs }) {
    const { organization, domain, timeZone, settings } = inputs
    const argv = ['org', 'create', organization, '--domain', domain, '--time-zone', timeZone]
    await runAdminCommand(argv, settings, z.object({}))
  },
}

/** Verifies its domain by DNS. */
export const domainStep: SetupStep = {
  name: 'domain',
  async plan({ inputs, database }) {
    const { organization } = await database()
    if (organization?.domainVerifiedAt) return []
    return [`mark ${inputs.domain} as verified if DNS shows the record of the organization`]
  },
  async apply({ inputs, database, print }) {
    const { options, settings } = inputs
    const id = (await database()).organization?.id ?? ''
    const server = options.dnsServer === undefined ? [] : ['--dns-server', options.dnsServer]
    const record = z.object({ name: z.string(), value: z.string() })
    const shape = z.object({
      error: z.optional(z.object({ message: z.string(), record: z.optional(record) })),
    })
    const { error } = await runAdminCommand(['org', 'verify-domain', id, ...server], settings, shape, [
      'failed',
    ])
    if (error === undefined) return
    if (error.record) print(`  DNS record to set: ${error.record.name} TXT "${error.record.value}"`)
    throw new AdminError('failed', error.message)
  },
}

/** Imports its jobs, because a smoke test needs one. */
export const jobsStep: SetupStep = {
  name: 'jobs',
  async plan({ inputs, database }) {
    if ((await database()).job !== undefined) return []
    const { jobs } = inputs.options
    return [jobs === undefined ? 'import jobs: name a file with --jobs' : `import the jobs in ${jobs}`]
  },
  async apply({ inputs, database, print }) {
    const { options, settings } = inputs
    const id = (await database()).organization?.id ?? ''
    if (options.jobs === undefined) {
      throw new AdminError(
        'usage',
        `The organization has no jobs: run this again with --jobs <file> (see npm run admin -- job import --help)`,
      )
    }
    const counts = z.object({ refused: z.unknown() })
    await runAdminCommand(['job', 'import', options.jobs, '--org', id], settings, counts, ['lines_refused'])
    if ((await database()).job === undefined) {
      throw new AdminError(
        'usage',
        `No job could be imported: see npm run admin -- job import ${options.jobs} --org ${id}`,
      )
    }
    print(`  See npm run admin -- job coverage --org ${id} for pages that belong to no job.`)
  },
}

/** Creates its first key and shows it, this once. */
export const keyStep: SetupStep = {
  name: 'key',
  async plan({ inputs, database }) {
    if (inputs.settings['SMOKE_API_KEY'] !== undefined) return []
    const { organization } = await database()
    if (organization !== undefined && organization.activeKeys > 0) return []
    return [`create an API key for ${inputs.organization}, and show it once`]
  },
  async apply({ inputs, made, database, print }) {
    const secret = made.apiKeySecret ?? inputs.settings['API_KEY_SECRET']
    if (secret === undefined) {
      throw new AdminError(
        'usage',
        "API_KEY_SECRET is needed to create a key: set it to the Worker's own, and run this again",
      )
    }
    const id = (await database()).organization?.id ?? ''
    const settings = { ...inputs.settings, API_KEY_SECRET: secret }
    const created = z.object({ apiKey: z.string() })
    const { apiKey } = await runAdminCommand(
      ['key', 'create', '--org', id, '--name', 'first'],
      settings,
      created,
    )
    made.apiKey = apiKey
    print('  The API key, shown only now and stored nowhere:', `  ${apiKey}`)
  },
}

/** Calls the deployed API as a customer would. */
export const smokeStep: SetupStep = {
  name: 'smoke',
  async plan({ made, inputs }) {
    const hasKey = made.apiKey !== undefined || inputs.settings['SMOKE_API_KEY'] !== undefined
    if (!hasKey && !inputs.options.dryRun) return []
    return ['send about 15 requests to the deployed API, as npm run smoke does']
  },
  async apply(context) {
    const { made, inputs, database } = context
    const key = made.apiKey ?? inputs.settings['SMOKE_API_KEY'] ?? ''
    const { job = '' } = await database()
    if (await passesSmoke(context, urlOf(made.url), key, job)) return
    throw new AdminError('failed', 'The smoke test failed: see the lines above, and npm run admin -- doctor')
  },
}

async function passesSmoke({ print }: SetupContext, url: string, key: string, job: string): Promise<boolean> {
  const child = spawn(process.execPath, ['--no-warnings', SMOKE, url, '--job', job], {
    env: { SMOKE_API_KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) print(`  ${line}`)
  const [code] = await exited
  return code === 0
}
