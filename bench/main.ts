// `npm run bench`: measures, prints, and ends everything that it started, also on Ctrl-C.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killAllPrograms } from '../harness/processes.ts'
import { type BenchOptions, parseBenchOptions, usage } from './bench-options.ts'
import { machineOf, tablesOf } from './report.ts'
import { FULL, QUICK, runBench } from './run-bench.ts'
import { targetsOf } from './targets.ts'

try {
  const options = parseBenchOptions(process.argv.slice(2))
  if (options.help) console.log(usage)
  else await run(options)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function run({ json, quick, heap }: BenchOptions): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  endOnSignals(directory)
  try {
    const startedAt = performance.now()
    const figures = await runBench(quick ? QUICK : FULL, directory, heap, showProgress)
    showProgress('')
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    const report = { machine: machineOf(), quick, seconds, ...figures, targets: targetsOf(figures) }
    console.log(json ? JSON.stringify(report, null, 2) : tablesOf(report))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function endOnSignals(directory: string): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, async () => {
      killAllPrograms()
      showProgress('')
      await rm(directory, { recursive: true, force: true })
      process.exit(signal === 'SIGINT' ? 130 : 143)
    })
  }
}

/** One line that replaces the one before; nothing if stderr is not a terminal. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
