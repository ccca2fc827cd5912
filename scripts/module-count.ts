// Counts what there is to read of GET /analytics/jobs: its modules and lines, from the Worker's entry to the stores.

import { Command } from 'commander'
import { type EndpointSize, endpointSize } from './module-size.ts'

const ENDPOINT = 'job-visitors'
const MAX_MODULES = 25
const MAX_LINES = 1_500

const { list } = new Command('npm run modules --')
  .description('Count the modules and lines that there are to read of GET /analytics/jobs.')
  .option('--list', 'name each module and its lines')
  .allowExcessArguments(false)
  .parse()
  .opts<{ list?: true }>()

const whole = endpointSize(ENDPOINT)
console.log('GET /analytics/jobs, other endpoints left out')
print('every module that src/index.ts imports', whole)
print('without modules that only give types', endpointSize(ENDPOINT, { types: false }))
print('the handler and the steps it calls', endpointSize(ENDPOINT, { entry: 'handler', types: false }))
console.log(`Target: at most ${MAX_MODULES} modules and ${MAX_LINES.toLocaleString('en')} lines.`)
if (list) {
  for (const [file, lines] of whole.files) console.log(`${String(lines).padStart(5)}  src/${file}`)
}

function print(what: string, { modules, lines }: EndpointSize): void {
  console.log(
    `${String(modules).padStart(5)} modules ${lines.toLocaleString('en').padStart(6)} lines  ${what}`,
  )
}
