// What commands over Redis share: how long they wait, and what an error of Redis means to the person at the terminal.
import { type Fault, StoreError } from '../../src/stores/store-error.ts'
import { AdminError } from './admin-error.ts'

/** How long one round trip may take. */
export const REDIS_TIMEOUT_MS = 10_000

/** Throws the AdminError that says what to do about an error of Redis; any other error as it is. */
export function throwRedisError(error: unknown): never {
  if (!(error instanceof StoreError)) throw error
  const problems: Partial<Record<Fault, string>> = {
    redis_unauthorized: 'Redis refuses the token: correct UPSTASH_REDIS_REST_TOKEN',
    redis_error: 'Redis refuses the command: use a token that may write, not the read-only one',
  }
  throw new AdminError(
    'unavailable',
    problems[error.fault] ??
      `Redis cannot be used (${error.fault}): check UPSTASH_REDIS_REST_URL, and run this again`,
  )
}
