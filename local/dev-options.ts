// The command line of `npm run dev`, and the check of the port it names.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const DEFAULT_PORT = 8787

/** What the command line asks for. */
export interface DevOptions {
  port: number
  demoFile: string
  help: boolean
}

export const usage = `Usage: npm run dev -- [--port ${DEFAULT_PORT}] [--demo-file .dev/demo.json]

Starts the Worker and everything it needs on 127.0.0.1, with a year of demo data. Ctrl-C ends all of it.

  --port <number>     where the Worker answers
  --demo-file <path>  where the demo's keys, jobs and addresses are written
  --help              this text

Variables of the environment replace the embedded parts:
  DATABASE_URL (and NEON_ENDPOINT)                   a Postgres of your own, neither migrated nor seeded
  UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN   an Upstash database
  REDIS_URL                                          a Redis server, redis://[user:password@]host[:port][/database]
  PLAUSIBLE_URL, PLAUSIBLE_API_KEY                   a Plausible
API_KEY_SECRET and every other variable of the Worker (see wrangler.toml) are passed on to it.`

/** Parses the arguments after the script's name. Fails with one line of what to do. */
export function parseDevOptions(argv: string[]): DevOptions {
  const { port = String(DEFAULT_PORT), 'demo-file': demoFile, help = false } = parseFlags(argv)
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw new Error(`--port takes a number from 1 to 65535, not "${port}"`)
  }
  const path =
    demoFile === undefined ? join(import.meta.dirname, '..', '.dev', 'demo.json') : resolve(demoFile)
  return { port: Number(port), demoFile: path, help }
}

function parseFlags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        'demo-file': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [reason] = error.message.split('. ')
    throw new Error(`${reason}: see npm run dev -- --help`)
  }
}

/** Fails with one line of what to do when nothing can listen on this port of 127.0.0.1. */
export async function checkPort(port: number): Promise<void> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const reason = code === 'EADDRINUSE' ? 'is taken' : 'cannot be used'
    throw new Error(
      `Port ${port} ${reason}: end what listens there, or choose another with npm run dev -- --port <number>`,
    )
  }
  server.close()
  await once(server, 'close')
}
