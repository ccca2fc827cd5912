// Builds the console's pages with Vite: an index.html, and scripts and styles whose names change with their content.

import { join } from 'node:path'
import { build } from 'vite'

const CONFIG = join(import.meta.dirname, '..', '..', 'console', 'vite.config.ts')

/** The text of each file, by its path below public/. */
export async function consoleFiles(): Promise<[path: string, text: string][]> {
  const result = await build({ configFile: CONFIG, logLevel: 'warn', build: { write: false } })
  if (!('output' in result))
    throw new Error('Vite built several bundles, or watches: the console is one bundle.')
  return result.output.map((file) => [
    `console/${file.fileName}`,
    file.type === 'chunk' ? file.code : textOf(file.source),
  ])
}

function textOf(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source)
}
