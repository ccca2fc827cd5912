// Turns the body that a tracker sends to `POST /api/event` into visits to store.
import { z } from 'zod'
import { parseJson } from '../loopback-server.ts'
import type { Visit } from './visit-line.ts'

const MAX_PROPS = 30
const MAX_PROP_KEY_BYTES = 300
const MAX_PROP_VALUE_BYTES = 2000

const blank = "can't be blank"
const trackedEvent = z.object({
  name: z.string({ error: blank }).min(1, blank).max(120, 'should be at most 120 characters'),
  url: z.string({ error: blank }).min(1, blank).max(2000, 'should be at most 2000 characters'),
  domain: z.string({ error: blank }).min(1, blank),
  referrer: z.string().nullish(),
  props: z.unknown(),
})

/** Errors by field, the body of a 400. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>

/** Where and when an event came from; `visitorOf` makes the visitor's id for one domain and host. */
export type TrackedContext = {
  readonly timestamp: number
  readonly visitorOf: (domain: string, hostname: string) => string
}

/**
 * Parses an event, in long or short field names, into one visit per domain. The stand-in has no list of known
 * referrers, no GeoIP and no user-agent parser: `source` is the campaign's or the referrer's host, and country,
 * device, browser and operating system stay unknown.
 */
export function parseTrackedEvent(
  body: Readonly<Record<string, unknown>>,
  context: TrackedContext,
): { visits: readonly Visit[] } | { errors: FieldErrors } {
  const parsed = trackedEvent.safeParse({
    name: body['n'] ?? body['name'],
    url: body['u'] ?? body['url'],
    domain: body['d'] ?? body['domain'],
    referrer: body['r'] ?? body['referrer'],
    props: body['p'] ?? body['props'] ?? body['m'] ?? body['meta'],
  })
  if (!parsed.success) return { errors: errorsByField(parsed.error) }
  const { name, url, domain, referrer } = parsed.data
  if (name === 'engagement')
    return { errors: { event_name: ['engagement is not supported by the stand-in'] } }
  const page = parsePage(url)
  if (page === undefined) return { errors: { url: ['must be a valid http or https URL'] } }
  const props = parseProps(parsed.data.props)
  if (props === undefined) {
    return { errors: { props: ['keys should have at most 300 bytes and values at most 2000 bytes'] } }
  }
  const hostname = page.hostname.replace(/^www\./, '')
  const visit = {
    timestamp: context.timestamp,
    name,
    pathname: decodePath(page.pathname),
    hostname,
    ...(Object.keys(props).length === 0 ? {} : { props }),
    ...acquisitionOf(page, hostname, referrer ?? ''),
  }
  const domains = new Set(domain.split(',').map((one) => one.trim().replace(/^www\./, '')))
  return {
    visits: [...domains].map((one) => ({ ...visit, domain: one, visitor: context.visitorOf(one, hostname) })),
  }
}

function errorsByField(error: z.ZodError): FieldErrors {
  const errors: Record<string, string[]> = {}
  for (const issue of error.issues) {
    const field = issue.path[0] === 'name' ? 'event_name' : String(issue.path[0])
    errors[field] = [...(errors[field] ?? []), issue.message]
  }
  return errors
}

function parsePage(url: string): URL | undefined {
  const page = URL.parse(url)
  return page !== null && /^https?:$/.test(page.protocol) ? page : undefined
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}

// Drops values that are not scalars, and everything after the thirtieth property.
function parseProps(value: unknown): Record<string, string> | undefined {
  const object = typeof value === 'string' ? parseJson(value) : value
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return {}
  const scalars = Object.entries(object)
    .filter(([, one]) => ['string', 'number', 'boolean'].includes(typeof one) && one !== '')
    .slice(0, MAX_PROPS)
    .map(([key, one]): [string, string] => [key, String(one)])
  const fits = scalars.every(
    ([key, one]) =>
      Buffer.byteLength(key) <= MAX_PROP_KEY_BYTES && Buffer.byteLength(one) <= MAX_PROP_VALUE_BYTES,
  )
  return fits ? Object.fromEntries(scalars) : undefined
}

function acquisitionOf(page: URL, hostname: string, referrer: string): Partial<Visit> {
  const from = URL.parse(referrer)
  const host = from?.hostname.replace(/^www\./, '') ?? ''
  const isOutside = host !== '' && host !== hostname
  const campaign = page.searchParams
  const source = ['utm_source', 'source', 'ref'].map((name) => campaign.get(name)).find(Boolean)
  return {
    source: source ?? (isOutside ? host : ''),
    referrer: isOutside ? `${host}${from?.pathname.replace(/\/$/, '') ?? ''}` : '',
    utm_source: campaign.get('utm_source') ?? '',
    utm_medium: campaign.get('utm_medium') ?? '',
    utm_campaign: campaign.get('utm_campaign') ?? '',
    utm_content: campaign.get('utm_content') ?? '',
    utm_term: campaign.get('utm_term') ?? '',
  }
}
