// What a query's `date_range` covers, in the site's own time zone. "The last n days" leave today out.
import { DateTime } from 'luxon'
import { PlausibleRefusal } from './plausible-refusal.ts'

/** A window of UTC epoch seconds, both ends included, and the zone its days are counted in. */
export type DateRange = { readonly first: number; readonly last: number; readonly zone: string }

const MAX_DAYS = 5000
const MAX_MONTHS = 100

/**
 * Resolves a `date_range` at the time `nowMs`; `firstEventAt` (epoch seconds) is where "all" begins.
 * Throws a `PlausibleRefusal` (400) for an invalid range.
 */
export function resolveDateRange(
  range: string | readonly [string, string],
  zone: string,
  nowMs: number,
  firstEventAt: number | undefined,
): DateRange {
  const today = DateTime.fromMillis(nowMs, { zone }).startOf('day')
  if (typeof range !== 'string') return betweenTwo(range, zone)
  switch (range) {
    case 'day':
      return wholeDays(today, today)
    case 'month':
      return wholeDays(today.startOf('month'), today.endOf('month'))
    case 'year':
      return wholeDays(today.startOf('year'), today.endOf('year'))
    case 'all':
      return wholeDays(
        firstEventAt === undefined ? today : DateTime.fromSeconds(firstEventAt, { zone }),
        today,
      )
    case '24h': {
      const last = Math.floor(nowMs / 1000)
      return { first: last - 24 * 3600, last, zone }
    }
  }
  const shorthand = /^([1-9]\d{0,3})(d|mo)$/.exec(range)
  const count = Number(shorthand?.[1])
  if (shorthand?.[2] === 'd' && count <= MAX_DAYS) {
    return wholeDays(today.minus({ days: count }), today.minus({ days: 1 }))
  }
  if (shorthand?.[2] === 'mo' && count <= MAX_MONTHS) {
    const thisMonth = today.startOf('month')
    return wholeDays(thisMonth.minus({ months: count }), thisMonth.minus({ days: 1 }))
  }
  throw invalid(range)
}

/** Both ends as Plausible echoes them: ISO 8601 with the zone's offset at that time, `Z` for a site in UTC. */
export function echoDateRange({ first, last, zone }: DateRange): [string, string] {
  return [isoWithOffset(first, zone), isoWithOffset(last, zone)]
}

function betweenTwo(range: readonly [string, string], zone: string): DateRange {
  const [from, to] = range
  const resolved = areDates(range)
    ? wholeDays(DateTime.fromISO(from, { zone }), DateTime.fromISO(to, { zone }))
    : { first: parseInstant(from, range), last: parseInstant(to, range), zone }
  if (!(resolved.first <= resolved.last)) throw invalid(range)
  return resolved
}

function areDates(range: readonly [string, string]): boolean {
  return range.every((end) => /^\d{4}-\d{2}-\d{2}$/.test(end))
}

function parseInstant(text: string, range: readonly [string, string]): number {
  const hasOffset = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text)
  const milliseconds = hasOffset ? Date.parse(text) : Number.NaN
  if (Number.isNaN(milliseconds)) throw invalid(range)
  return Math.floor(milliseconds / 1000)
}

// When the clocks go back over midnight, a day begins at the second midnight and ends at the first 23:59:59.
function wholeDays(from: DateTime, to: DateTime): DateRange {
  const firsts = from.startOf('day').getPossibleOffsets()
  const lasts = to.set({ hour: 23, minute: 59, second: 59, millisecond: 0 }).getPossibleOffsets()
  const first = Math.max(...firsts.map((end) => end.toSeconds()))
  const last = Math.min(...lasts.map((end) => end.toSeconds()))
  return { first, last, zone: from.zoneName ?? 'utc' }
}

function isoWithOffset(seconds: number, zone: string): string {
  return DateTime.fromSeconds(seconds, { zone }).toISO({ suppressMilliseconds: true }) ?? ''
}

function invalid(range: string | readonly [string, string]): PlausibleRefusal {
  return new PlausibleRefusal(400, `#/date_range: Invalid date range ${JSON.stringify(range)}`)
}
