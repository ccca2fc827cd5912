// A new Postgres cluster in a temporary directory, made by the programs of an installed Postgres.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from '../free-port.ts'

/** A cluster, and how to start its server on 127.0.0.1. */
export interface TemporaryCluster {
  /** Holds everything. Whoever ends the server removes it. */
  directory: string
  /** The file of the running server's process ID. */
  pidFile: string
  port: number
  command: string
  args: readonly string[]
  /** The user and group that the server runs as; those of this process if undefined. */
  account: { uid: number; gid: number } | undefined
}

/** What the server prints once it serves. */
export const READY_TEXT = 'ready to accept connections'

const NOBODY = { uid: 65534, gid: 65534 }

/** The directory of `initdb` and `postgres`: on the PATH, or where Debian installs them. Undefined when there is none. */
export function findPostgresBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
  return directories.find((directory) =>
    ['initdb', 'postgres'].every((program) => existsSync(join(directory, program))),
  )
}

/** Creates a cluster with one superuser, who logs in with a password. Takes a second or two. */
export async function createCluster(
  binaries: string,
  owner: { name: string; password: string },
): Promise<TemporaryCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'temporary-postgres-'))
  const data = join(directory, 'data')
  const passwordFile = join(directory, 'password')
  await writeFile(passwordFile, owner.password)
  // Postgres refuses to run as root.
  const account = process.getuid?.() === 0 ? NOBODY : undefined
  if (account) for (const path of [directory, passwordFile]) await chown(path, account.uid, account.gid)
  const access = ['-U', owner.name, '-A', 'scram-sha-256', '--pwfile', passwordFile]
  execFileSync(join(binaries, 'initdb'), ['-D', data, ...access, '-N', '-E', 'UTF8', '--locale', 'C'], {
    ...account,
    stdio: 'pipe',
  })
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off']
  return {
    directory,
    pidFile: join(data, 'postmaster.pid'),
    port,
    command: join(binaries, 'postgres'),
    args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    account,
  }
}
