// All limit clients of a run at once, over the stack of the run; and the slots that are still taken when all have ended.

import { setTimeout as sleep } from 'node:timers/promises'
import { hashApiKey } from '../../src/keys/api-key.ts'
import { preciseNow } from '../requests/send-case.ts'
import type { ProveStack } from '../stack/prove-stack.ts'
import { attackConcurrency, type ConcurrencyFigures } from './concurrency-client.ts'
import {
  attackRate,
  type LimitFigures,
  type LimitSubject,
  paceEvenly,
  waitPolitely,
} from './limit-clients.ts'
import { type RunState, recordAdmission } from './request-client.ts'

/** What the limit clients did and saw. */
export interface CrowdFigures {
  rate: LimitFigures
  concurrency: ConcurrencyFigures
}

/** The limits of the Workers. */
export interface CrowdLimits {
  requests: number
  windowMs: number
  concurrent: number
}

const ATTACKERS = ['first attacker', 'second attacker', 'third attacker']

/** Runs them until the moment (epoch ms). `figures` are up to date all the time. */
export async function runLimitClients(
  stack: ProveStack,
  state: RunState,
  { requests, windowMs, concurrent }: CrowdLimits,
  figures: CrowdFigures,
  until: number,
): Promise<void> {
  const { world, keys, analytics } = stack
  const [tenant] = world.tenants
  const urls = stack.workers.map(({ url }) => url)
  const { seed, findings, faults } = state
  const onAdmitted: LimitSubject['onAdmitted'] = (key, response) => recordAdmission(state, key, response)
  const shared = { seed, urls, findings, faults, onAdmitted, until }
  const subjectOf = (index: number): LimitSubject => ({
    ...shared,
    key: keys[0]?.limits[index] ?? '',
    target: `/analytics/jobs?jobIds=${tenant?.jobs[0]?.id}`,
    windowMs,
    requests,
    canBeFull: (key, refusal) => state.ledger.canBeFull(key, refusal),
  })
  const slowJob = world.slow.jobs[1]?.id ?? ''
  let asked = 0
  const nextTarget = () => {
    asked += 1
    const from = new Date(Date.UTC(2021, 0, 2 + (asked % 1_800))).toISOString().slice(0, 10)
    const to = new Date(Date.UTC(2025, 11, 31 - Math.floor(asked / 1_800))).toISOString().slice(0, 10)
    return `/analytics/jobs?${new URLSearchParams({ jobIds: slowJob, from, to })}`
  }
  const watch = (onQuery: (inFlight: number) => void) => {
    analytics.onSlowQuery = onQuery
  }
  const slowKey = keys[world.slow.index]?.limits[0] ?? ''
  await Promise.all([
    ...ATTACKERS.map((name, index) => attackRate(subjectOf(index), figures.rate, name)),
    waitPolitely(subjectOf(ATTACKERS.length), figures.rate),
    paceEvenly(subjectOf(ATTACKERS.length + 1), figures.rate),
    attackConcurrency({ ...shared, key: slowKey, nextTarget, concurrent, watch }, figures.concurrency),
  ])
}

/** Figures of a crowd that has not begun. */
export function createCrowdFigures(): CrowdFigures {
  return {
    rate: { sent: 0, admitted: 0, refused: 0, waits: 0 },
    concurrency: { rounds: 0, refused: 0, mostAtOnce: 0, aborted: 0 },
  }
}

const RELEASED_WITHIN_MS = 3_000
const LEASE_MS = 15_000

/** How many slots are taken although no request runs: soon after the last one has ended, and when the leases are over. */
export async function countLeakedSlots({ keys, redis }: ProveStack): Promise<{ soon: number; late: number }> {
  const all = keys.flatMap(({ valid, limits, probes }) => [...valid, ...limits, ...probes])
  const hashes = await Promise.all(all.map(hashApiKey))
  await sleep(RELEASED_WITHIN_MS)
  const soon = await countSlots(redis, hashes)
  if (soon === 0) return { soon, late: 0 }
  await sleep(LEASE_MS)
  return { soon, late: await countSlots(redis, hashes) }
}

async function countSlots(redis: ProveStack['redis'], hashes: readonly string[]): Promise<number> {
  let taken = 0
  for (const hash of hashes) {
    taken += Number(
      await redis.send('ZCOUNT', `admission:{${hash}}:slots`, String(Math.floor(preciseNow())), '+inf'),
    )
  }
  return taken
}
