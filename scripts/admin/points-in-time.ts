// Times as people write them on a command line and in files: `90d`, `24h`, or an ISO 8601 date with its time zone.
import { AdminError } from './admin-error.ts'

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const
const MAX_SECONDS = 100 * 366 * UNIT_SECONDS.d

const DATE =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?))?$/i
const FIRST_SECOND = Date.parse('0001-01-01T00:00:00Z')
const LAST_SECOND = Date.parse('9999-12-31T23:59:59Z')
const NOT_A_DATE = 'is not a date such as 2030-12-31 or 2030-12-31T09:00:00Z'

/** Returns `90d`, `24h`, `30m`, `45s`, `2w` or `0` as seconds. Throws AdminError that names the option. */
export function parseDuration(text: string, option: string): number {
  const seconds = durationSeconds(text)
  if (seconds !== undefined) return seconds
  throw new AdminError('usage', `${option} must be a duration such as 30m, 24h or 90d, not ${quote(text)}`)
}

/** Reads a duration from now, or a date, as a point in the future. Throws AdminError that names the option. */
export function parseExpiry(text: string, option: string, now: Date): Date {
  const seconds = durationSeconds(text)
  const at = seconds === undefined ? dateOf(text, option) : new Date(now.getTime() + seconds * 1_000)
  if (at > now) return at
  throw new AdminError('usage', `${option} ${quote(text)} is not in the future: give a later time`)
}

function dateOf(text: string, option: string): Date {
  const parsed = parseInstant(text)
  if ('instant' in parsed) return new Date(parsed.instant)
  throw new AdminError(
    'usage',
    `${option} must be a duration such as 90d or a date such as 2030-12-31, not ${quote(text)}`,
  )
}

/**
 * Reads an ISO 8601 date (midnight UTC), or date and time with a time zone.
 * @returns the instant in UTC with at most six digits of a second (more are cut off, because rounding could leave the
 * range), or what is wrong. Every instant stays within the years 1 to 9999, which Postgres and ISO 8601 both write.
 */
export function parseInstant(text: string): { instant: string } | { problem: string } {
  const [, day, time = '00:00', second = '00', fraction = '', zone = 'Z'] = DATE.exec(text) ?? []
  if (day === undefined || !exists(day)) return { problem: NOT_A_DATE }
  const instant = (part: string) => Date.parse(`${day}T${time}:${second}${part}${fullZone(zone)}`)
  const seconds = instant('')
  if (Number.isNaN(seconds) || Number.isNaN(instant(`.${fraction}0`))) return { problem: NOT_A_DATE }
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) {
    return { problem: 'is outside the years 1 to 9999 (in UTC)' }
  }
  const micros = fraction.slice(0, 6)
  return { instant: `${new Date(seconds).toISOString().slice(0, 19)}${micros && `.${micros}`}Z` }
}

/** JavaScript reads February 30 as March 2. */
function exists(day: string): boolean {
  const date = new Date(`${day}T00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

function fullZone(zone: string): string {
  if (zone.toUpperCase() === 'Z') return 'Z'
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`
}

function durationSeconds(text: string): number | undefined {
  if (text === '0') return 0
  const [, amount, unit] = /^(\d{1,10})([smhdw])$/.exec(text) ?? []
  if (amount === undefined || !isUnit(unit)) return undefined
  const seconds = Number(amount) * UNIT_SECONDS[unit]
  return seconds <= MAX_SECONDS ? seconds : undefined
}

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_SECONDS {
  return unit !== undefined && unit in UNIT_SECONDS
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
