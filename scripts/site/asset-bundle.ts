// Bundles the styles and the script of the pages. Their names hold a hash, so that a browser can keep them for good.

import { basename, join } from 'node:path'
import { build } from 'esbuild'
import type { Assets } from './page-shell.ts'

const SITE = join(import.meta.dirname, '..', '..', 'site')
/** Every file in this folder is cached for good: `site/_headers`. */
const FOLDER = 'assets/hashed'
const ENTRIES = { 'pages.css': 'pages/pages.css', 'reference.js': 'reference/main.ts' } as const

/** The text of each bundle by its path below `public/`, and the addresses by which the pages load them. */
export async function bundleAssets(): Promise<{ files: Map<string, string>; assets: Assets }> {
  const { outputFiles } = await build({
    entryPoints: Object.values(ENTRIES).map((path) => join(SITE, path)),
    entryNames: '[name]-[hash]',
    outdir: FOLDER,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    logLevel: 'warning',
  })
  const paths = outputFiles.map(({ path, text }) => ({ path: `${FOLDER}/${basename(path)}`, text }))
  const addressOf = (suffix: string): string => {
    const file = paths.find(({ path }) => path.endsWith(suffix))
    if (file === undefined) throw new Error(`The bundle of ${suffix} is missing`)
    return `/${file.path}`
  }
  return {
    files: new Map(paths.map(({ path, text }) => [path, text])),
    assets: { 'pages.css': addressOf('.css'), 'reference.js': addressOf('.js') },
  }
}
