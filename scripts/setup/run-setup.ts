// The whole setup: checks what was given, then takes step after step, each stated before it changes anything.
import confirm from '@inquirer/confirm'
import { AdminError } from '../admin/admin-error.ts'
import { renderTable } from '../admin/table.ts'
import type { Terminal } from '../admin/terminal.ts'
import { checkStores } from './check-stores.ts'
import { readDatabaseState } from './deployment-state.ts'
import { domainStep, jobsStep, keyStep, organizationStep, readyStep, smokeStep } from './service-steps.ts'
import { readInputs, type SetupInputs, type SetupOptions } from './setup-inputs.ts'
import { type SetupContext, type SetupStep, WORKER_LOGIN } from './setup-step.ts'
import { deployStep, loginStep, migrateStep, secretsStep, varsStep } from './store-steps.ts'
import { openWrangler } from './wrangler.ts'

/** In the order in which they run. */
export const STEPS: readonly SetupStep[] = [
  ...[migrateStep, loginStep, varsStep, secretsStep, deployStep, readyStep],
  ...[organizationStep, domainStep, jobsStep, keyStep, smokeStep],
]

/** Sets up everything, or says what is left to do. Throws AdminError. Prints to `terminal.output`. */
export async function runSetup(terminal: Terminal, options: SetupOptions): Promise<void> {
  const print = (...lines: string[]) => void terminal.output.write(`${lines.join('\n')}\n`)
  const inputs = await readInputs(terminal, options)
  const wrangler = openWrangler(options.env, terminal.environment)
  const context: SetupContext = {
    inputs,
    terminal,
    wrangler,
    workerSecrets: undefined,
    made: {},
    database: () => readDatabaseState(inputs.settings, inputs.domain, WORKER_LOGIN),
    print,
  }
  print(
    `Checking everything that you gave, for the environment ${options.env}. Nothing is deployed or stored yet.`,
  )
  await expectUsable(context)
  for (const step of STEPS) await take(step, context)
  print('', ...nextSteps(inputs, context))
}

async function expectUsable(context: SetupContext): Promise<void> {
  const { inputs, wrangler, terminal, print } = context
  const findings = await checkStores(inputs)
  context.workerSecrets = await wrangler.listSecrets()
  const worker =
    context.workerSecrets === undefined
      ? 'reached; there is no such Worker yet'
      : 'reached; the Worker exists'
  const rows = [
    ...findings.map(({ state, check, message }) => [state, check, message]),
    ['ok', 'cloudflare', worker],
  ]
  print(renderTable(['state', 'check', 'finding'], rows, '', terminal.columns))
  if (findings.some(({ state }) => state === 'failed')) {
    throw new AdminError('failed', 'Nothing was changed: correct what failed, and run this again')
  }
}

async function take(step: SetupStep, context: SetupContext): Promise<void> {
  const { inputs, terminal, print } = context
  const lines = await step.plan(context)
  if (lines.length === 0) {
    print(`- ${step.name}: nothing to do`)
    return
  }
  print(`- ${step.name}: will`, ...lines.map((line) => `    ${line}`))
  if (inputs.options.dryRun) return
  await agree(terminal, inputs.options, step.name)
  await step.apply(context)
  print(`  done: ${step.name}`)
}

async function agree(terminal: Terminal, { yes }: SetupOptions, step: string): Promise<void> {
  if (yes) return
  const refuse = (reason: 'usage' | 'failed' | 'interrupted', why: string) => {
    throw new AdminError(reason, `The step "${step}" and those after it were not taken, because ${why}`)
  }
  if (!terminal.isInteractive) return refuse('usage', 'no terminal is there to ask: add --yes')
  const context = { input: terminal.input, output: terminal.messages, signal: terminal.interrupted }
  const agreed = await confirm({ message: 'Go on?', default: true }, context).catch(() =>
    refuse('interrupted', 'the question was not answered'),
  )
  if (!agreed) refuse('failed', 'you answered no')
}

function nextSteps({ options, domain }: SetupInputs, { made }: SetupContext): string[] {
  if (options.dryRun) return ['Dry run: nothing was changed. Run it without --dry-run to do this.']
  const url = made.url ?? '<url>'
  const smoked =
    made.apiKey === undefined
      ? [`- Smoke test it with a key of your own: SMOKE_API_KEY=... npm run smoke -- ${url} --job <uuid>`]
      : []
  return [
    `${url} is ready. Next:`,
    ...smoked,
    `- Commit wrangler.toml, which has the addresses of ${options.env} now.`,
    `- Give the key to ${domain}, with the reference at ${url}/docs.`,
    '- Set up the alerts of docs/operations.md, and .github/workflows/deploy.yml for later releases.',
  ]
}
