// `npm run prove`: runs, prints the report, and ends everything that it started, also on Ctrl-C.

import { writeFile } from 'node:fs/promises'
import { killAllPrograms } from '../harness/processes.ts'
import { type ProveOptions, parseProveOptions, usage } from './prove-options.ts'
import { reportOf } from './report.ts'
import { closeConnections } from './requests/send-case.ts'
import { type Effort, runProve } from './run-prove.ts'
import { showCase } from './show-case.ts'
import { startProveStack } from './stack/prove-stack.ts'

const FULL = { concurrency: 12, windowSeconds: 60, faultMs: 3_000, pauseMs: 4_000, validKeys: 200 }
const SHORT = { concurrency: 8, windowSeconds: 10, faultMs: 1_500, pauseMs: 500, validKeys: 60 }
const SHORT_MINUTES = 0.6

try {
  const options = parseProveOptions(process.argv.slice(2))
  if (options.help) console.log(usage)
  else await run(options)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function run(options: ProveOptions): Promise<void> {
  endOnSignals()
  const { seed, isEmbedded, isShort, parts, case: number } = options
  const { validKeys, ...pace } = isShort ? SHORT : FULL
  const effort: Effort = { ...pace, minutes: isShort ? SHORT_MINUTES : options.minutes, parts }
  showProgress(`seed ${seed}`)
  const { windowSeconds } = effort
  const stack = await startProveStack({
    seed,
    windowSeconds,
    validKeys,
    isEmbedded,
    onProgress: showProgress,
  })
  try {
    if (number !== undefined) {
      process.exitCode = (await showCase(stack, seed, number)) ? 0 : 1
      return
    }
    const figures = await runProve(stack, seed, effort, showProgress)
    const report = reportOf(stack, figures, effort)
    console.log(report)
    if (options.report !== undefined) await writeFile(options.report, report)
    if (figures.findings.count > 0) process.exitCode = 1
  } finally {
    closeConnections()
    await stack.close()
  }
}

function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killAllPrograms()
      process.exit(signal === 'SIGINT' ? 130 : 143)
    })
  }
}

function showProgress(text: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`)
}
