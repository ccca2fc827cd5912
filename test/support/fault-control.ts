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
export type FaultMode = (typeof FAULT_MODES)[number]

/** What a store's address is told to do. */
export interface FaultControl {
  mode: FaultMode
  delayMs?: number
  /** Only the next request meets it. */
  once?: boolean
}

/** What reached a store's address; bodies as text, in the order they came. */
export interface FaultReport {
  requests: number
  maxInFlight: number
  inFlight: number
  bodies: string[]
}

/** The text every failing store puts into its answer; it must never come out of the API. */
export const STORE_SECRET = 'store-internal-detail-4711'
