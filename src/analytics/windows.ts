// The days that a figure covers: whole days of the site's time zone.

/** The named periods of a request. All but `today` end yesterday, and a longer one includes the shorter ones. */
export const PERIODS = ['7d', '30d', '6mo', '12mo'] as const
/** A named period that ends yesterday. */
export type Period = (typeof PERIODS)[number]

/** First and last day (`YYYY-MM-DD`), both included. */
export interface Window {
  from: string
  to: string
}

/** What a caller requests: a named period, today, or two days. */
export type RequestedWindow = { period: Period | 'today' } | Window

/** A requested window in the time zone of a site, at a moment. */
export interface ResolvedWindow extends Window {
  timeZone: string
  /** Epoch milliseconds at which the last day ends. From then on its figures are final, but for late events. */
  closesAt: number
  /** Epoch milliseconds at which the same request covers other days; infinite for two given days. */
  changesAt: number
}

const DAY_MS = 86_400_000
const DAYS = { '7d': 7, '30d': 30 } as const
const MONTHS = { '6mo': 6, '12mo': 12 } as const

/** The days of a request at `now` (epoch milliseconds). */
export function resolveWindow(requested: RequestedWindow, timeZone: string, now: number): ResolvedWindow {
  if (!('period' in requested)) {
    const closesAt = startOfDay(timeZone, addDays(requested.to, 1))
    return { ...requested, timeZone, closesAt, changesAt: Number.POSITIVE_INFINITY }
  }
  const today = currentDay(timeZone, now)
  return {
    ...periodWindow(requested.period, today.day),
    timeZone,
    closesAt: requested.period === 'today' ? today.endsAt : today.startsAt,
    changesAt: today.endsAt,
  }
}

/** A day of a time zone, and the moments at which it starts and ends, in epoch milliseconds. */
interface DaySpan {
  day: string
  startsAt: number
  endsAt: number
}

/** The last day looked up in each time zone. Computing one takes a tenth of a request's CPU time, and it is valid for a day. */
const lastDays = new Map<string, DaySpan>()

function currentDay(timeZone: string, now: number): DaySpan {
  const last = lastDays.get(timeZone)
  if (last !== undefined && last.startsAt <= now && now < last.endsAt) return last
  const day = dayAt(timeZone, now)
  const span = {
    day,
    startsAt: startOfDay(timeZone, day),
    endsAt: startOfDay(timeZone, addDays(day, 1)),
  }
  lastDays.set(timeZone, span)
  return span
}

function periodWindow(period: Period | 'today', today: string): Window {
  switch (period) {
    case 'today':
      return { from: today, to: today }
    case '7d':
    case '30d':
      return { from: addDays(today, -DAYS[period]), to: addDays(today, -1) }
    case '6mo':
    case '12mo':
      return { from: subtractMonths(today, MONTHS[period]), to: addDays(today, -1) }
  }
}

/** The window of the same length just before. */
export function windowBefore({ from, to }: Window): Window {
  return { from: addDays(from, -daysIn({ from, to })), to: addDays(from, -1) }
}

/** How many days a window has. */
export function daysIn({ from, to }: Window): number {
  return Math.round((utc(to) - utc(from)) / DAY_MS) + 1
}

/** The day a number of days after another. */
export function addDays(day: string, days: number): string {
  return new Date(utc(day) + days * DAY_MS).toISOString().slice(0, 10)
}

/** The same day of the month a number of months before, or the last day of that month if it has no such day. */
export function subtractMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const lastDate = new Date(Date.UTC(year, month - months, 0)).getUTCDate()
  const result = new Date(Date.UTC(year, month - 1 - months, Math.min(date, lastDate)))
  return result.toISOString().slice(0, 10)
}

/** Whether this text is a day of the calendar. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(utc(text)) && addDays(text, 0) === text
}

/** Whether this text is a time zone of the IANA database. */
export function isTimeZone(text: string): boolean {
  try {
    formatOf(text)
    return true
  } catch {
    return false
  }
}

/** The day in a time zone at a moment (epoch milliseconds). */
export function dayAt(timeZone: string, at: number): string {
  return new Date(at + offsetMs(timeZone, at)).toISOString().slice(0, 10)
}

/** The first moment of a day in a time zone, in epoch milliseconds. */
export function startOfDay(timeZone: string, day: string): number {
  const midnight = utc(day)
  // The clocks may change on this day, even at midnight, so the offsets around it are tried.
  const offsets = [offsetMs(timeZone, midnight - DAY_MS), offsetMs(timeZone, midnight + DAY_MS)]
  const starts = offsets.map((offset) => midnight - offset).sort((a, b) => a - b)
  return starts.find((at) => dayAt(timeZone, at) === day) ?? midnight - (offsets[0] ?? 0)
}

/** A time zone's offset from UTC at a moment, in milliseconds. */
export function offsetMs(timeZone: string, at: number): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const date = Date.UTC(part('year'), part('month') - 1, part('day'))
  const time = (part('hour') * 60 + part('minute')) * 60 + part('second')
  return date + time * 1_000 - Math.floor(at / 1_000) * 1_000
}

/** An offset as ISO 8601 has it: `+01:00`. */
export function formatOffset(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${ms < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** A formatter is expensive to create. There is at most one per time zone of the database. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const existing = formats.get(timeZone)
  if (existing) return existing
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, format)
  return format
}

function utc(day: string): number {
  return Date.parse(`${day}T00:00:00Z`)
}
