// The size of the Worker as it is uploaded.

import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'

/** The size of a bundle. */
export interface BundleFigure {
  bytes: number
  gzipBytes: number
}

/** The minified bundle's size, plain and compressed. */
export async function measureBundle(bundle: string): Promise<BundleFigure> {
  const code = await readFile(bundle)
  return { bytes: code.byteLength, gzipBytes: gzipSync(code).byteLength }
}
