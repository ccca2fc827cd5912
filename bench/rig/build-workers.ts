// Bundles our Worker and those it is compared with, all as `npm run build` does: by wrangler, minified.

import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { unstable_readConfig as readConfig } from 'wrangler'
import * as z from 'zod/mini'
import { keepTrackOf } from './children.ts'

const PROJECT = join(import.meta.dirname, '..', '..')
const WORKERS = {
  ours: 'src/index.ts',
  floor: 'bench/workers/floor-worker.ts',
  chain: 'bench/workers/chain-worker.ts',
  clocked: 'bench/workers/clocked-worker.ts',
} as const

export type BundleName = keyof typeof WORKERS

const aliases = z._default(z.record(z.string(), z.string()), {})

/** The bundles' paths, and the day whose runtime they are made for. */
export interface BuiltWorkers {
  bundles: Record<BundleName, string>
  compatibilityDate: string
}

/** Bundles them, each into a directory of its own under `directory`. Rejects with wrangler's reason in one line. */
export async function buildWorkers(directory: string): Promise<BuiltWorkers> {
  const project = readConfig({ config: join(PROJECT, 'wrangler.toml') }, { hideWarnings: true })
  const build = async (name: BundleName) => {
    const home = join(directory, name)
    await mkdir(home, { recursive: true })
    const config = join(home, 'wrangler.json')
    // What decides on the code, and nothing of the pages or the platform, which would be built and checked each time.
    const { compatibility_date, compatibility_flags, define, rules, keep_names } = project
    const alias = Object.fromEntries(
      Object.entries(aliases.parse(project.alias)).map(([from, to]) => [from, resolve(PROJECT, to)]),
    )
    const main = join(PROJECT, WORKERS[name])
    const settings = { compatibility_date, compatibility_flags, define, rules, keep_names, alias }
    await writeFile(config, JSON.stringify({ name, main, ...settings }))
    await runWrangler(
      ['deploy', '--config', config, '--dry-run', '--minify', '--outdir', join(home, 'out')],
      name,
    )
    return join(home, 'out', name === 'ours' ? 'index.js' : `${name}-worker.js`)
  }
  const [ours, floor, chain, clocked] = await Promise.all([
    build('ours'),
    build('floor'),
    build('chain'),
    build('clocked'),
  ])
  const { compatibility_date: compatibilityDate } = project
  if (compatibilityDate === undefined) throw new Error('wrangler.toml names no compatibility_date')
  return { bundles: { ours, floor, chain, clocked }, compatibilityDate }
}

async function runWrangler(args: string[], name: BundleName): Promise<void> {
  // Not wrangler's launcher, which would be a process between us and the one to end.
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
    keepTrackOf(running.child)
    await running
  } catch (error) {
    const words = z.object({ stderr: z.string() }).safeParse(error).data?.stderr ?? ''
    const reason = /(?<=\[ERROR\] )(?!Build failed).+/.exec(words)?.[0] ?? 'see npm run build'
    throw new Error(`wrangler cannot bundle ${WORKERS[name]}: ${reason}`)
  }
}
