// `npm run dev`: the whole product on this machine, until Ctrl-C.
import { writeDemoFile } from './demo-file.ts'
import { checkPort, type DevOptions, parseDevOptions, usage } from './dev-options.ts'
import { type Demo, type Stack, startStack } from './stack.ts'
import { startWranglerDev, type WranglerDev } from './wrangler-dev.ts'

const STOP_TIMEOUT_MS = 4500
const PARENT_CHECK_MS = 200
/** How many jobs the printed request asks for. */
const SAMPLE_JOBS = 3

let stack: Stack | undefined
let wrangler: WranglerDev | undefined
let stopping = false

stopOnRequest()
try {
  const options = parseDevOptions(process.argv.slice(2))
  if (options.help) console.log(usage)
  else await run(options)
} catch (error) {
  if (!stopping) await fail(error)
}

async function run({ port, demoFile }: DevOptions): Promise<void> {
  await checkPort(port)
  stack = await startStack({ environment: process.env })
  for (const warning of stack.warnings) console.error(`Warning: ${warning}`)
  if (stopping) return
  wrangler = startWranglerDev({ port, bindings: stack.bindings })
  wrangler.exited.then((code) => {
    if (!stopping) console.error(`wrangler ended by itself, with code ${code}: its messages are above`)
    return stop(code || 1)
  })
  await wrangler.ready
  const url = `http://127.0.0.1:${port}`
  if (stack.demo !== undefined) await writeDemoFile(demoFile, { url, ...stack.demo })
  console.log(
    `Ready ${url} ${stack.demo === undefined ? '(your own database: no demo keys)' : sampleRequest(url, stack.demo)}`,
  )
}

function sampleRequest(url: string, { organizations }: Demo): string {
  const [organization] = organizations
  const jobIds = organization?.jobs.slice(0, SAMPLE_JOBS).map(({ id }) => id)
  return `curl -H 'x-api-key: ${organization?.apiKey}' '${url}/analytics/jobs?jobIds=${jobIds}&period=30d'`
}

function stopOnRequest(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0))
  // npm hands SIGTERM to the shell between us and it, which ends without passing it on.
  const parent = process.ppid
  if (process.env['npm_lifecycle_event'] === undefined) return
  setInterval(() => {
    if (process.ppid !== parent) stop(0)
  }, PARENT_CHECK_MS).unref()
}

async function fail(error: unknown): Promise<void> {
  console.error(error instanceof Error ? error.message : error)
  await stop(1)
}

/** Ends all parts and then the process; the stack only after the Worker, which may be using it. */
async function stop(code: number): Promise<void> {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref()
  await wrangler?.stop()
  await stack?.close()
  process.exit(code)
}
