// Adds up what the API counted by day, key and outcome.

import { type KeyUsage, OUTCOMES, type Outcome, type Usage } from '../api/usage.ts'

/** How many requests had each outcome. */
export type Sums = Record<Outcome, number>

/** The names of the outcomes, what they mean, and the colors of their bars. */
export const OUTCOME_TEXTS: Record<Outcome, { name: string; ink: string }> = {
  served: { name: 'Served', ink: '--outcome-served' },
  cached: { name: 'From cache', ink: '--outcome-cached' },
  rate_limited: { name: 'Refused: rate', ink: '--outcome-rate' },
  concurrency_limited: { name: 'Refused: at once', ink: '--outcome-slots' },
  failed: { name: 'Other errors', ink: '--outcome-failed' },
}

/** The sum of these rows. */
export function sumOf(rows: readonly KeyUsage[]): Sums {
  const sums: Sums = { served: 0, cached: 0, rate_limited: 0, concurrency_limited: 0, failed: 0 }
  for (const row of rows) for (const outcome of OUTCOMES) sums[outcome] += row[outcome]
  return sums
}

/** All requests of a sum. */
export function totalOf(sums: Sums): number {
  return OUTCOMES.reduce((total, outcome) => total + sums[outcome], 0)
}

/** The sums of each key, the busiest first. */
export function byKey(days: Usage['data']['days']): { keyId: string | null; sums: Sums }[] {
  const rows = Map.groupBy(
    days.flatMap(({ keys }) => keys),
    ({ key_id: keyId }) => keyId,
  )
  return [...rows]
    .map(([keyId, ofKey]) => ({ keyId, sums: sumOf(ofKey) }))
    .sort((one, other) => totalOf(other.sums) - totalOf(one.sums))
}
