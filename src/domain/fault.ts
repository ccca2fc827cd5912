// Why a store gave no answer, as a short code that is safe to log: it never holds the store's own text.

/** `status_…` is the HTTP status, `sqlstate_…` and `redis_error` are the store's own refusal. */
export type Fault =
  | 'timeout'
  | 'unreachable'
  | 'unusable'
  | 'too_large'
  | 'redis_error'
  | `status_${number}`
  | `sqlstate_${string}`

/** Carries a fault through code that can only throw; caught in the adapter that made it. */
export class FaultError extends Error {
  override name = 'FaultError'
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault)
    this.fault = fault
  }
}

/** The fault behind an exception of `fetch` or of the code that reads its answer. */
export function faultOf(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError' || name === 'AbortError') return 'timeout'
  return error instanceof SyntaxError ? 'unusable' : 'unreachable'
}
