// The questions of `npm run setup` at a terminal: what is asked for, what is typed, and what is never shown.
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Terminal } from '../../scripts/admin/terminal.ts'
import { readInputs } from '../../scripts/setup/setup-inputs.ts'

const GIVEN = {
  ADMIN_DATABASE_URL: 'postgres://owner:a-secret@database.example/job_analytics',
  UPSTASH_REDIS_REST_URL: 'https://redis.example',
  UPSTASH_REDIS_REST_TOKEN: 'a-token',
  PLAUSIBLE_API_KEY: 'a-store-key',
}

interface Person {
  terminal: Terminal
  /** Everything that the terminal has shown. */
  shown: () => string
  /** Waits until the question is shown, then types this line. */
  reply: (question: string, line: string) => Promise<void>
  interrupt: () => void
}

/** Like the error output of a process, this stays open when a question that writes to it has ended. */
class OpenStream extends PassThrough {
  override end(): this {
    return this
  }
}

function personAt(environment: NodeJS.ProcessEnv): Person {
  const [input, messages] = [new PassThrough(), new OpenStream()]
  const interrupt = new AbortController()
  let text = ''
  messages.on('data', (chunk: Buffer) => {
    text += chunk
  })
  const terminal: Terminal = {
    input,
    output: new PassThrough(),
    messages,
    environment,
    columns: undefined,
    isInteractive: true,
    interrupted: interrupt.signal,
  }
  return {
    terminal,
    shown: () => text,
    reply: async (question, line) => {
      await expect.poll(() => text).toContain(question)
      text = ''
      input.write(`${line}\n`)
    },
    interrupt: () => interrupt.abort(),
  }
}

describe('questions of the setup', () => {
  it('asks only for what is not given, and trims what is typed', async () => {
    const { terminal, reply } = personAt(GIVEN)
    const reading = readInputs(terminal, { env: 'production', organization: 'Acme' })
    await reply('URL of Plausible', ' https://stats.example ')
    await reply('Domain of its job postings', 'jobs.acme.example')
    await reply('Time zone of that site', 'Europe/Paris')
    expect(await reading).toMatchObject({
      organization: 'Acme',
      domain: 'jobs.acme.example',
      timeZone: 'Europe/Paris',
      settings: { ...GIVEN, PLAUSIBLE_URL: 'https://stats.example' },
    })
  })

  it('an empty line takes the proposed value', async () => {
    const { terminal, reply } = personAt(GIVEN)
    const reading = readInputs(terminal, { env: 'production', organization: 'Acme', domain: 'a.example' })
    await reply('https://plausible.io', '')
    await reply('UTC', '')
    expect(await reading).toMatchObject({
      timeZone: 'UTC',
      settings: { PLAUSIBLE_URL: 'https://plausible.io' },
    })
  })

  it('an empty line is refused where there is no proposal', async () => {
    const { terminal, reply } = personAt({ ...GIVEN, PLAUSIBLE_URL: 'https://plausible.io' })
    const options = { env: 'production', domain: 'a.example', timeZone: 'UTC' }
    const reading = readInputs(terminal, options)
    await reply('Name of the first organization', '  ')
    await reply('This is needed.', 'Acme')
    expect((await reading).organization.trim()).toBe('Acme')
  })

  it('a secret is not shown while it is typed', async () => {
    const { ADMIN_DATABASE_URL, ...others } = GIVEN
    const { terminal, reply, shown } = personAt({ ...others, PLAUSIBLE_URL: 'https://plausible.io' })
    const options = { env: 'production', organization: 'Acme', domain: 'a.example', timeZone: 'UTC' }
    const reading = readInputs(terminal, options)
    await reply('Connection string', ADMIN_DATABASE_URL)
    const { settings } = await reading
    expect(settings['ADMIN_DATABASE_URL']).toBe(ADMIN_DATABASE_URL)
    expect(shown()).toContain('*')
    expect(shown()).not.toContain('a-secret')
  })

  it('Ctrl-C at a question changes nothing, and says so', async () => {
    const { terminal, shown, interrupt } = personAt(GIVEN)
    const reading = readInputs(terminal, { env: 'production' })
    await expect.poll(shown).toContain('URL of Plausible')
    interrupt()
    await expect(reading).rejects.toMatchObject({
      reason: 'interrupted',
      message: expect.stringContaining('Nothing was changed'),
    })
  })

  it('without a terminal, one error names everything that is missing', async () => {
    const { terminal } = personAt({})
    const reading = readInputs(
      { ...terminal, isInteractive: false },
      { env: 'production', domain: 'a.example' },
    )
    await expect(reading).rejects.toMatchObject({
      reason: 'usage',
      message: expect.stringMatching(
        /ADMIN_DATABASE_URL, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN, PLAUSIBLE_API_KEY, --organization$/,
      ),
    })
  })
})
