// The command line of `npm run bench`.

import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface BenchOptions {
  json: boolean
  quick: boolean
  help: boolean
}

export const usage = `Usage: npm run bench -- [--quick] [--json]

Measures the minified Worker under workerd, against stub stores on this machine: hops, CPU, subrequests, store
queries, SQL, size and start-up. Takes under 3 minutes. See docs/performance.md.

  --quick  a tenth of the requests and fewer jobs, in about 20 seconds: shows that it works, its figures are rough
  --json   one JSON document instead of the tables
  --help   this text`

/** Parses the arguments after the script's name. Fails with one line of what to do. */
export function parseBenchOptions(args: string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    return values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [reason] = error.message.split('. ')
    throw new Error(`${reason}: see npm run bench -- --help`)
  }
}
