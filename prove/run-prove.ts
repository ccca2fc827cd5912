// One run: generated requests, clients at the limits and failing stores at once, then the slots that are left, then the figures.

import { setTimeout as sleep } from 'node:timers/promises'
import { AdmissionLedger } from './checks/admission-ledger.ts'
import { Findings } from './checks/findings.ts'
import {
  type CrowdFigures,
  countLeakedSlots,
  createCrowdFigures,
  runLimitClients,
} from './clients/limit-crowd.ts'
import { createTally, type RunState, sendGenerated } from './clients/request-client.ts'
import { FaultLog } from './faults/fault-log.ts'
import { injectFaults } from './faults/inject-faults.ts'
import type { Part } from './prove-options.ts'
import { preciseNow } from './requests/send-case.ts'
import { Latencies } from './soak/latencies.ts'
import { growthProblems, type ProcessFigures, ProcessSamples } from './soak/process-figures.ts'
import type { ProveStack } from './stack/prove-stack.ts'

/** How long a run takes, and how hard it works. */
export interface Effort {
  minutes: number
  /** Generated requests at once. */
  concurrency: number
  windowSeconds: number
  faultMs: number
  pauseMs: number
  parts: readonly Part[]
}

/** Everything that a run has found out. */
export interface RunFigures extends RunState {
  startedAt: number
  seconds: number
  crowd: CrowdFigures
  slots: { soon: number; late: number }
  processes: ProcessFigures[]
}

const REQUESTS = 100
const CONCURRENT = 10
const SAMPLE_MS = 2_000
const PROGRESS_MS = 5_000
/** From so many minutes on, growth of memory and open files is a finding. */
const SOAK_MINUTES = 5

/** Runs over this stack, which it leaves as it is. */
export async function runProve(
  stack: ProveStack,
  seed: string,
  effort: Effort,
  onProgress: (text: string) => void,
): Promise<RunFigures> {
  const startedAt = preciseNow()
  const until = startedAt + effort.minutes * 60_000
  const windowMs = effort.windowSeconds * 1_000
  const limits = { requests: REQUESTS, windowMs, concurrent: CONCURRENT }
  const state: RunState = {
    seed,
    findings: new Findings(({ kind, text }) => onProgress(`${kind}: ${text}`)),
    ledger: new AdmissionLedger(limits),
    faults: new FaultLog(),
    latencies: new Latencies(startedAt),
    tally: createTally(),
  }
  const crowd = createCrowdFigures()
  const samples = new ProcessSamples(groupsOf(stack))
  const sampling = setInterval(() => samples.take(), SAMPLE_MS)
  const reporting = setInterval(() => onProgress(progressOf(state, crowd, until)), PROGRESS_MS)
  const has = (part: Part) => effort.parts.includes(part)
  const { faults, ledger, findings } = state
  const command = `npm run prove -- --seed ${seed} --minutes ${effort.minutes}`
  try {
    await Promise.all([
      has('requests') && sendGenerated(stack, state, { until, concurrency: effort.concurrency }),
      has('limits') && runLimitClients(stack, state, limits, crowd, until),
      has('faults') &&
        injectFaults(stack, faults, { ledger, findings, command }, { ...effort, until }, onProgress),
      sleep(until - preciseNow()),
    ])
  } finally {
    clearInterval(sampling)
    clearInterval(reporting)
  }
  onProgress('counting the slots that are left')
  const slots = await countLeakedSlots(stack)
  if (slots.late > 0) {
    findings.add({
      kind: 'slot',
      text: `${slots.late} slots are taken though all requests have ended`,
      command,
    })
  }
  const processes = samples.figures
  if (effort.minutes >= SOAK_MINUTES) {
    for (const text of growthProblems(processes)) findings.add({ kind: 'growth', text, command })
  }
  return {
    ...state,
    startedAt,
    seconds: Math.round((preciseNow() - startedAt) / 1_000),
    crowd,
    slots,
    processes,
  }
}

function groupsOf({ workers, redis, postgres, analytics }: ProveStack) {
  return [
    ...workers.map(({ pid }, index) => ({ name: `Worker ${index + 1}`, pids: () => [pid] })),
    { name: redis.engine, pids: () => redis.pids() },
    { name: postgres.engine, pids: () => postgres.pids() },
    { name: analytics.engine, pids: () => analytics.pids() },
    { name: 'this process', pids: () => [process.pid] },
  ]
}

function progressOf(
  { tally, findings, faults }: RunState,
  { rate, concurrency }: CrowdFigures,
  until: number,
): string {
  const left = Math.max(0, Math.round((until - preciseNow()) / 1_000))
  return [
    `${left} s left`,
    `${tally.requests} requests`,
    `${tally.compared} compared`,
    `limits ${rate.admitted} admitted, ${rate.refused} refused, ${concurrency.mostAtOnce} at once`,
    `${faults.faults.length} faults`,
    `${findings.count} findings`,
  ].join(', ')
}
