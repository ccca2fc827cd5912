// Makes each store fail in each way, one after the other, and waits until every Worker gives right responses again.

import { setTimeout as sleep } from 'node:timers/promises'
import type { AdmissionLedger } from '../checks/admission-ledger.ts'
import type { Findings } from '../checks/findings.ts'
import { preciseNow } from '../requests/send-case.ts'
import type { ProveStack } from '../stack/prove-stack.ts'
import { type Fault, type FaultLog, RECOVERY_LIMIT_MS, type StoreName } from './fault-log.ts'
import { probeUntilRecovered } from './recovery-probe.ts'

interface FaultKind {
  store: StoreName
  what: string
  /** Makes the store fail for this long, and well again. */
  run(stack: ProveStack, ms: number): Promise<void>
}

const KINDS: readonly FaultKind[] = [
  { store: 'redis', what: 'killed', run: ({ redis }, ms) => kill(redis, ms) },
  { store: 'postgres', what: 'killed', run: ({ postgres }, ms) => kill(postgres, ms) },
  { store: 'analytics', what: 'killed', run: ({ analytics }, ms) => kill(analytics, ms) },
  { store: 'redis', what: 'flushed', run: ({ redis }) => redis.send('FLUSHALL').then(() => undefined) },
  { store: 'redis', what: 'hung', run: ({ redis }, ms) => hang(redis, ms) },
  { store: 'postgres', what: 'hung', run: ({ postgres }, ms) => hang(postgres, ms) },
  { store: 'analytics', what: 'hung', run: ({ analytics }, ms) => hang(analytics, ms) },
  { store: 'redis', what: 'restarted', run: ({ redis }) => kill(redis, 0) },
  { store: 'postgres', what: 'restarted', run: ({ postgres }) => kill(postgres, 0) },
  { store: 'analytics', what: 'restarted', run: ({ analytics }) => kill(analytics, 0) },
]

type Failing = ProveStack[StoreName]

async function kill(store: Failing, ms: number): Promise<void> {
  await store.kill()
  await sleep(ms)
  await store.restart()
}

async function hang(store: Failing, ms: number): Promise<void> {
  store.hang()
  try {
    await sleep(ms)
  } finally {
    store.resume()
  }
}

/** How long the faults last, and how long the API is left alone between them. */
export interface FaultPace {
  faultMs: number
  pauseMs: number
}

/** Injects faults until the moment (epoch ms) after which none would be over in time, each kind at least once if there is time. */
export async function injectFaults(
  stack: ProveStack,
  log: FaultLog,
  { ledger, findings, command }: { ledger: AdmissionLedger; findings: Findings; command: string },
  { faultMs, pauseMs, until }: FaultPace & { until: number },
  onProgress: (text: string) => void,
): Promise<void> {
  for (let index = 0; ; index++) {
    await sleep(pauseMs)
    const kind = KINDS[index % KINDS.length]
    if (kind === undefined || preciseNow() + faultMs + RECOVERY_LIMIT_MS > until) return
    onProgress(`${kind.store} is being ${kind.what}`)
    const fault = log.begin(kind.store, kind.what)
    await kind.run(stack, faultMs)
    fault.until = preciseNow()
    if (kind.what === 'flushed') ledger.forgetBefore(fault.until)
    const recoveredAt = await probeUntilRecovered(stack, fault.until, index)
    if (recoveredAt !== undefined) fault.recoveredAt = recoveredAt
    reportSlowRecovery(fault, findings, command)
  }
}

function reportSlowRecovery(fault: Fault, findings: Findings, command: string): void {
  const { store, what, until = 0, recoveredAt = Number.POSITIVE_INFINITY } = fault
  if (recoveredAt - until <= RECOVERY_LIMIT_MS) return
  findings.add({
    kind: 'recovery',
    text: `the API had not recovered ${RECOVERY_LIMIT_MS / 1_000} s after ${store} was ${what}`,
    command,
  })
}
