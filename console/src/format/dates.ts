// Days and points in time as people of the browser's language write them. A day such as 2026-01-31 has no time zone.

const DAY_MS = 86_400_000

const day = dayFormat({ day: 'numeric', month: 'short' })
const dayWithYear = dayFormat({ day: 'numeric', month: 'short', year: 'numeric' })
const weekday = dayFormat({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
const month = dayFormat({ month: 'short', year: 'numeric' })
const instant = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const instantDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

function dayFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' })
}

/** 31 Jan */
export function formatDay(date: string): string {
  return day.format(new Date(date))
}

/** Sat, 31 Jan 2026 */
export function formatWeekday(date: string): string {
  return weekday.format(new Date(date))
}

/** Jan 2026 */
export function formatMonth(date: string): string {
  return month.format(new Date(date))
}

/** 1 – 31 Jan 2026 */
export function formatDays(from: string, to: string): string {
  return dayWithYear.formatRange(new Date(from), new Date(to))
}

/** A point in time, in the time zone of the browser. */
export function formatInstant(iso: string): string {
  return instant.format(new Date(iso))
}

/** The day of a point in time, in the time zone of the browser. */
export function formatInstantDay(iso: string): string {
  return instantDay.format(new Date(iso))
}

/** 10:31:05 */
export function formatTime(at: number): string {
  return time.format(at)
}

/** "5 minutes ago", "in 3 days". */
export function formatRelative(iso: string, now = Date.now()): string {
  const difference = (Date.parse(iso) - now) / 1_000
  const size = Math.abs(difference)
  if (size < 60) return relative.format(0, 'minute')
  if (size < 3_600) return relative.format(Math.round(difference / 60), 'minute')
  if (size < 86_400) return relative.format(Math.round(difference / 3_600), 'hour')
  return relative.format(Math.round(difference / 86_400), 'day')
}

/** How many days there are from one day to another one, both included. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1
}

/** The day that is so many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10)
}

/** How many days the month of a day has. */
export function daysOfMonth(date: string): number {
  const [year = 0, month = 0] = date.split('-').map(Number)
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}
