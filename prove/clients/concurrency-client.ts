// Sends more requests at once than a key may have in progress, to a site whose queries are slow, and counts them at the store.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Findings } from '../checks/findings.ts'
import type { FaultLog } from '../faults/fault-log.ts'
import { isAdmitted, preciseNow, type ReceivedResponse, sendRequest } from '../requests/send-case.ts'

/** What the client needs. */
export interface ConcurrencySubject {
  seed: string
  urls: readonly string[]
  /** The only key whose requests reach the slow site. */
  key: string
  /** A path whose figures are in no cache, another one each time. Its response takes one query. */
  nextTarget(): string
  concurrent: number
  /** Calls back with the number of queries in progress each time that one begins. */
  watch(onQuery: (inFlight: number) => void): void
  findings: Findings
  faults: FaultLog
  onAdmitted(key: string, response: ReceivedResponse): void
  until: number
}

/** What the client saw. */
export interface ConcurrencyFigures {
  rounds: number
  refused: number
  /** The most queries at once in a round whose responses all reported limits. */
  mostAtOnce: number
  /** Requests that were given up in the middle. */
  aborted: number
}

const AT_ONCE = 24
const ABORTED_EVERY = 5
const ABORT_AFTER_MS = 150
/** Longer than a query of the slow site, so that those of requests that were given up have ended too. */
const BETWEEN_ROUNDS_MS = 700
const SETTLE_MS = 3_000

/** Sends rounds until the time is over. In some of them it gives all requests up in the middle. */
export async function attackConcurrency(
  subject: ConcurrencySubject,
  figures: ConcurrencyFigures,
): Promise<void> {
  const { faults, until, watch } = subject
  let most = 0
  watch((inFlight) => {
    most = Math.max(most, inFlight)
  })
  let unlimitedBefore = 0
  while (preciseNow() < until - SETTLE_MS) {
    const isAborting = figures.rounds % ABORTED_EVERY === ABORTED_EVERY - 1
    const from = preciseNow() - BETWEEN_ROUNDS_MS
    most = 0
    const limited = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => ask(subject, figures, index, isAborting)),
    )
    const unlimited = limited.filter((isLimited) => !isLimited).length
    // While Redis fails requests are admitted without slots, and a flush loses those of the requests in progress.
    if (!faults.isDisturbed('redis', from, preciseNow())) {
      judgeRound(subject, figures, most, unlimited + unlimitedBefore)
    }
    unlimitedBefore = unlimited
    figures.rounds += 1
    await sleep(BETWEEN_ROUNDS_MS)
  }
}

/** `unlimited` requests may have been admitted without a slot, since Redis was slow, or were given up and may still run. */
function judgeRound(
  subject: ConcurrencySubject,
  figures: ConcurrencyFigures,
  most: number,
  unlimited: number,
): void {
  if (unlimited === 0) figures.mostAtOnce = Math.max(figures.mostAtOnce, most)
  if (most <= subject.concurrent + unlimited) return
  report(subject, `${most} requests of one key were in progress at once`)
}

/** Whether the response reports limits, so that its request was admitted or refused by them. */
async function ask(
  { urls, key, nextTarget, onAdmitted }: ConcurrencySubject,
  figures: ConcurrencyFigures,
  index: number,
  isAborting: boolean,
): Promise<boolean> {
  const url = urls[index % urls.length] ?? ''
  const options = { url, target: nextTarget(), headers: { 'x-api-key': key } }
  const signal = isAborting ? { signal: AbortSignal.timeout(ABORT_AFTER_MS) } : {}
  const response = await sendRequest({ ...options, ...signal }).catch(() => undefined)
  const isLimited = response?.headers.has('ratelimit') === true
  if (response === undefined) figures.aborted += isAborting ? 1 : 0
  else if (response.status === 429) figures.refused += 1
  else if (isAdmitted(response)) onAdmitted(key, response)
  return isLimited
}

function report({ findings, seed }: ConcurrencySubject, text: string): void {
  findings.add({ kind: 'concurrency', text, command: `npm run prove -- --seed ${seed} --only limits` })
}
