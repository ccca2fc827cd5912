// Redis for a run: a real server in a temporary directory that keeps what it has acknowledged, or the embedded engine.

import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../local/free-port.ts'
import { openEmbeddedRedis } from '../local/redis/embedded-redis.ts'
import type { RedisBackend } from '../local/redis/redis-backend.ts'
import { connectRedisServer } from '../local/redis/redis-server.ts'
import { startUpstashFront } from '../local/redis/upstash-front.ts'
import { type ControlledStore, FaultSwitch } from './controlled-store.ts'
import { killTree, signalTree, startProgram, treeOf } from './processes.ts'

/** Redis behind Upstash's protocol. */
export interface RedisStore extends ControlledStore {
  bindings: { UPSTASH_REDIS_REST_URL: string; UPSTASH_REDIS_REST_TOKEN: string }
  /** Runs one command past the protocol. */
  send(...command: string[]): Promise<unknown>
}

/** Starts a server if one is installed, unless `isEmbedded`. */
export async function startRedisStore({
  isEmbedded,
  token,
}: {
  isEmbedded: boolean
  token: string
}): Promise<RedisStore> {
  const version = isEmbedded ? undefined : installedVersion()
  return version === undefined ? startEmbedded(token) : startServer(token, version)
}

function installedVersion(): string | undefined {
  try {
    return /v=([\d.]+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1]
  } catch {
    return undefined
  }
}

async function startServer(token: string, version: string): Promise<RedisStore> {
  const directory = await mkdtemp(join(tmpdir(), 'prove-redis-'))
  const port = await freePort()
  // What was acknowledged survives a kill of the process, as it does in an Upstash database.
  const durable = ['--appendonly', 'yes', '--appendfsync', 'no', '--save', '']
  const start = () =>
    startProgram({
      command: 'redis-server',
      args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, ...durable],
      readyText: 'Ready to accept connections',
    })
  let server = await start()
  const backend = await connectRedisServer(`redis://127.0.0.1:${port}`)
  const front = await startUpstashFront({ redis: backend, token })
  return {
    engine: `Redis ${version}`,
    ...partsOf(backend, front.url, token),
    pids: () => treeOf(server),
    kill: () => killTree(server),
    hang: () => signalTree(server, 'SIGSTOP'),
    resume: () => signalTree(server, 'SIGCONT'),
    restart: async () => {
      server = await start()
    },
    close: async () => {
      await front.close()
      await backend.close()
      await killTree(server)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function startEmbedded(token: string): Promise<RedisStore> {
  const engine = await openEmbeddedRedis()
  const faults = new FaultSwitch()
  const backend: RedisBackend = {
    send: async (commands) => {
      await faults.pass()
      return engine.send(commands)
    },
    close: () => engine.close(),
  }
  const front = await startUpstashFront({ redis: backend, token })
  return {
    engine: 'the embedded Redis (Valkey)',
    ...partsOf(engine, front.url, token),
    pids: () => [],
    kill: async () => faults.setDown(true),
    hang: () => faults.hang(),
    resume: () => faults.resume(),
    restart: async () => faults.setDown(false),
    close: async () => {
      faults.resume()
      await front.close()
      await backend.close()
    },
  }
}

function partsOf(redis: RedisBackend, url: string, token: string) {
  return {
    bindings: { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token },
    send: async (...command: string[]): Promise<unknown> => (await redis.send([command]))[0],
  }
}
