// Runs wrangler for one environment of the Worker. Secrets go through its standard input only.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import * as z from 'zod/mini'
import { AdminError } from '../admin/admin-error.ts'
import { withoutSecrets } from './worker-settings.ts'

const PROJECT = join(import.meta.dirname, '..', '..')
const SCRIPT = join(PROJECT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
/** What wrangler prints when the account has no such Worker. */
const NO_WORKER = /Worker ".*" \(env: .*\) not found/
const MAX_REASON_LENGTH = 300
const secretList = z.array(z.object({ name: z.string() }))

/** What wrangler can do with the Worker of an environment. Each method throws AdminError when Cloudflare refuses it. */
export interface Wrangler {
  /** The names of the Worker's secrets; undefined when there is no such Worker. */
  listSecrets(): Promise<string[] | undefined>
  /** Sets secrets, and creates the Worker if there is none. Others stay. */
  putSecrets(secrets: Record<string, string>): Promise<void>
  /** Builds and deploys. Returns the address that Cloudflare gave to it, undefined when it has none. */
  deploy(): Promise<string | undefined>
  /** Deletes the Worker with its secrets. */
  delete(): Promise<void>
}

/** Prepares it; nothing runs yet. `workerEnvironment` is one of wrangler.toml. */
export function openWrangler(workerEnvironment: string, environment: NodeJS.ProcessEnv): Wrangler {
  const run = (parameters: string[], input = '') =>
    runWrangler([...parameters, '--env', workerEnvironment], environment, input)
  const demand = async (what: string, parameters: string[], input?: string) => {
    const { code, output, messages } = await run(parameters, input)
    if (code === 0) return output
    throw new AdminError('unavailable', `wrangler could not ${what}: ${reasonIn(messages)}`)
  }
  return {
    async listSecrets() {
      const { code, output, messages } = await run(['secret', 'list', '--format', 'json'])
      if (code === 0) return secretList.parse(JSON.parse(output)).map(({ name }) => name)
      if (NO_WORKER.test(messages)) return undefined
      throw new AdminError(
        'unavailable',
        `Cloudflare refuses to list the secrets (${reasonIn(messages)}): run npx wrangler login, or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID`,
      )
    },
    async putSecrets(secrets) {
      await demand('set the secrets', ['secret', 'bulk'], JSON.stringify(secrets))
    },
    async deploy() {
      const output = await demand('deploy', ['deploy', '--minify'])
      return /https:\/\/\S+\.workers\.dev/.exec(output)?.[0]
    },
    async delete() {
      await demand('delete the Worker', ['delete', '--force'])
    },
  }
}

async function runWrangler(parameters: string[], environment: NodeJS.ProcessEnv, input: string) {
  const child = spawn(process.execPath, ['--no-warnings', SCRIPT, ...parameters], {
    cwd: PROJECT,
    env: {
      ...withoutSecrets(environment),
      WRANGLER_WRITE_LOGS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
    },
  })
  // Wrangler may end before it has read everything.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [output, messages, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, output, messages: `${messages}\n${output}` }
}

/** The first line that says what went wrong, and the one after it, which has Cloudflare's own words. */
function reasonIn(messages: string): string {
  const lines = stripVTControlCharacters(messages)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const at = Math.max(
    lines.findIndex((line) => line.includes('[ERROR]')),
    0,
  )
  const reason = lines.slice(at, at + 2).join(' ')
  return reason.replace(/^.*\[ERROR\]\s*/, '').slice(0, MAX_REASON_LENGTH) || 'it gave no reason'
}
