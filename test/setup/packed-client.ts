// Packs the client with `npm pack` and installs it in a project of its own, as its users do.

import { execFile } from 'node:child_process'
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')
/** What `npm pack` reads. It builds in a copy of it, because tests pack at the same time. */
const NEEDED = ['package.json', 'tsconfig.base.json', 'packages', 'scripts/client']

/** Makes the project at `folder`, with the client as its one dependency. Returns the path of the tarball. */
export async function installPackedClient(folder: string): Promise<string> {
  const copy = `${folder}-source`
  for (const name of NEEDED) await cp(join(ROOT, name), join(copy, name), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const { stdout } = await npm(copy, ['pack', '--workspace', 'packages/client', '--json', '--silent'])
  const [packed] = Object.values(JSON.parse(stdout.slice(stdout.search(/[[{]/)))) as { filename: string }[]
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const tarball = join(folder, 'client.tgz')
  await cp(join(copy, packed?.filename ?? ''), tarball)
  await rm(copy, { recursive: true })
  await npm(folder, ['install', '--offline', '--no-audit', '--no-fund', tarball])
  return tarball
}

function npm(cwd: string, parameters: string[]) {
  // Its scripts need the project's own Node, not the system's.
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  return run('npm', parameters, { cwd, env: { ...process.env, PATH } })
}
