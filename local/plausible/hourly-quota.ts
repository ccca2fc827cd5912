// The store's own quota: so many calls per clock hour (UTC), refused ones included.

const HOUR_MS = 3_600_000

/** Counts calls; `perHour` null means no quota. */
export type HourlyQuota = {
  /** Counts one call and says whether it is within the quota. */
  spend(nowMs: number): boolean
  /** Changes the quota and starts the count anew. */
  reset(perHour: number | null): void
  readonly perHour: number | null
}

/** A quota that turns with the UTC clock hour. */
export function createHourlyQuota(initial: number | null): HourlyQuota {
  let perHour = initial
  let hour = Number.NaN
  let spent = 0
  return {
    spend(nowMs) {
      const current = Math.floor(nowMs / HOUR_MS)
      if (current !== hour) {
        hour = current
        spent = 0
      }
      spent += 1
      return perHour === null || spent <= perHour
    },
    reset(next) {
      perHour = next
      hour = Number.NaN
    },
    get perHour() {
      return perHour
    },
  }
}
