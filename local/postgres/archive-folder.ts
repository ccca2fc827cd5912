// A folder of PGlite's file system as a tar archive, made in one synchronous step.
import { createTar, type TarFileInput } from 'nanotar'

/** The part of Emscripten's file system that is used here. */
export interface FileSystem {
  readdir(path: string): string[]
  stat(path: string): { mode: number }
  isDir(mode: number): boolean
  readFile(path: string): Uint8Array
}

/** The folder's files and folders, names relative to it, uncompressed: what PGlite takes as `loadDataDir`. */
export function archiveFolder(fs: FileSystem, folder: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createTar(listFolder(fs, folder, '')))
}

function listFolder(fs: FileSystem, folder: string, prefix: string): TarFileInput[] {
  return fs.readdir(folder).flatMap((entry) => {
    if (entry === '.' || entry === '..') return []
    const path = `${folder}/${entry}`
    const name = `${prefix}${entry}`
    return fs.isDir(fs.stat(path).mode)
      ? [{ name }, ...listFolder(fs, path, `${name}/`)]
      : [{ name, data: fs.readFile(path) }]
  })
}
