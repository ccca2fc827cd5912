// The command line of `npm run prove`.

import { parseArgs } from 'node:util'

/** The parts of a run. */
export const PARTS = ['requests', 'limits', 'faults'] as const
/** A part of a run. */
export type Part = (typeof PARTS)[number]

/** The parsed command line. */
export interface ProveOptions {
  minutes: number
  isShort: boolean
  isEmbedded: boolean
  seed: string
  /** The number of the one request to send; undefined for a whole run. */
  case: number | undefined
  parts: readonly Part[]
  /** The path of the report as Markdown. */
  report: string | undefined
  help: boolean
}

/** The help text. */
export const usage = `Usage: npm run prove -- [--minutes 2] [--short] [--seed <text>] [--only <part>] [--report <file>]
       npm run prove -- --seed <text> --case <number>

Runs three Workers, whose clocks differ, over a Redis and a Postgres server (where they are installed, else the
embedded engines) and the stand-in for Plausible, all on 127.0.0.1. Sends generated requests, tries to get past the
limits, makes every store fail, and checks every response. The exit code is 1 when something is wrong.

  --minutes <n>    how long, 2 by default; 20 or more for memory and open files to say something
  --short          less than a minute in all, with a rate window of 10 s instead of 60
  --seed <text>    which requests; a new one each time by default, which the report names
  --only <part>    only ${PARTS.join(', ')}; may be repeated
  --case <number>  sends one generated request of the seed and prints its response
  --embedded       uses the embedded engines although servers are installed
  --report <file>  also writes the report there, as Markdown
  --help           this text`

/** Parses the arguments after the name of the script. Throws an Error of one line that says what to do. */
export function parseProveOptions(args: string[]): ProveOptions {
  const {
    minutes = '2',
    short = false,
    seed,
    case: number,
    only = [],
    report,
    embedded = false,
    help = false,
  } = parseFlags(args)
  if (!/^\d+(\.\d+)?$/.test(minutes) || Number(minutes) === 0) {
    throw new Error(`--minutes takes a number above 0, not "${minutes}"`)
  }
  if (seed !== undefined && !/^[\w.-]{1,40}$/.test(seed)) {
    throw new Error('--seed takes 1 to 40 letters, digits, dots and hyphens')
  }
  if (number !== undefined && (!/^\d{1,9}$/.test(number) || seed === undefined)) {
    throw new Error('--case takes the number of a request, and requires --seed')
  }
  const unknown = only.find((name) => !PARTS.some((part) => part === name))
  if (unknown !== undefined) throw new Error(`--only takes ${PARTS.join(', ')}, not "${unknown}"`)
  return {
    minutes: Number(minutes),
    isShort: short,
    isEmbedded: embedded,
    seed: seed ?? String(Math.floor(Math.random() * 1_000_000)),
    case: number === undefined ? undefined : Number(number),
    parts: PARTS.filter((part) => only.length === 0 || only.includes(part)),
    report,
    help,
  }
}

function parseFlags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        minutes: { type: 'string' },
        short: { type: 'boolean' },
        seed: { type: 'string' },
        case: { type: 'string' },
        only: { type: 'string', multiple: true },
        embedded: { type: 'boolean' },
        report: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [reason] = error.message.split('. ')
    throw new Error(`${reason}: see npm run prove -- --help`)
  }
}
