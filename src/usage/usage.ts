// The use of the API: how many requests each key of an organization made on a day of UTC, by how they ended.

/** How a request ended: with figures of the store (or none), with cached figures, refused by a limit, or with another error. */
export const USAGE_OUTCOMES = ['served', 'cached', 'rate_limited', 'concurrency_limited', 'failed'] as const
/** How a request ended. */
export type UsageOutcome = (typeof USAGE_OUTCOMES)[number]

/** The most days that are kept, today included. */
export const MAX_USAGE_DAYS = 90

/** The owner that requests are counted for. `keyId` is undefined for people, who send no key. */
export interface UsageOwner {
  organizationId: string
  keyId: string | undefined
}

/** Requests of one owner on one day (`YYYY-MM-DD`) that ended alike. */
export interface UsageCount extends UsageOwner {
  day: string
  outcome: UsageOutcome
  count: number
}

/** What to read: the days, and the organization's requests with one key, or all of them if `keyId` is undefined. */
export interface UsageQuery extends UsageOwner {
  days: readonly string[]
}

/** The requests of one day: those of each key with any, by its ID. */
export interface DayUsage {
  date: string
  keys: ({ keyId: string | undefined } & Record<UsageOutcome, number>)[]
}

const DAY_MS = 86_400_000

/** The day of UTC (`YYYY-MM-DD`) at a moment in epoch milliseconds. */
export function usageDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** The last `count` days at `now`, in their order; the last one is today. */
export function lastUsageDays(count: number, now: number): string[] {
  return Array.from({ length: count }, (_, index) => usageDay(now - (count - 1 - index) * DAY_MS))
}
