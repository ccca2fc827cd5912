// A real Postgres server in a temporary directory, for one test. Requires the programs of Postgres.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from '../../setup/free-port.ts'

/** A running server with one superuser, who logs in with a password over TCP on 127.0.0.1. */
export interface ThrowawayPostgres {
  host: string
  port: number
  user: string
  password: string
  stop(): Promise<void>
}

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

/** Starts a new cluster; takes a second or two. Rejects with the server's own output when it does not start. */
export async function startThrowawayPostgres(binaries: string): Promise<ThrowawayPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'throwaway-postgres-'))
  const login = { user: 'owner', password: 'owner-secret' }
  const passwordFile = join(directory, 'password')
  const data = join(directory, 'data')
  writeFileSync(passwordFile, login.password)
  const account = unprivilegedAccount()
  if (account) for (const path of [directory, passwordFile]) chownSync(path, account.uid, account.gid)

  const initdb = ['-D', data, '-U', login.user, '-A', 'scram-sha-256', '--pwfile', passwordFile, '-N']
  execFileSync(join(binaries, 'initdb'), [...initdb, '-E', 'UTF8', '--locale', 'C'], {
    ...account,
    stdio: 'pipe',
  })

  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off']
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    {
      ...account,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  const exited = once(server, 'exit')
  let output = ''
  const ready = new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes('ready to accept connections')) resolve()
    })
    exited.then(() => reject(new Error(`postgres ended: ${output}`)), reject)
  })
  await ready

  return {
    ...login,
    host: '127.0.0.1',
    port,
    async stop() {
      server.kill('SIGINT')
      await exited
      rmSync(directory, { recursive: true })
    },
  }
}

/** Postgres refuses to run as root, so it runs as nobody. */
function unprivilegedAccount(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined
}
