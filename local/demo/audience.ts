// The visitors of a job board: their sources, places and devices.
import type { Visit } from '../plausible/visit-line.ts'
import { type Choice, type Random, weighted } from './random.ts'

/** The attributes of one visit, ready to be spread into each of its events. */
export type Attributes = Pick<
  Visit,
  | 'source'
  | 'referrer'
  | 'channel'
  | 'utm_source'
  | 'utm_medium'
  | 'utm_campaign'
  | 'country'
  | 'region'
  | 'city'
  | 'device'
  | 'browser'
  | 'os'
>

const drawAcquisition = weighted<Attributes>([
  [{ source: 'Google', referrer: 'google.com', channel: 'Organic Search' }, 33],
  [{ channel: 'Direct' }, 21],
  [{ source: 'LinkedIn', referrer: 'linkedin.com', channel: 'Organic Social' }, 13],
  [{ source: 'Indeed', referrer: 'indeed.com/viewjob', channel: 'Referral' }, 11],
  [{ source: 'Glassdoor', referrer: 'glassdoor.com/job-listing', channel: 'Referral' }, 4],
  [{ source: 'Bing', referrer: 'bing.com', channel: 'Organic Search' }, 4],
  [{ source: 'DuckDuckGo', referrer: 'duckduckgo.com', channel: 'Organic Search' }, 2],
  [{ source: 'Facebook', referrer: 'facebook.com', channel: 'Organic Social' }, 2],
  [campaign('newsletter', 'email', 'weekly-digest', 'Email'), 5],
  [campaign('newsletter', 'email', 'new-this-month', 'Email'), 2],
  [{ ...campaign('google', 'cpc', 'hiring-brand', 'Paid Search'), source: 'Google' }, 2],
  [{ ...campaign('linkedin', 'paid-social', 'engineers', 'Paid Social'), source: 'LinkedIn' }, 1],
])

const drawEquipment = weighted<Attributes>([
  [{ device: 'Mobile', browser: 'Mobile App', os: 'Android' }, 4],
  [{ device: 'Mobile', browser: 'Chrome', os: 'Android' }, 27],
  [{ device: 'Mobile', browser: 'Safari', os: 'iOS' }, 25],
  [{ device: 'Tablet', browser: 'Safari', os: 'iPadOS' }, 2],
  [{ device: 'Tablet', browser: 'Chrome', os: 'Android' }, 1],
  [{ device: 'Desktop', browser: 'Chrome', os: 'Windows' }, 19],
  [{ device: 'Desktop', browser: 'Microsoft Edge', os: 'Windows' }, 7],
  [{ device: 'Desktop', browser: 'Chrome', os: 'Mac' }, 6],
  [{ device: 'Desktop', browser: 'Safari', os: 'Mac' }, 4],
  [{ device: 'Desktop', browser: 'Firefox', os: 'GNU/Linux' }, 3],
  [{ device: 'Desktop', browser: 'Firefox', os: 'Windows' }, 2],
])

// Cities by their GeoNames id, regions by ISO 3166-2.
const EUROPE: readonly (readonly [Attributes, number])[] = [
  [{ country: 'FR', region: 'FR-IDF', city: 2988507 }, 34],
  [{ country: 'FR', region: 'FR-ARA', city: 2996944 }, 14],
  [{ country: 'FR', region: 'FR-OCC', city: 2972315 }, 9],
  [{ country: 'FR', region: 'FR-PAC', city: 2995469 }, 8],
  [{ country: 'FR', region: 'FR-HDF', city: 2998324 }, 6],
  [{ country: 'FR', region: 'FR-NAQ', city: 3031582 }, 5],
  [{ country: 'BE', region: 'BE-BRU', city: 2800866 }, 8],
  [{ country: 'CH', region: 'CH-GE', city: 2660646 }, 4],
  [{ country: 'CH', region: 'CH-ZH', city: 2657896 }, 3],
  [{ country: 'DE', region: 'DE-BE', city: 2950159 }, 5],
  [{ country: 'ES', region: 'ES-MD', city: 3117735 }, 2],
  [{ country: 'GB', region: 'GB-ENG', city: 2643743 }, 2],
]

const NORTH_AMERICA: readonly (readonly [Attributes, number])[] = [
  [{ country: 'US', region: 'US-NY', city: 5128581 }, 41],
  [{ country: 'US', region: 'US-MA', city: 4930956 }, 19],
  [{ country: 'US', region: 'US-IL', city: 4887398 }, 14],
  [{ country: 'US' }, 12],
  [{ country: 'CA', region: 'CA-ON', city: 6167865 }, 10],
  [{ country: 'GB', region: 'GB-ENG', city: 2643743 }, 4],
]

/** Draws the attributes of visits to a site of this time zone. */
export function createAudience(timezone: string): Choice<Attributes> {
  const places = timezone.startsWith('America/') ? NORTH_AMERICA : EUROPE
  const drawPlace = weighted(places)
  return (random: Random) => ({ ...drawAcquisition(random), ...drawPlace(random), ...drawEquipment(random) })
}

function campaign(source: string, medium: string, name: string, channel: string): Attributes {
  return { source, utm_source: source, utm_medium: medium, utm_campaign: name, channel }
}
