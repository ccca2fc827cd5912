// The period before a period, reckoned in calendar days and months.

import type { Period } from './stats-question.ts'

const DAYS: Record<Period, number> = { '7d': 7, '30d': 30, '6mo': 0, '12mo': 0 }
const MONTHS: Record<Period, number> = { '7d': 0, '30d': 0, '6mo': 6, '12mo': 12 }

/** First and last day (`YYYY-MM-DD`, both included) of the period of the same kind that ends the day before `from`. */
export function rangeBefore(period: Period, from: string): [string, string] {
  const start = new Date(`${from}T00:00:00Z`)
  const first = new Date(start)
  first.setUTCMonth(first.getUTCMonth() - MONTHS[period])
  first.setUTCDate(first.getUTCDate() - DAYS[period])
  const last = new Date(start)
  last.setUTCDate(last.getUTCDate() - 1)
  return [dayOf(first), dayOf(last)]
}

/** The first day of the current period where it is now this moment (epoch milliseconds) and the site keeps UTC. */
export function startOfPeriod(period: Period, now: number): string {
  const day = new Date(now)
  if (MONTHS[period] > 0) day.setUTCDate(1)
  day.setUTCMonth(day.getUTCMonth() - MONTHS[period])
  day.setUTCDate(day.getUTCDate() - DAYS[period])
  return dayOf(day)
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10)
}
