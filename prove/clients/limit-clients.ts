// Clients that try to get past the limits, and clients that keep to them, each with a key of its own.

import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Random } from '../../local/demo/random.ts'
import type { Findings } from '../checks/findings.ts'
import type { FaultLog } from '../faults/fault-log.ts'
import { isAdmitted, preciseNow, type ReceivedResponse, sendRequest } from '../requests/send-case.ts'

/** What a limit client needs: addresses of Workers that share their stores, a key, and where to report. */
export interface LimitSubject {
  seed: string
  urls: readonly string[]
  key: string
  /** A path with a response at once. */
  target: string
  windowMs: number
  requests: number
  findings: Findings
  faults: FaultLog
  /** Records an admitted request. */
  onAdmitted(key: string, response: ReceivedResponse): void
  /** Whether the key can have used its rate when it was refused. */
  canBeFull(key: string, refusal: ReceivedResponse): boolean
  until: number
}

/** What the clients did. */
export interface LimitFigures {
  sent: number
  admitted: number
  refused: number
  /** How often a client waited as it was told, and was admitted then. */
  waits: number
}

const BURST = 9
const PATIENCE_MS = 30

/** Sends bursts at the moments that matter: at once, at the end of a window, right when room is promised, and in between. */
export async function attackRate(subject: LimitSubject, figures: LimitFigures, name: string): Promise<void> {
  const random = createRandom(`${subject.seed} ${name}`)
  while (preciseNow() < subject.until) {
    const responses = await Promise.all(Array.from({ length: BURST }, () => ask(subject, figures, random)))
    const refusal = responses.find((response) => response?.status === 429)
    const waitMs = refusal === undefined ? random.between(0, PATIENCE_MS) : waitAfter(refusal, random)
    await sleep(Math.max(0, Math.min(waitMs, subject.until - preciseNow())))
  }
}

/** Sometimes what the refusal says, sometimes a little less, sometimes at once. */
function waitAfter(refusal: ReceivedResponse, random: Random): number {
  const promisedMs = Number(refusal.headers.get('retry-after') ?? 1) * 1_000
  return random.pick([
    ...[() => promisedMs, () => promisedMs - random.between(0, 1_000)],
    ...[() => random.between(0, 400), () => promisedMs / 2],
  ])()
}

/** Sends one request after the other, waits as each refusal says, and has to be admitted then. */
export async function waitPolitely(subject: LimitSubject, figures: LimitFigures): Promise<void> {
  const random = createRandom(`${subject.seed} polite`)
  let waited: ReceivedResponse | undefined
  while (preciseNow() < subject.until) {
    const response = await ask(subject, figures, random)
    if (waited && response && isCertain(subject, waited.sentAt, response.receivedAt)) {
      if (response.status === 429)
        reportRefusal(subject, 'a client that had waited for `Retry-After` was refused', response)
      else figures.waits += 1
    }
    waited = response?.status === 429 ? response : undefined
    if (waited === undefined) continue
    const waitMs = Number(waited.headers.get('retry-after') ?? 1) * 1_000
    if (preciseNow() + waitMs > subject.until) return
    await sleep(waitMs)
  }
}

/** Keeps to the rate by itself, and must never be refused. */
export async function paceEvenly(subject: LimitSubject, figures: LimitFigures): Promise<void> {
  const random = createRandom(`${subject.seed} paced`)
  const { windowMs, requests, until } = subject
  const intervalMs = windowMs / requests + 5
  while (preciseNow() < until) {
    const [response] = await Promise.all([ask(subject, figures, random), sleep(intervalMs)])
    if (response?.status !== 429 || !isCertain(subject, response.sentAt - windowMs, response.receivedAt))
      continue
    if (subject.canBeFull(subject.key, response)) continue
    reportRefusal(subject, 'a client that keeps to the rate was refused', response)
  }
}

/** While Redis fails, limits are approximate. */
function isCertain({ faults }: LimitSubject, from: number, to: number): boolean {
  return !faults.isDisturbed('redis', from, to)
}

function reportRefusal({ findings, seed }: LimitSubject, text: string, { body }: ReceivedResponse): void {
  const code = /"code":"(\w+)"/.exec(body)?.[1]
  findings.add({
    kind: 'refusal',
    text: `${text} (${code})`,
    command: `npm run prove -- --seed ${seed} --only limits`,
  })
}

async function ask(
  subject: LimitSubject,
  figures: LimitFigures,
  random: Random,
): Promise<ReceivedResponse | undefined> {
  const { urls, key, target, onAdmitted } = subject
  figures.sent += 1
  const request = { url: random.pick(urls), target, headers: { 'x-api-key': key } }
  const response = await sendRequest(request).catch(() => undefined)
  if (response === undefined) return undefined
  if (response.status === 429) figures.refused += 1
  else if (isAdmitted(response)) {
    figures.admitted += 1
    onAdmitted(key, response)
  }
  return response
}
