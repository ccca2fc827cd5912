// The dimensions of a query: their names, their columns, and whether they belong to events or visits.
import { PlausibleRefusal, unsupported } from './plausible-refusal.ts'

const EVENT_COLUMNS: ReadonlyMap<string, string> = new Map([
  ['event:page', 'e.pathname'],
  ['event:name', 'e.name'],
  ['event:hostname', 'e.hostname'],
])

// Plausible returns these texts for an unknown attribute, and accepts them in filters.
const NOT_SET = '(not set)'
const NO_REFERRER = 'Direct / None'

const VISIT_COLUMNS: ReadonlyMap<string, { column: string; blank: string }> = new Map([
  ['visit:source', { column: 'a.source', blank: NO_REFERRER }],
  ['visit:referrer', { column: 'a.referrer', blank: NO_REFERRER }],
  ['visit:channel', { column: 'a.channel', blank: 'Direct' }],
  ['visit:utm_source', { column: 'a.utm_source', blank: NOT_SET }],
  ['visit:utm_medium', { column: 'a.utm_medium', blank: NOT_SET }],
  ['visit:utm_campaign', { column: 'a.utm_campaign', blank: NOT_SET }],
  ['visit:utm_content', { column: 'a.utm_content', blank: NOT_SET }],
  ['visit:utm_term', { column: 'a.utm_term', blank: NOT_SET }],
  ['visit:device', { column: 'a.device', blank: NOT_SET }],
  ['visit:browser', { column: 'a.browser', blank: NOT_SET }],
  ['visit:os', { column: 'a.os', blank: NOT_SET }],
  ['visit:country', { column: 'a.country', blank: '' }],
  ['visit:region', { column: 'a.region', blank: '' }],
  ['visit:city', { column: 'a.city', blank: '' }],
])

const SESSION_COLUMNS: ReadonlyMap<string, string> = new Map([
  ['visit:entry_page', 's.entry_page'],
  ['visit:exit_page', 's.exit_page'],
])

const TIME_DIMENSIONS = new Set(['time', 'time:hour', 'time:day', 'time:week', 'time:month'])

const OTHER_DIMENSIONS = new Set([
  ...['event:goal', 'visit:country_name', 'visit:region_name', 'visit:city_name', 'visit:screen'],
  ...['visit:browser_version', 'visit:os_version', 'visit:entry_page_hostname', 'visit:exit_page_hostname'],
  ...['segment', 'time:minute'],
])

/**
 * Where a dimension exists: `event` on events only, `session` on whole visits only, `visit` on both (an event has
 * the attributes of its visit), `time` on both.
 */
export type DimensionSide = 'event' | 'session' | 'visit' | 'time'

/** The side of a dimension that has passed `assertQueryDimension` or `assertFilterDimension`. */
export function sideOfDimension(dimension: string): DimensionSide {
  if (TIME_DIMENSIONS.has(dimension)) return 'time'
  if (dimension.startsWith('event:')) return 'event'
  return SESSION_COLUMNS.has(dimension) ? 'session' : 'visit'
}

/** The custom property's name of `event:props:<name>`. */
export function propertyOfDimension(dimension: string): string | undefined {
  return dimension.startsWith('event:props:') ? dimension.slice('event:props:'.length) : undefined
}

/** The column of a dimension that is neither a custom property nor time, over `events e`, `sessions s`, `acquisitions a`. */
export function columnOfDimension(dimension: string): string {
  const column =
    EVENT_COLUMNS.get(dimension) ?? VISIT_COLUMNS.get(dimension)?.column ?? SESSION_COLUMNS.get(dimension)
  if (column === undefined) throw new Error(`no column for the dimension ${dimension}`)
  return column
}

/** Returns the text that stands for an unknown attribute of a visit. */
export function blankOfDimension(dimension: string): string {
  return VISIT_COLUMNS.get(dimension)?.blank ?? ''
}

/** Whether this clause of an `is` filter means visits whose attribute is unknown. */
export function isBlankClause(dimension: string, clause: string | number): boolean {
  if (clause === NOT_SET) return propertyOfDimension(dimension) === undefined
  return clause === NO_REFERRER && blankOfDimension(dimension) === NO_REFERRER
}

/** Throws a `PlausibleRefusal` (400) for an invalid dimension of a query; `path` is its position in the body. */
export function assertQueryDimension(dimension: string, path: string): void {
  if (!TIME_DIMENSIONS.has(dimension)) assertKnown(dimension, path)
}

/** Throws a `PlausibleRefusal` (400) for an invalid dimension of a filter, or an operator it does not have. */
export function assertFilterDimension(dimension: string, operator: string, path: string): void {
  assertKnown(dimension, path)
  if (dimension === 'event:name' && operator !== 'is') throw unsupported(`"${operator}" on event:name`)
}

function assertKnown(dimension: string, path: string): void {
  if (EVENT_COLUMNS.has(dimension) || VISIT_COLUMNS.has(dimension) || SESSION_COLUMNS.has(dimension)) return
  if (propertyOfDimension(dimension)) return
  if (OTHER_DIMENSIONS.has(dimension)) throw unsupported(`the dimension ${dimension}`)
  throw new PlausibleRefusal(400, `${path}: Invalid dimension "${dimension}"`)
}
