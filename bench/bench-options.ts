// The command line of `npm run bench`.

import { parseArgs } from 'node:util'

/** The options of the command line. */
export interface BenchOptions {
  json: boolean
  quick: boolean
  heap: boolean
  help: boolean
}

/** The help text. */
export const usage = `Usage: npm run bench -- [--quick] [--heap] [--json]

Measures the minified Worker under workerd, with stub stores on this machine: hops, CPU, subrequests, store
queries, SQL, size and start-up. Takes 5 to 8 minutes. See docs/performance.md.

  --quick  a tenth of the requests and fewer jobs, in about 20 seconds: shows that it works, its figures are rough
  --heap   also the heap after 100,000 requests of 10,000 keys, in about 3 minutes more
  --json   one JSON document instead of the tables
  --help   this text`

/** Parses the arguments after the name of the script. Throws an error of one line that says what to do. */
export function parseBenchOptions(args: string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        heap: { type: 'boolean', default: false },
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
