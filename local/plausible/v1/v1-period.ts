// The period of a query to the statistics API v1, in the site's own time zone.
import { DateTime } from 'luxon'
import { type DateRange, resolveDateRange } from '../date-range.ts'
import { PlausibleRefusal, unsupported } from '../plausible-refusal.ts'

const PERIODS = ['day', '7d', '30d', 'month', '6mo', '12mo', 'custom']

/** A parsed period: first and last day, both `YYYY-MM-DD` and included. */
export type V1Period = { readonly first: string; readonly last: string }

/**
 * Parses `period` and `date`. The periods that count back from a day are refused, because they cover other days in
 * version 2 of Plausible than in version 3; so is a missing period, which means `30d`, and a missing `date`, which
 * means today. Throws a `PlausibleRefusal` (400).
 */
export function parseV1Period(period: string | undefined, date: string | undefined): V1Period {
  if (period !== undefined && !PERIODS.includes(period)) {
    throw new PlausibleRefusal(400, `Error parsing \`period\` parameter: invalid period \`${period}\`.`)
  }
  if (period === 'custom') return parseCustom(date)
  const day = date === undefined ? undefined : parseSingleDate(date)
  if (day !== undefined && period === 'day') return { first: isoDate(day), last: isoDate(day) }
  if (day !== undefined && period === 'month') {
    return { first: isoDate(day.startOf('month')), last: isoDate(day.endOf('month')) }
  }
  const named = period === undefined ? 'a missing period' : `the period ${period}`
  throw unsupported(
    `${named}${day === undefined ? ' without a date' : ''}: its days differ between versions of Plausible. ` +
      'Use period=custom with two dates',
  )
}

/** The period as a window of time in the site's zone. */
export function rangeOfPeriod({ first, last }: V1Period, zone: string, nowMs: number): DateRange {
  return resolveDateRange([first, last], zone, nowMs, undefined)
}

/**
 * Returns the days just before a period, as many as the period has up to today. Plausible takes today's date in UTC for
 * this. Throws a `PlausibleRefusal` (400) for a period that ends later, while it is another day in the site's zone.
 */
export function previousPeriod({ first, last }: V1Period, zone: string, nowMs: number): V1Period {
  const [today, todayInZone] = ['utc', zone].map((name) =>
    isoDate(DateTime.fromMillis(nowMs, { zone: name })),
  )
  const isRunning = today !== undefined && today < last
  if (isRunning && today !== todayInZone) throw unsupported('a comparison of a period while the days differ')
  const start = dayOf(first)
  const end = dayOf(isRunning ? today : last)
  const days = Math.round(end.diff(start, 'days').days) + 1
  return { first: isoDate(start.minus({ days })), last: isoDate(end.minus({ days })) }
}

function parseCustom(date: string | undefined): V1Period {
  if (date === undefined) {
    throw new PlausibleRefusal(400, 'The `date` parameter is required when using a custom period.')
  }
  const days = date.split(',').map((one) => dayOf(one.trim()))
  const [first, last] = days
  if (days.length !== 2 || !first?.isValid || !last?.isValid) {
    throw new PlausibleRefusal(
      400,
      'Invalid format for `date` parameter. Please include two ISO-8601 formatted dates joined by a comma.',
    )
  }
  if (last < first) throw unsupported('a period that ends before it begins')
  return { first: isoDate(first), last: isoDate(last) }
}

function parseSingleDate(date: string): DateTime {
  const day = dayOf(date)
  if (day.isValid) return day
  const reason = /^\d{4}-\d{2}-\d{2}$/.test(date) ? 'invalid_date' : 'invalid_format'
  throw new PlausibleRefusal(
    400,
    `Error parsing \`date\` parameter: ${reason}. Please specify a valid date in ISO-8601 format.`,
  )
}

function dayOf(text: string): DateTime {
  return DateTime.fromFormat(text, 'yyyy-MM-dd', { zone: 'utc' })
}

function isoDate(day: DateTime): string {
  return day.toFormat('yyyy-MM-dd')
}
