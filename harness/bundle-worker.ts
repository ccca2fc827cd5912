// Bundles a Worker as `npm run build` does: with wrangler, minified.

import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { unstable_readConfig as readConfig } from 'wrangler'
import * as z from 'zod/mini'
import { keepTrackOfProgram } from './processes.ts'

const PROJECT = join(import.meta.dirname, '..')

const aliases = z._default(z.record(z.string(), z.string()), {})

/**
 * Bundles one Worker, whose entry is `main` below the project, into `directory`. Resolves to the bundle's path. Rejects with
 * wrangler's reason in one line.
 */
export async function bundleWorker({
  directory,
  main,
}: {
  directory: string
  main: string
}): Promise<{ bundle: string; compatibilityDate: string }> {
  const project = readConfig({ config: join(PROJECT, 'wrangler.toml') }, { hideWarnings: true })
  const { compatibility_date: compatibilityDate } = project
  if (compatibilityDate === undefined) throw new Error('wrangler.toml has no compatibility_date: add one')
  await mkdir(directory, { recursive: true })
  const config = join(directory, 'wrangler.json')
  // Only what affects the code. The pages and the platform's bindings would be built and checked each time.
  const { compatibility_date, compatibility_flags, define, rules, keep_names } = project
  const alias = Object.fromEntries(
    Object.entries(aliases.parse(project.alias)).map(([from, to]) => [from, resolve(PROJECT, to)]),
  )
  const settings = { compatibility_date, compatibility_flags, define, rules, keep_names, alias }
  await writeFile(config, JSON.stringify({ name: 'bundled', main: join(PROJECT, main), ...settings }))
  const outdir = join(directory, 'out')
  await runWrangler(['deploy', '--config', config, '--dry-run', '--minify', '--outdir', outdir], main)
  return { bundle: join(outdir, `${basename(main, '.ts')}.js`), compatibilityDate }
}

async function runWrangler(args: string[], main: string): Promise<void> {
  // Not wrangler's launcher, which starts the process that has to be ended.
  const wrangler = join(PROJECT, 'node_modules/wrangler/wrangler-dist/cli.js')
  const env = {
    ...process.env,
    NO_COLOR: '1',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_WRITE_LOGS: 'false',
  }
  try {
    const running = promisify(execFile)(process.execPath, ['--no-warnings', wrangler, ...args], {
      cwd: PROJECT,
      env,
    })
    keepTrackOfProgram(running.child)
    await running
  } catch (error) {
    const output = z.object({ stderr: z.string() }).safeParse(error).data?.stderr ?? ''
    const reason = /(?<=\[ERROR\] )(?!Build failed).+/.exec(output)?.[0] ?? 'see npm run build'
    throw new Error(`wrangler cannot bundle ${main}: ${reason}`)
  }
}
