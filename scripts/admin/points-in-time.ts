// Times as people write them on a command line and in files: `90d`, `24h`, or an ISO 8601 date with its zone.
import { AdminError } from './admin-error.ts'

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const
const MAX_SECONDS = 100 * 366 * UNIT_SECONDS.d

const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}(?::?\d{2})?))?$/i

/** `90d`, `24h`, `30m`, `45s`, `2w` or `0` as seconds. Throws AdminError that names the option. */
export function parseDuration(text: string, option: string): number {
  const seconds = durationSeconds(text)
  if (seconds !== undefined) return seconds
  throw new AdminError('usage', `${option} takes a time such as 30m, 24h or 90d, not ${quote(text)}`)
}

/** A duration from now, or a date, as a point in the future. Throws AdminError that names the option. */
export function parseExpiry(text: string, option: string, now: Date): Date {
  const seconds = durationSeconds(text)
  const instant = seconds === undefined ? parseInstant(text) : undefined
  const at =
    seconds === undefined ? new Date(instant ?? Number.NaN) : new Date(now.getTime() + seconds * 1_000)
  if (Number.isNaN(at.getTime())) {
    throw new AdminError(
      'usage',
      `${option} takes a time such as 90d or a date such as 2030-12-31, not ${quote(text)}`,
    )
  }
  if (at > now) return at
  throw new AdminError('usage', `${option} ${quote(text)} is not in the future: give a later one`)
}

/**
 * An ISO 8601 date (midnight UTC), or date and time with its zone, in a form Postgres and JavaScript both take.
 * @returns undefined for anything else, days that do not exist among it
 */
export function parseInstant(text: string): string | undefined {
  const [, day, time = '00:00', zone = 'Z'] = DATE.exec(text) ?? []
  if (day === undefined || !exists(day)) return undefined
  const instant = `${day}T${time}${fullZone(zone)}`
  return Number.isNaN(Date.parse(instant)) ? undefined : instant
}

/** JavaScript takes February 30 for the first of March. */
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
