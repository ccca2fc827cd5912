// The dimensions of a query: what they are called, which side of the store knows them, and their columns.
import { PlausibleRefusal, unsupported } from './plausible-refusal.ts'

const EVENT_COLUMNS: ReadonlyMap<string, string> = new Map([
  ['event:page', 'e.pathname'],
  ['event:name', 'e.name'],
  ['event:hostname', 'e.hostname'],
])

// Where an attribute is unknown Plausible says so in the answer; in filters the same words mean the same.
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
 * Which side knows a dimension: `event` only events, `session` only whole visits, `visit` both (an event carries
 * its visit's attributes), `time` both.
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

/** What the answer says where a visit's attribute is unknown. */
export function blankOfDimension(dimension: string): string {
  return VISIT_COLUMNS.get(dimension)?.blank ?? ''
}

/** Whether this clause of an `is` filter asks for visits whose attribute is unknown. */
export function isBlankClause(dimension: string, clause: string | number): boolean {
  if (clause === NOT_SET) return propertyOfDimension(dimension) === undefined
  return clause === NO_REFERRER && blankOfDimension(dimension) === NO_REFERRER
}

/** Refuses what cannot be grouped by; `path` is where it stands in the body. */
export function assertQueryDimension(dimension: string, path: string): void {
  if (!TIME_DIMENSIONS.has(dimension)) assertKnown(dimension, path)
}

/** Refuses what cannot be filtered by with this operator. */
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
