// Where the repository's manifest lies while `npm pack` reads the client's.

import { rename } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

export const MANIFEST = join(ROOT, 'package.json')
export const SET_ASIDE = join(ROOT, 'package.json.set-aside')

/** Puts the manifest back where one was set aside, also by an `npm pack` that was interrupted. */
export async function restoreManifest(): Promise<void> {
  try {
    await rename(SET_ASIDE, MANIFEST)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
