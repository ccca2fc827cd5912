// What `wrangler deploy` sends for an environment: the bundle that it builds, and the settings that it reads from wrangler.toml.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler'
import type { DeployedWorker, WorkerOptions } from './deployed-worker.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..', '..')
const WRANGLER = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')

/** Builds the Worker in `folder`, an empty one, exactly as `npm run deploy -- --env <environment>` does. Sends nothing. */
export async function buildWorker(environment: string, folder: string): Promise<DeployedWorker> {
  await run(
    process.execPath,
    [WRANGLER, 'deploy', '--minify', '--env', environment, '--dry-run', '--outdir', folder],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
        WRANGLER_SEND_METRICS: 'false',
        WRANGLER_WRITE_LOGS: 'false',
      },
    },
  )
  const modules = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  const [main] = modules
  if (main === undefined || modules.length > 1) throw new Error(`One module was expected, not ${modules}`)
  const config = unstable_readConfig(
    { config: join(ROOT, 'wrangler.toml'), env: environment },
    { hideWarnings: true },
  )
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config, environment)
  return {
    name: config.name ?? '',
    script: await readFile(join(folder, main), 'utf8'),
    // Not those of workerOptions: they contain what a .dev.vars file or the environment says.
    bindings: Object.fromEntries(Object.entries(config.vars).map(([name, value]) => [name, String(value)])),
    // In wrangler's own type, the fields are unknown.
    options: optionsOf(workerOptions as WorkerOptions),
  }
}

/** Without everything that the environment of the test could change. */
function optionsOf({ compatibilityDate, compatibilityFlags, ...others }: WorkerOptions): WorkerOptions {
  const { ratelimits, versionMetadata, assets } = others
  return {
    ...(compatibilityDate && { compatibilityDate }),
    ...(compatibilityFlags && { compatibilityFlags }),
    ...(ratelimits && { ratelimits }),
    ...(versionMetadata && { versionMetadata }),
    ...(assets && { assets }),
  }
}
