// Names of dimensions and of their values.

import type { Dimension } from 'job-analytics-client'

const regions = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'code' })

const DIMENSIONS: Record<Dimension, string> = {
  page: 'Page',
  entry_page: 'Entry page',
  exit_page: 'Exit page',
  source: 'Source',
  referrer: 'Referrer',
  channel: 'Channel',
  utm_source: 'UTM source',
  utm_medium: 'UTM medium',
  utm_campaign: 'Campaign',
  country: 'Country',
  region: 'Region',
  city: 'City',
  device: 'Device',
  browser: 'Browser',
  os: 'System',
  job: 'Job',
}

/** Whether a text is the name of a dimension. */
export function isDimension(text: string): text is Dimension {
  return Object.hasOwn(DIMENSIONS, text)
}

/** The name that people read. */
export function dimensionName(dimension: Dimension): string {
  return DIMENSIONS[dimension]
}

/** The value that people read: a country by its name. The store has an empty value, or (none), if it cannot tell. */
export function valueName(dimension: Dimension, value: string): string {
  if (value === '' || value === '(none)' || value === '(not set)') return 'Unknown'
  if (dimension === 'country' && /^[A-Z]{2}$/.test(value)) return regions.of(value) ?? value
  return value
}
