// How a test makes a store fail, and what it learns of the requests that reached it.

/** How a store may fail. `ok` passes everything on; `slow` does so after `delayMs`. */
export const FAULT_MODES = [
  'ok',
  'slow',
  'refused',
  'silent',
  'slow_headers',
  'slow_body',
  'cut_body',
  'status_401',
  'status_402',
  'status_429',
  'status_500',
  'html',
  'wrong_shape',
  'huge',
] as const
/**
 * Those, and some for tests of their own: `refuse_large` refuses requests over 1 MB, as some Redis plans do, and `gzip_bomb`
 * returns a small body that unpacks to 200 MB.
 */
export type FaultMode = (typeof FAULT_MODES)[number] | 'status_503' | 'refuse_large' | 'gzip_bomb'

/** What a store's address is told to do. */
export interface FaultControl {
  mode: FaultMode
  delayMs?: number
  /** The `Retry-After` of a `status_…`. */
  retryAfter?: number
  /** Only the next request meets it. */
  once?: boolean
  /** Only requests whose body contains one of these texts meet it. */
  matches?: readonly string[]
}

/** What reached a store's address; bodies as text, in the order they came. */
export interface FaultReport {
  requests: number
  maxInFlight: number
  inFlight: number
  bodies: string[]
}

/** The text every failing store puts into its response; it must never come out of the API. */
export const STORE_SECRET = 'store-internal-detail-4711'
