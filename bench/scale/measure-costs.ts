// What one request costs each store: counted by Redis itself, by the kernel for the processes, and by the stand-in's log of queries.

import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisStore } from '../../harness/redis-store.ts'
import { sendOne } from '../rig/load.ts'
import { cpuMicroseconds } from '../rig/process-cpu.ts'
import type { RequestKind, ScaleRig } from './scale-rig.ts'

/** The costs of one request of a kind. Background tasks are included. */
export interface RequestCost {
  kind: string
  /** Those within scripts included, as Upstash bills them. */
  redisCommands: number
  /** Of the commands and replies, both directions. */
  redisBytes: number
  redisCpuMs: number
  postgresCpuMs: number
  storeQueries: number
  workerCpuMs: number
}

/** Until V8 has compiled the code, a request costs up to half as much again. */
const WARM_UP = 200
const SETTLE_MS = 300
/** Until then a request has released its slot. The next one of the key would release it again. */
const BETWEEN_MS = 10

interface Reading {
  commands: number
  bytes: number
  redisMs: number
  postgresMs: number
  queries: number
  workerMs: number
}

/** Measures `count` requests of a kind, one after the other. What does not belong to requests is measured too, and taken off. */
export async function measureCost(rig: ScaleRig, kind: RequestKind, count: number): Promise<RequestCost> {
  await sendAll(rig, kind, WARM_UP)
  const before = await read(rig)
  const startedAt = performance.now()
  await sendAll(rig, kind, count)
  const after = await read(rig)
  const elapsedMs = performance.now() - startedAt
  const rest = await idleCost(rig)
  const perRequest = (value: (reading: Reading) => number, idlePerMs = 0) =>
    Math.max(0, (value(after) - value(before) - idlePerMs * elapsedMs) / count)
  return {
    kind: kind.name,
    redisCommands: perRequest(({ commands }) => commands),
    redisBytes: perRequest(({ bytes }) => bytes),
    redisCpuMs: perRequest(({ redisMs }) => redisMs, rest.redis),
    postgresCpuMs: perRequest(({ postgresMs }) => postgresMs, rest.postgres),
    storeQueries: perRequest(({ queries }) => queries),
    workerCpuMs: perRequest(({ workerMs }) => workerMs, rest.worker),
  }
}

/** One after the other, each with its background tasks. */
async function sendAll({ worker }: ScaleRig, { next }: RequestKind, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    const { path, headers, status } = next()
    // `sendOne` rejects anything but a 200, which here is right for refusals.
    const sending = sendOne(worker.url + path, headers)
    if (status === 200) await sending
    else {
      const refusal = await sending.then(
        () => 'a 200',
        (error: Error) => error.message,
      )
      if (!refusal.includes(String(status))) throw new Error(`expected ${status}, the Worker sent ${refusal}`)
    }
    await sleep(BETWEEN_MS)
  }
  await sleep(SETTLE_MS)
}

async function read({ redis, postgres, analytics, worker }: ScaleRig): Promise<Reading> {
  const { commands, bytes } = await redisCounts(redis)
  return {
    commands,
    bytes,
    redisMs: await cpuMsOf(redis.pids()),
    postgresMs: await cpuMsOf(postgres.pids()),
    queries: await analytics.countQueries(),
    workerMs: await cpuMsOf([worker.pid]),
  }
}

const IDLE_MS = 1_000

/** Milliseconds of CPU that the processes use in a millisecond in which nothing happens. */
async function idleCost({ redis, postgres, worker }: ScaleRig) {
  const take = () => Promise.all([redis.pids(), postgres.pids(), [worker.pid]].map(cpuMsOf))
  const before = await take()
  await sleep(IDLE_MS)
  const after = await take()
  const [redisMs = 0, postgresMs = 0, workerMs = 0] = after.map(
    (value, index) => (value - (before[index] ?? 0)) / IDLE_MS,
  )
  return { redis: redisMs, postgres: postgresMs, worker: workerMs }
}

async function cpuMsOf(pids: readonly number[]): Promise<number> {
  const used = await Promise.all(pids.map((pid) => cpuMicroseconds(pid).catch(() => 0)))
  return used.reduce((sum, microseconds) => sum + microseconds, 0) / 1_000
}

/** Redis counts each command by name, those that scripts call too, and the bytes that it reads and writes. */
async function redisCounts(redis: RedisStore): Promise<{ commands: number; bytes: number }> {
  const [stats, network] = [await redis.send('INFO', 'commandstats'), await redis.send('INFO', 'stats')].map(
    String,
  )
  const calls = Array.from((stats ?? '').matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm))
    .filter(([, name]) => name !== 'info')
    .map(([, , count]) => Number(count))
  const bytes = Array.from(
    (network ?? '').matchAll(/^total_net_(?:input|output)_bytes:(\d+)/gm),
    ([, count]) => Number(count),
  )
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  return { commands: sum(calls), bytes: sum(bytes) }
}
