// Looks at Redis: can it be reached with this token, and does it run the Worker's own admission script.
import { randomBytes, randomUUID } from 'node:crypto'
import { decideAdmission, releaseSlot } from '../../../src/adapters/upstash-admission.ts'
import { UpstashRedis } from '../../../src/adapters/upstash-redis.ts'
import { type Fault, FaultError } from '../../../src/domain/fault.ts'
import type { Settings } from '../settings.ts'
import { type Finding, failed, ok, skipped } from './finding.ts'

/** More patient than the Worker: the way from here may be longer. */
const TIMEOUT_MS = 5_000
const LIMITS = { requests: 2, windowSeconds: 10, concurrent: 2 }

/** Under a key of its own that Redis forgets after some seconds. */
export async function examineRedis(settings: Settings): Promise<Finding[]> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = settings
  if (!url || !token || !URL.canParse(url)) {
    return [skipped('redis', 'UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN must be right first')]
  }
  const upstash = new UpstashRedis({ url, token, timeoutMs: TIMEOUT_MS })
  const startedAt = performance.now()
  const [pong] = await upstash.batch((redis) => [redis.ping()])
  if (pong.status === 'rejected') return [failed('redis', explain(faultOf(pong.reason)))]
  const tookMs = Math.round(performance.now() - startedAt)
  return [ok('redis', `reached in ${tookMs} ms`), await examineScripts(upstash)]
}

async function examineScripts(upstash: UpstashRedis): Promise<Finding> {
  const keyHash = `doctor-${randomBytes(16).toString('hex')}`
  const now = Date.now()
  const verdicts: string[] = []
  for (const requestId of [randomUUID(), randomUUID(), randomUUID()]) {
    const [decided] = await upstash.batch((redis) => [
      decideAdmission(redis, { keyHash, requestId, now }, LIMITS),
    ])
    if (decided.status === 'rejected') return failed('scripts', explainScript(faultOf(decided.reason)))
    verdicts.push(decided.value.verdict)
    await upstash.batch((redis) => [releaseSlot(redis, { keyHash, requestId })])
  }
  if (verdicts.join() === 'admitted,admitted,rate')
    return ok('scripts', 'the admission script runs and counts')
  return failed(
    'scripts',
    `the admission script miscounts (${verdicts.join(', ')}): is this a Redis of another kind?`,
  )
}

function explain(fault: Fault): string {
  if (fault === 'status_401') return 'it refuses the token: correct UPSTASH_REDIS_REST_TOKEN'
  if (fault === 'unreachable' || fault === 'timeout') {
    return `${fault}: check UPSTASH_REDIS_REST_URL and that the database is not paused`
  }
  return `it answers ${fault}: check that UPSTASH_REDIS_REST_URL is the REST address of an Upstash database`
}

function explainScript(fault: Fault): string {
  if (fault !== 'redis_error') return explain(fault)
  return 'it refuses the admission script: use a token that may write and run EVAL, not the read-only one'
}

function faultOf(reason: unknown): Fault {
  return reason instanceof FaultError ? reason.fault : 'redis_error'
}
