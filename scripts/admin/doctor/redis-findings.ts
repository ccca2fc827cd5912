// Checks Redis: whether the token is accepted, and whether the Worker's own admission script runs and counts.
import { randomBytes, randomUUID } from 'node:crypto'
import { inspectSettings } from '../../../src/config.ts'
import { decideAdmission, releaseSlot } from '../../../src/limits/upstash-admission.ts'
import { createRedis, type RedisClient, runBatch } from '../../../src/stores/redis-batch.ts'
import { type Fault, toStoreError } from '../../../src/stores/store-error.ts'
import type { Settings } from '../settings.ts'
import { type Finding, failed, ok, skipped } from './finding.ts'

/** Longer than the Worker waits, because this machine may be farther away. */
const TIMEOUT_MS = 5_000
const LIMITS = { requests: 2, windowSeconds: 10, concurrent: 2 }

/** Uses a key of its own that expires after some seconds. With `isReadOnly` the script is not run, and nothing is written. */
export async function examineRedis(settings: Settings, isReadOnly = false): Promise<Finding[]> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = inspectSettings(settings).right
  if (url === undefined || token === undefined) {
    return [skipped('redis', 'UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN must be right first')]
  }
  const upstash = createRedis({ url, token, timeoutMs: TIMEOUT_MS })
  const startedAt = performance.now()
  const [pong] = await runBatch(upstash, (batch) => [batch.add((pipeline) => pipeline.ping())])
  if (pong.status === 'rejected') return [failed('redis', explain(faultOf(pong.reason)))]
  const tookMs = Math.round(performance.now() - startedAt)
  const reached = ok('redis', `reached in ${tookMs} ms`)
  if (isReadOnly) return [reached, skipped('scripts', 'the admission script writes, so it is not run now')]
  return [reached, await examineScripts(upstash)]
}

async function examineScripts(upstash: RedisClient): Promise<Finding> {
  const limitId = `doctor-${randomBytes(16).toString('hex')}`
  const now = Date.now()
  const verdicts: string[] = []
  for (const requestId of [randomUUID(), randomUUID(), randomUUID()]) {
    const [decided] = await runBatch(upstash, (batch) => [
      decideAdmission(batch, { limitId, requestId, now, clock: 'redis' }, LIMITS),
    ])
    if (decided.status === 'rejected') return failed('scripts', explainScript(faultOf(decided.reason)))
    verdicts.push(decided.value.verdict)
    await runBatch(upstash, (batch) => [releaseSlot(batch, { limitId, requestId })])
  }
  if (verdicts.join() === 'admitted,admitted,rate')
    return ok('scripts', 'the admission script runs and counts')
  return failed(
    'scripts',
    `the admission script miscounts (${verdicts.join(', ')}): is this a Redis of another kind?`,
  )
}

function explain(fault: Fault): string {
  if (fault === 'redis_unauthorized') return 'it refuses the token: correct UPSTASH_REDIS_REST_TOKEN'
  if (fault === 'unreachable' || fault === 'timeout') {
    return `${fault}: check UPSTASH_REDIS_REST_URL and that the database is not paused`
  }
  return `it returned ${fault}: check that UPSTASH_REDIS_REST_URL is the REST address of an Upstash database`
}

function explainScript(fault: Fault): string {
  if (fault !== 'redis_error') return explain(fault)
  return 'it refuses the admission script: use a token that may write and run EVAL, not the read-only one'
}

function faultOf(reason: unknown): Fault {
  return toStoreError(reason).fault
}
