// The properties of the statistics API v1: which exist, which the stand-in counts, and how a row names them.
import { PlausibleRefusal, unsupported } from '../plausible-refusal.ts'
import { propertyOfDimension } from '../query-dimensions.ts'

const COUNTED = new Set([
  ...['event:page', 'event:name', 'event:hostname', 'visit:source', 'visit:referrer', 'visit:channel'],
  ...['visit:utm_source', 'visit:utm_medium', 'visit:utm_campaign', 'visit:utm_content', 'visit:utm_term'],
  ...['visit:device', 'visit:browser', 'visit:os', 'visit:country', 'visit:region', 'visit:city'],
  ...['visit:entry_page', 'visit:exit_page'],
])
const NOT_COUNTED = new Set(['event:goal', 'visit:browser_version', 'visit:os_version'])

// A breakdown has no row for visits for which one of these is unknown.
const SKIPS_BLANK = new Set([
  ...[
    'visit:country',
    'visit:region',
    'visit:city',
    'visit:entry_page',
    'visit:exit_page',
    'visit:utm_source',
  ],
  ...['visit:utm_medium', 'visit:utm_campaign', 'visit:utm_content', 'visit:utm_term'],
])

/**
 * Refuses (400) a property that v1 does not have (`isVersion2`: version 2 of Plausible has no channels) or that the
 * stand-in does not count; `kind` is `property` or `filter property`, for the error.
 */
export function assertV1Property(
  name: string,
  kind: 'property' | 'filter property',
  isVersion2: boolean,
): void {
  const isMissing = isVersion2 && name === 'visit:channel'
  if (!isMissing && (COUNTED.has(name) || propertyOfDimension(name))) return
  if (NOT_COUNTED.has(name)) throw unsupported(`the property ${name}`)
  const purpose = kind === 'property' ? 'property for the breakdown endpoint' : 'filter property'
  throw new PlausibleRefusal(400, `Invalid ${kind} '${name}'. Please provide a valid ${purpose}.`)
}

/** The key under which a row of a breakdown holds the property's value: `page` for `event:page`. */
export function rowKeyOfProperty(name: string): string {
  return propertyOfDimension(name) ?? name.slice(name.indexOf(':') + 1)
}

/** The value that stands for "unknown" if a breakdown leaves such visits out; otherwise undefined. */
export function skippedBlankOf(name: string): string | number | undefined {
  if (!SKIPS_BLANK.has(name)) return undefined
  return name === 'visit:city' ? 0 : ''
}

/** Whether metrics of whole visits are refused along with this property. */
export function excludesSessionMetrics(name: string): boolean {
  return name === 'event:name' || propertyOfDimension(name) !== undefined
}
