// `npm run dev`: the whole product on this machine, until Ctrl-C.
import { relative } from 'node:path'
import { startConsoleLink } from './console-link.ts'
import { chooseDemoFile, removeDemoFile, writeDemoFile } from './demo-file.ts'
import type { Demo } from './demo-schema.ts'
import { checkPort, type DevOptions, parseDevOptions, usage } from './dev-options.ts'
import type { LoopbackServer } from './loopback-server.ts'
import { type Stack, startStack } from './stack.ts'
import { startWranglerDev, type WranglerDev } from './wrangler-dev.ts'

const STOP_TIMEOUT_MS = 4500
const PARENT_CHECK_MS = 200
/** How many jobs the printed request asks for. */
const SAMPLE_JOBS = 3

let stack: Stack | undefined
let wrangler: WranglerDev | undefined
let consoleLink: LoopbackServer | undefined
let written: { path: string; url: string } | undefined
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
  const path = await chooseDemoFile({ port, requested: demoFile })
  stack = await startStack({ environment: process.env, onProgress: (line) => console.log(line) })
  for (const warning of stack.warnings) console.error(`Warning: ${warning}`)
  if (stopping) return
  console.log('Starting the Worker ...')
  // Otherwise links in responses would begin with whatever Host a caller sends.
  const url = `http://127.0.0.1:${port}`
  wrangler = startWranglerDev({ port, bindings: { PUBLIC_URL: url, ...stack.bindings } })
  wrangler.exited.then((code) => {
    if (!stopping) console.error(`wrangler ended by itself, with code ${code}: see its messages above`)
    return stop(code || 1)
  })
  await wrangler.ready
  if (stack.demo !== undefined) {
    written = { path, url }
    await writeDemoFile(path, { url, ...stack.demo })
    consoleLink = await startConsoleLink({
      consoleUrl: url,
      consoleSecret: stack.demo.secrets.consoleSecret,
      organizationId: stack.demo.organizations[0]?.id ?? '',
    })
  }
  console.log(readyText(url, stack.demo, path))
  if (consoleLink !== undefined) console.log(`Console ${consoleLink.url}/ (signs you in)\n`)
}

/** The block that says that all is running. Its first line begins with `Ready` and holds the address. */
function readyText(url: string, demo: Demo | undefined, path: string): string {
  const reference = `  Reference  ${url}/docs`
  if (demo === undefined) return `Ready ${url} (your own database: no demo keys)\n${reference}`
  const [organization] = demo.organizations
  const jobIds = organization?.jobs.slice(0, SAMPLE_JOBS).map(({ id }) => id)
  return [
    `Ready ${url}`,
    reference,
    `  Demo key   ${organization?.apiKey}`,
    `  Demo file  ${relative(process.cwd(), path)}`,
    '',
    'Try this:',
    `curl -H 'x-api-key: ${organization?.apiKey}' '${url}/analytics/jobs?jobIds=${jobIds}&period=30d'`,
    '',
  ].join('\n')
}

function stopOnRequest(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0))
  // npm passes SIGTERM to the shell between npm and this process. The shell ends and does not pass it on.
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

/** Ends all parts and then the process. The stack ends after the Worker, which may be using it. */
async function stop(code: number): Promise<void> {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref()
  if (written !== undefined) await removeDemoFile(written.path, written.url)
  await consoleLink?.close()
  await wrangler?.stop()
  await stack?.close()
  process.exit(code)
}
