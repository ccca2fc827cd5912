// The one error that a port to a store throws. It holds a short code that is safe to log, never the store's own text.

/** Why a store gave no usable response. `status_…` is an HTTP status; `sqlstate_…` and `redis_error` are refusals by the store. */
export type Fault =
  | 'timeout'
  | 'unreachable'
  | 'unusable'
  | 'too_large'
  | 'redis_error'
  | 'redis_unauthorized'
  | `status_${number}`
  | `sqlstate_${string}`

/** Thrown by every port when its store fails. */
export class StoreError extends Error {
  override name = 'StoreError'
  readonly fault: Fault
  /** Seconds after which the store accepts requests again, if it said so. */
  readonly retryAfterSeconds: number | undefined

  constructor(fault: Fault, retryAfterSeconds?: number) {
    super(fault)
    this.fault = fault
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The `StoreError` for anything that `fetch`, or code that reads its response, throws. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError' || name === 'AbortError') return new StoreError('timeout')
  return new StoreError(error instanceof SyntaxError ? 'unusable' : 'unreachable')
}

/** A store that can be checked without reading anyone's data. */
export interface Pingable {
  /** Resolves when the store responds, and takes queries as far as that can be seen. Throws `StoreError`. */
  ping(signal: AbortSignal): Promise<void>
}
