// The quota of Plausible: a number of calls per clock hour (UTC), refused calls included.

const HOUR_MS = 3_600_000

/** Counts calls; `perHour` null means no quota. */
export type HourlyQuota = {
  /** Counts one call and returns whether it is within the quota. */
  spend(nowMs: number): boolean
  /** Changes the quota and resets the count. */
  reset(perHour: number | null): void
  readonly perHour: number | null
}

/** Creates a quota whose count resets when the UTC clock hour changes. */
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
