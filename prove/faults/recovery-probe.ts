// Asks every Worker for figures that no cache can hold, until all of them respond as if nothing had happened.

import { setTimeout as sleep } from 'node:timers/promises'
import { preciseNow, sendRequest } from '../requests/send-case.ts'
import type { ProveStack } from '../stack/prove-stack.ts'
import type { SkewedWorker } from '../stack/workers.ts'
import { RECOVERY_LIMIT_MS } from './fault-log.ts'

const INTERVAL_MS = 250
const GIVE_UP_MS = 3 * RECOVERY_LIMIT_MS

let asked = 0

/** The moment at which all Workers had recovered; undefined when they have not within three times the limit. */
export async function probeUntilRecovered(
  stack: ProveStack,
  from: number,
  round: number,
): Promise<number | undefined> {
  const waiting = new Set(stack.workers)
  while (waiting.size > 0) {
    if (preciseNow() - from > GIVE_UP_MS) return undefined
    await Promise.all(
      [...waiting].map(async (worker) => {
        if (await isWell(stack, worker, round)) waiting.delete(worker)
      }),
    )
    if (waiting.size > 0) await sleep(INTERVAL_MS)
  }
  return preciseNow()
}

/** A right response has the limits, which only Redis knows, and figures of days that no request has asked for before. */
async function isWell({ world, keys }: ProveStack, { url }: SkewedWorker, round: number): Promise<boolean> {
  asked += 1
  const verified = world.tenants.filter(({ isVerified }) => isVerified)
  const tenant = verified[asked % verified.length]
  if (tenant === undefined) throw new Error('The world has no verified organization')
  const probes = keys[tenant.index]?.probes ?? []
  const key = probes[(asked + round) % probes.length] ?? ''
  const search = new URLSearchParams({
    jobIds: tenant.jobs[1]?.id ?? '',
    from: unusedDay(),
    to: '2025-12-31',
  })
  const headers = { 'x-api-key': key }
  const response = await sendRequest({ url, target: `/analytics/jobs?${search}`, headers }).catch(
    () => undefined,
  )
  return response?.status === 200 && response.headers.has('ratelimit')
}

/** Another day each time, for some thousands of times. */
function unusedDay(): string {
  return new Date(Date.UTC(2021, 0, 2 + (asked % 1_800))).toISOString().slice(0, 10)
}
