// The parameters that select the days of every figure: `period`, or `from` and `to`.

import * as z from 'zod/mini'
import {
  dayAt,
  daysIn,
  formatOffset,
  isDay,
  offsetMs,
  PERIODS,
  type RequestedWindow,
  type ResolvedWindow,
  resolveWindow,
} from '../analytics/windows.ts'
import { ApiError, type ParameterProblem } from '../http/errors.ts'
import { oneOf, quote } from '../http/query-parameters.ts'
import type { RequestContext } from '../request/request-context.ts'

/** The period of a request that names none. */
export const DEFAULT_PERIOD = '30d'
/** What `period` takes. */
export const REQUEST_PERIODS = [...PERIODS, 'today'] as const

const MAX_DAYS = 5 * 366
const day = z.string().check(
  z.refine(isDay, {
    error: ({ input }) => `${quote(input)} must be a day such as 2026-01-31.`,
  }),
)

/** The schemas of the parameters, for the object of an endpoint's parameters. */
export const windowParameters = {
  period: z.optional(oneOf(REQUEST_PERIODS)),
  from: z.optional(day),
  to: z.optional(day),
}

/** The parsed parameters. */
export interface WindowQuery {
  period?: (typeof REQUEST_PERIODS)[number] | undefined
  from?: string | undefined
  to?: string | undefined
}

/** What is wrong with the parameters together. */
export function windowProblems({ period, from, to }: WindowQuery): ParameterProblem[] {
  const problem = (parameter: string, message: string) => [{ parameter, message }]
  if (from === undefined && to === undefined) return []
  if (period !== undefined) return problem('period', '`period` must not be used with `from` and `to`.')
  if (from === undefined) return problem('from', '`to` requires `from`.')
  if (to === undefined) return problem('to', '`from` requires `to`.')
  if (from > to) return problem('from', '`from` must not be after `to`.')
  if (daysIn({ from, to }) > MAX_DAYS) return problem('from', '`from` must be at most 5 years before `to`.')
  return []
}

/** The window that valid parameters request. */
export function requestedWindow({ period = DEFAULT_PERIOD, from, to }: WindowQuery): RequestedWindow {
  return from !== undefined && to !== undefined ? { from, to } : { period }
}

/** The name of a requested window in cache keys and the log. */
export function windowName(requested: RequestedWindow): string {
  return 'period' in requested ? requested.period : `${requested.from}..${requested.to}`
}

/** The days of a requested window. Throws `ApiError` if `to` is after today in the site's time zone. */
export function windowIn(timeZone: string, requested: RequestedWindow, now: number): ResolvedWindow {
  if ('to' in requested) {
    const today = dayAt(timeZone, now)
    const message = `\`to\` must not be after today, which is ${today} in ${timeZone}.`
    if (requested.to > today)
      throw new ApiError('invalid_request', { details: [{ parameter: 'to', message }] })
  }
  return resolveWindow(requested, timeZone, now)
}

/** Logs that the store counts the days of another time zone than the directory has for the site. */
export function logTimeZoneMismatch(
  request: RequestContext,
  lastMoment: string | undefined,
  { timeZone, closesAt }: ResolvedWindow,
): void {
  const stored = /([+-]\d\d:\d\d|Z)$/.exec(lastMoment ?? '')?.[0].replace('Z', '+00:00')
  const expected = formatOffset(offsetMs(timeZone, closesAt - 1))
  if (stored !== undefined && stored !== expected) {
    request.log({ time_zone_mismatch: `expected ${expected}, store has ${stored}` })
  }
}

/** The window as `meta` reports it. */
export function windowMeta(requested: RequestedWindow, { from, to, timeZone }: ResolvedWindow) {
  return { ...('period' in requested && { period: requested.period }), from, to, time_zone: timeZone }
}
