// When each store was failing, and how long the API took to recover.

/** The stores of the API. */
export type StoreName = 'redis' | 'postgres' | 'analytics'

/** One fault. Times are epoch milliseconds. */
export interface Fault {
  store: StoreName
  what: string
  from: number
  /** When the store was well again; undefined while it is not. */
  until?: number
  /** When every Worker gave right responses again; undefined while it has not. */
  recoveredAt?: number
}

/** How long the API may take to recover. */
export const RECOVERY_LIMIT_MS = 15_000
/** A fault may show a moment before it is recorded and after the API was seen to have recovered. */
const MARGIN_MS = 1_000

/** The faults of a run, in the order they began. */
export class FaultLog {
  readonly faults: Fault[] = []

  /** Records that a fault begins. */
  begin(store: StoreName, what: string): Fault {
    const fault: Fault = { store, what, from: now() }
    this.faults.push(fault)
    return fault
  }

  /** Whether the store was failing, or the API was recovering from it, at any moment between the two. */
  isDisturbed(store: StoreName | 'any', from: number, to: number): boolean {
    return this.faults.some((fault) => {
      if (store !== 'any' && fault.store !== store) return false
      const end =
        fault.recoveredAt ??
        (fault.until === undefined ? Number.POSITIVE_INFINITY : fault.until + RECOVERY_LIMIT_MS)
      return fault.from - MARGIN_MS <= to && from <= end + MARGIN_MS
    })
  }
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
