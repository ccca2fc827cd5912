// A real Postgres server in a temporary directory, for tests and measurements. Requires the programs of Postgres.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createCluster, READY_TEXT } from './temporary-cluster.ts'

/** A running server with one superuser, who logs in with a password over TCP on 127.0.0.1. */
export interface ThrowawayPostgres {
  host: string
  port: number
  user: string
  password: string
  stop(): Promise<void>
}

/** Starts a new cluster; takes a second or two. Rejects with the server's own output when it does not start. */
export async function startThrowawayPostgres(binaries: string): Promise<ThrowawayPostgres> {
  const owner = { name: 'owner', password: 'owner-secret' }
  const { directory, port, command, args, account } = await createCluster(binaries, owner)
  const server = spawn(command, args, { ...account, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(server, 'exit')
  let output = ''
  const ready = new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes(READY_TEXT)) resolve()
    })
    exited.then(() => reject(new Error(`postgres ended: ${output}`)), reject)
  })
  await ready

  return {
    user: owner.name,
    password: owner.password,
    host: '127.0.0.1',
    port,
    async stop() {
      server.kill('SIGINT')
      await exited
      await rm(directory, { recursive: true })
    },
  }
}
