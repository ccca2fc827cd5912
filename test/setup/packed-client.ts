// Packs the client with `npm pack` and installs it in a project of its own, as its users do.

import { execFile } from 'node:child_process'
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')
/** `npm pack` changes package.json for a moment, so it runs in a copy of what it needs. */
const NEEDED = ['package.json', 'LICENSE', 'src', 'scripts', 'tsconfig.base.json', 'tsconfig.client.json']

/** Makes the project at `folder`, with the client as its one dependency; returns the path of the package. */
export async function installPackedClient(folder: string): Promise<string> {
  const copy = `${folder}-source`
  await mkdir(copy, { recursive: true })
  for (const name of NEEDED) await cp(join(ROOT, name), join(copy, name), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const { stdout } = await npm(copy, ['pack', '--json', '--silent'])
  const packed = JSON.parse(stdout.slice(stdout.indexOf('[')))
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const tarball = join(folder, 'client.tgz')
  await cp(join(copy, packed[0].filename), tarball)
  await rm(copy, { recursive: true })
  await npm(folder, ['install', '--offline', '--no-audit', '--no-fund', tarball])
  return tarball
}

function npm(cwd: string, parameters: string[]) {
  // Its scripts need the project's own Node, whichever the system's is.
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  return run('npm', parameters, { cwd, env: { ...process.env, PATH } })
}
