// The command line of `npm run dev`, and the check of its port.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findPortHolder } from './port-holder.ts'

const DEFAULT_PORT = 8787

/** The parsed command line. */
export interface DevOptions {
  port: number
  /** An absolute path; undefined for the default. */
  demoFile: string | undefined
  help: boolean
}

export const usage = `Usage: npm run dev -- [--port ${DEFAULT_PORT}] [--demo-file .dev/demo.json]

Starts the Worker and everything it needs on 127.0.0.1, with a year of demo data. Ctrl-C ends all of it.

  --port <number>     the port of the Worker
  --demo-file <path>  the file for the demo's keys, jobs and addresses. The default is .dev/demo.json,
                      or .dev/demo-<port>.json while another instance uses that
  --help              print this text

These environment variables replace the embedded parts:
  DATABASE_URL (and NEON_ENDPOINT)                   your own Postgres, which is neither migrated nor filled
  UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN   an Upstash database
  REDIS_URL                                          a Redis server, redis://[user:password@]host[:port][/database]
  PLAUSIBLE_URL, PLAUSIBLE_API_KEY                   a Plausible server

API_KEY_SECRET and all other variables of the Worker (see wrangler.toml) are passed on to it.

Time limits, as the real services have them: 15 s for the SQL statements of one request, 5 s for a Lua script.`

/** Parses the arguments after the script's name. Throws an Error with one line that says what to do. */
export function parseDevOptions(argv: string[]): DevOptions {
  const { port = String(DEFAULT_PORT), 'demo-file': demoFile, help = false } = parseFlags(argv)
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw new Error(`--port takes a number from 1 to 65535, not "${port}"`)
  }
  return { port: Number(port), demoFile: demoFile === undefined ? undefined : resolve(demoFile), help }
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

/** Rejects with one line that says what to do if the Worker cannot listen on this port of 127.0.0.1. */
export async function checkPort(port: number): Promise<void> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const holder = code === 'EADDRINUSE' ? await findPortHolder(port) : undefined
    const reason = code === 'EADDRINUSE' ? 'is taken' : 'cannot be used'
    const end = holder
      ? `process ${holder.pid} (${holder.command}) listens there. End it with kill ${holder.pid}`
      : 'end the program that listens there'
    throw new Error(`Port ${port} ${reason}: ${end}, or choose another with npm run dev -- --port <number>`)
  }
  server.close()
  await once(server, 'close')
}
