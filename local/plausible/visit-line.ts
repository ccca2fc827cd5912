// One line of `POST /local/visits`: an event of the past, as JSON.
import { z } from 'zod'

const text = z.string().max(2000)

/** A site's name in Plausible's form: lower case, letters of any script, and slashes for a part of a domain. */
export const siteName = z
  .string()
  .regex(/^[\p{L}\d][-./\p{L}\d]*$/u, 'expected a domain such as jobs.example, or one with a path')
  .refine((name) => name === name.toLowerCase(), 'expected a domain in lower case, such as jobs.example')

const visitLine = z.strictObject({
  timestamp: z.string(),
  domain: siteName,
  name: z
    .string()
    .min(1)
    .max(120)
    .refine((name) => name !== 'engagement', 'engagement events are not supported by the stand-in'),
  pathname: z.string().startsWith('/').max(2000),
  visitor: z.string().min(1),
  props: z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()])).optional(),
  hostname: text.optional(),
  source: text.optional(),
  referrer: text.optional(),
  channel: text.optional(),
  utm_source: text.optional(),
  utm_medium: text.optional(),
  utm_campaign: text.optional(),
  utm_content: text.optional(),
  utm_term: text.optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'expected two capital letters (ISO 3166-1)')
    .optional(),
  region: text.optional(),
  city: z.int().nonnegative().optional(),
  device: text.optional(),
  browser: text.optional(),
  os: text.optional(),
})

/**
 * An event to store. `timestamp` is in UTC epoch seconds; `visitor` is the visitor's id, unchanged; `city` is a
 * GeoNames id, `region` an ISO 3166-2 code, `country` an ISO 3166-1 code.
 */
export type Visit = Omit<z.output<typeof visitLine>, 'timestamp'> & { readonly timestamp: number }

/** Parses one NDJSON line. The error is part of a sentence, without the line's number. */
export function parseVisitLine(line: string): { visit: Visit } | { error: string } {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { error: 'not valid JSON' }
  }
  const parsed = visitLine.safeParse(value)
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'line'}: ${issue.message}`)
    return { error: issues.join('; ') }
  }
  const timestamp = parseTimestamp(parsed.data.timestamp)
  if (timestamp === undefined) {
    return { error: 'timestamp: expected an ISO 8601 date and time, such as 2026-01-31T09:30:00Z' }
  }
  return { visit: { ...parsed.data, timestamp } }
}

const LOCAL_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?$/

// A time without an offset is UTC, like all timestamps of Plausible.
function parseTimestamp(value: string): number | undefined {
  const match = LOCAL_TIME.exec(value)
  if (match === null) return undefined
  const [, date, time, offset] = match
  const milliseconds = Date.parse(`${date}T${time}${offset ?? 'Z'}`)
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000)
}
