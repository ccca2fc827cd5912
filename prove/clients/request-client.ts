// Sends generated requests one after the other, several at once, and checks every response.

import type { AdmissionLedger } from '../checks/admission-ledger.ts'
import { checkReceived } from '../checks/check-received.ts'
import type { Findings } from '../checks/findings.ts'
import type { FaultLog, StoreName } from '../faults/fault-log.ts'
import { generateCase } from '../requests/generate-case.ts'
import { commandOf, endpointOf, type RequestCase } from '../requests/request-case.ts'
import {
  isAdmitted,
  type OutgoingRequest,
  preciseNow,
  type ReceivedResponse,
  sendBytes,
  sendRequest,
} from '../requests/send-case.ts'
import type { Latencies } from '../soak/latencies.ts'
import type { ProveStack } from '../stack/prove-stack.ts'
import type { SkewedWorker } from '../stack/workers.ts'
import type { TenantKeys } from '../world/seed-world.ts'
import { followCursors, revalidate } from './follow-up.ts'

/** What the clients of a run share. */
export interface RunState {
  seed: string
  findings: Findings
  ledger: AdmissionLedger
  faults: FaultLog
  latencies: Latencies
  tally: Tally
}

/** What was sent and what came back. */
export interface Tally {
  requests: number
  /** By `GET /jobs 200`. */
  responses: Map<string, number>
  /** By kind of request. */
  kinds: Map<string, number>
  /** Responses whose figures were compared with those counted by hand. */
  compared: number
  /** Responses that were asked for again with their ETag, or whose list was followed to its end. */
  followed: number
  /** Admitted responses without limits while Redis was well. */
  withoutLimits: number
}

/** An empty tally. */
export function createTally(): Tally {
  return { requests: 0, responses: new Map(), kinds: new Map(), compared: 0, followed: 0, withoutLimits: 0 }
}

/** Sends the requests from `first` on until the moment (epoch ms), `concurrency` at once. */
export async function sendGenerated(
  stack: ProveStack,
  state: RunState,
  { first = 0, until, concurrency }: { first?: number; until: number; concurrency: number },
): Promise<void> {
  let next = first
  const client = async () => {
    while (preciseNow() < until) {
      const number = next
      next += 1
      await sendCase(stack, state, generateCase(stack.world, number))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
}

/** Sends one request and checks its response, which it returns; undefined if there was none. */
export async function sendCase(
  stack: ProveStack,
  state: RunState,
  one: RequestCase,
): Promise<ReceivedResponse | undefined> {
  const { tally } = state
  const worker = stack.workers[one.worker % stack.workers.length]
  if (worker === undefined) throw new Error('No Worker runs')
  tally.requests += 1
  count(tally.kinds, one.kind)
  if (one.raw !== undefined) {
    await sendSocketCase(stack, state, worker, one, one.raw)
    return undefined
  }
  const key = keyOf(stack.keys[one.tenant], one)
  const headers = { ...one.headers, ...(key !== undefined && { 'x-api-key': key }) }
  const startedAt = preciseNow()
  const request = { url: worker.url, method: one.method, target: one.target, headers }
  const response = await sendRequest(request).catch((error: Error) => error)
  if (response instanceof Error) {
    const text = `no response (${response.message}) for ${one.method} ${one.target.slice(0, 200)}`
    if (!state.faults.isDisturbed('any', startedAt, preciseNow())) report(state, one, 'failure', text)
    return undefined
  }
  try {
    checkOne(stack, state, worker, one, response, key ?? '')
  } catch (error) {
    // Not JSON, or without the fields that are compared.
    report(
      state,
      one,
      'contract',
      `a body that cannot be read: ${error instanceof Error ? error.name : error}`,
    )
    return response
  }
  // What fails meanwhile says nothing about this response.
  if (one.number % FOLLOWED_EVERY === 0) await followUp(stack, state, one, request, response).catch(() => {})
  return response
}

/** Requests of a follow-up are not in the ledger, which then only reports less. */
const FOLLOWED_EVERY = 8

async function followUp(
  { world }: ProveStack,
  state: RunState,
  one: RequestCase,
  request: OutgoingRequest,
  response: ReceivedResponse,
): Promise<void> {
  const tenant = world.tenants[one.tenant]
  if (response.status !== 200 || one.method !== 'GET' || one.keyKind !== 'own' || tenant === undefined) return
  const exchange = { request, response, tenant }
  for (const problem of [await revalidate(exchange), await followCursors(exchange)]) {
    state.tally.followed += 1
    if (problem !== undefined) report(state, one, 'follow-up', problem)
  }
}

function checkOne(
  { world }: ProveStack,
  state: RunState,
  { skewMs }: SkewedWorker,
  one: RequestCase,
  response: ReceivedResponse,
  key: string,
): void {
  const { tally, faults, latencies } = state
  const { sentAt, receivedAt, status } = response
  count(tally.responses, `${endpointOf(one.target) ?? 'other paths'} ${status}`)
  const isDisturbed = (store: StoreName | 'any', beforeMs = 0) =>
    faults.isDisturbed(store, sentAt - beforeMs, receivedAt)
  if (!isDisturbed('any')) latencies.add(receivedAt, receivedAt - sentAt)
  if (isAdmitted(response)) recordAdmission(state, key, response)
  else if (
    status === 200 &&
    one.keyKind === 'own' &&
    /^\/(jobs|analytics)/.test(one.target) &&
    !isDisturbed('redis')
  ) {
    tally.withoutLimits += 1
  }
  const { problems, compared } = checkReceived(world, one, response, { skewMs, isDisturbed })
  if (compared) tally.compared += 1
  for (const { kind, text } of problems) report(state, one, kind, text)
}

/** Records an admitted request, and reports the limit that it breaks, if any. */
export function recordAdmission(
  { ledger, findings, seed }: RunState,
  key: string,
  span: ReceivedResponse,
): void {
  const overrun = ledger.record(key, span)
  if (overrun === undefined) return
  const { admitted, from, to } = overrun
  findings.add({
    kind: 'limit',
    text: `${admitted} requests of one key were admitted within ${Math.round(to - from)} ms`,
    command: `npm run prove -- --seed ${seed} --only limits`,
  })
}

async function sendSocketCase(
  { keys }: ProveStack,
  state: RunState,
  { url }: SkewedWorker,
  one: RequestCase,
  raw: string,
): Promise<void> {
  const startedAt = preciseNow()
  const key = keyOf(keys[one.tenant], one) ?? ''
  const { statuses, text } = await sendBytes(url, raw.replaceAll('{{key}}', key))
  for (const status of statuses) count(state.tally.responses, `bytes ${status}`)
  if (statuses.length === 0) count(state.tally.responses, 'bytes, closed')
  const isFailing = statuses.some((status) => status === 500)
  const isWrong =
    statuses.some((status) => status > 501) && !state.faults.isDisturbed('any', startedAt, preciseNow())
  if (isFailing || isWrong) report(state, one, 'failure', `${statuses} for bytes: ${text.slice(0, 200)}`)
}

/** The key that a request presents, if any. */
function keyOf(keys: TenantKeys | undefined, { keyKind, key }: RequestCase): string | undefined {
  const own = keys?.valid[key % keys.valid.length] ?? ''
  switch (keyKind) {
    case 'own':
      return own
    case 'revoked':
      return keys?.revoked ?? ''
    case 'expired':
      return keys?.expired ?? ''
    case 'forged':
      return `${own.slice(0, -1)}${own.endsWith('A') ? 'B' : 'A'}`
    case 'malformed':
      return own.slice(0, key % 40)
    case 'none':
      return undefined
  }
}

function report({ findings, seed }: RunState, { number }: RequestCase, kind: string, text: string): void {
  findings.add({ kind, text, command: commandOf(seed, number) })
}

function count(map: Map<string, number>, name: string): void {
  map.set(name, (map.get(name) ?? 0) + 1)
}
