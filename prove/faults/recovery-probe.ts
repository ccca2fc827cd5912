// Asks every Worker for figures of every site that no cache can hold, until all of them respond as if nothing had happened.

import { setTimeout as sleep } from 'node:timers/promises'
import { preciseNow, sendRequest } from '../requests/send-case.ts'
import type { ProveStack } from '../stack/prove-stack.ts'
import type { SkewedWorker } from '../stack/workers.ts'
import type { Tenant } from '../world/world.ts'
import { RECOVERY_LIMIT_MS } from './fault-log.ts'

const INTERVAL_MS = 250
const GIVE_UP_MS = 3 * RECOVERY_LIMIT_MS
const FIRST_DAYS = 1_800
const LAST_DAYS = 20

let asked = 0

/**
 * The moment at which all Workers had recovered for all sites, since the circuit breaker may pause a single one; undefined when
 * they have not within three times the limit.
 */
export async function probeUntilRecovered(
  stack: ProveStack,
  from: number,
  round: number,
): Promise<number | undefined> {
  const tenants = stack.world.tenants.filter(({ isVerified }) => isVerified)
  const waiting = new Set(stack.workers.flatMap((worker) => tenants.map((tenant) => ({ worker, tenant }))))
  while (waiting.size > 0) {
    if (preciseNow() - from > GIVE_UP_MS) return undefined
    await Promise.all(
      [...waiting].map(async (pair) => {
        if (await isWell(stack, pair.worker, pair.tenant, round)) waiting.delete(pair)
      }),
    )
    if (waiting.size > 0) await sleep(INTERVAL_MS)
  }
  return preciseNow()
}

/** A right response has the limits, which only Redis knows, and figures of days that no request has asked for before. */
async function isWell(
  { keys }: ProveStack,
  { url }: SkewedWorker,
  tenant: Tenant,
  round: number,
): Promise<boolean> {
  asked += 1
  const probes = keys[tenant.index]?.probes ?? []
  const key = probes[(asked + round) % probes.length] ?? ''
  const search = new URLSearchParams({
    jobIds: tenant.jobs[1]?.id ?? '',
    ...unusedDays(),
  })
  const headers = { 'x-api-key': key }
  const response = await sendRequest({ url, target: `/analytics/jobs?${search}`, headers }).catch(
    () => undefined,
  )
  return response?.status === 200 && response.headers.has('ratelimit')
}

/** Other days each time, for some ten thousand times. */
function unusedDays(): { from: string; to: string } {
  const day = (year: number, month: number, date: number) =>
    new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10)
  return {
    from: day(2021, 0, 2 + (asked % FIRST_DAYS)),
    to: day(2025, 11, 31 - (Math.floor(asked / FIRST_DAYS) % LAST_DAYS)),
  }
}
