// What a setup needs to be given: from the environment and the command line, else by asking the person at the terminal.
import input from '@inquirer/input'
import password from '@inquirer/password'
import { AdminError } from '../admin/admin-error.ts'
import { readSettings, type Settings } from '../admin/settings.ts'
import type { Terminal } from '../admin/terminal.ts'

/** The options of the command line. */
export interface SetupOptions {
  env: string
  dryRun?: true | undefined
  yes?: true | undefined
  organization?: string | undefined
  domain?: string | undefined
  timeZone?: string | undefined
  jobs?: string | undefined
  url?: string | undefined
  dnsServer?: string | undefined
}

/** Everything that was given. */
export interface SetupInputs {
  options: SetupOptions
  settings: Settings
  /** The first organization. Its domain is as it was written. */
  organization: string
  domain: string
  timeZone: string
}

interface Need {
  /** The variable, or the option with its dashes. */
  name: string
  question: string
  isSecret?: true
  fallback?: string
}

const NEEDS: Need[] = [
  {
    name: 'ADMIN_DATABASE_URL',
    question: 'Connection string of the login that owns the database (Neon, with -pooler in the host)',
    isSecret: true,
  },
  { name: 'UPSTASH_REDIS_REST_URL', question: 'REST URL of the Upstash database' },
  { name: 'UPSTASH_REDIS_REST_TOKEN', question: 'Its REST token', isSecret: true },
  { name: 'PLAUSIBLE_URL', question: 'URL of Plausible', fallback: 'https://plausible.io' },
  { name: 'PLAUSIBLE_API_KEY', question: 'A key of its Stats API', isSecret: true },
  { name: '--organization', question: 'Name of the first organization' },
  { name: '--domain', question: 'Domain of its job postings, as its site is named in Plausible' },
  { name: '--time-zone', question: 'Time zone of that site', fallback: 'UTC' },
]

/** Reads what is given and asks for the rest. Without a terminal, throws an AdminError that names everything that is missing. */
export async function readInputs(terminal: Terminal, options: SetupOptions): Promise<SetupInputs> {
  const settings = readSettings(terminal.environment)
  const given: Settings = {
    ...settings,
    '--organization': options.organization,
    '--domain': options.domain,
    '--time-zone': options.timeZone,
  }
  const missing = NEEDS.filter(({ name }) => given[name] === undefined)
  const unanswered = terminal.isInteractive ? [] : missing.filter(({ fallback }) => fallback === undefined)
  if (unanswered.length > 0) {
    const names = unanswered.map(({ name }) => name).join(', ')
    throw new AdminError(
      'usage',
      `Nothing was changed, because these are not given and no terminal is there to ask: ${names}`,
    )
  }
  for (const need of missing) {
    given[need.name] = terminal.isInteractive ? await ask(terminal, need) : need.fallback
  }
  const {
    '--organization': organization = '',
    '--domain': domain = '',
    '--time-zone': timeZone = '',
    ...rest
  } = given
  return { options, settings: rest, organization, domain, timeZone }
}

/** What is typed for a secret is not shown. */
async function ask(terminal: Terminal, { question, isSecret, fallback }: Need): Promise<string> {
  const context = { input: terminal.input, output: terminal.messages, signal: terminal.interrupted }
  const validate = (value: string) => value.trim() !== '' || 'This is needed.'
  try {
    const text = isSecret
      ? await password({ message: question, mask: true, validate }, context)
      : await input(
          { message: question, validate, ...(fallback !== undefined && { default: fallback }) },
          context,
        )
    return text.trim()
  } catch {
    throw new AdminError('interrupted', 'Nothing was changed, because a question was not answered')
  }
}
