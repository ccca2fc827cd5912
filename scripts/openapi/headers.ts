// Every response header, described once. A response names its headers, and may give examples of its own.

import type { oas31 } from 'zod-openapi'

const wholeSeconds: oas31.SchemaObject = { type: 'integer', minimum: 0 }

/** The headers by name. `required` is true if every response that names the header has it. */
export const HEADERS = {
  'X-Request-Id': {
    description: 'The ID of this request. Include it when you report a problem.',
    required: true,
    schema: { type: 'string', pattern: '^[\\w-]{16}$' },
    example: '5fQ2kD0xV9aZr-_T',
  },
  'RateLimit-Policy': {
    description: 'The limits of your key: `q` requests in a window of `w` seconds, and `q` requests at once.',
    schema: {
      type: 'string',
      pattern: '^"rate";q=\\d+;w=\\d+, "concurrency";q=\\d+;qu="concurrent-requests"$',
    },
    example: '"rate";q=100;w=60, "concurrency";q=10;qu="concurrent-requests"',
  },
  RateLimit: {
    description:
      'What is left of these limits: `r` requests, `t` seconds until one more request is available, and `r` slots. Missing while the limits cannot be counted.',
    schema: { type: 'string', pattern: '^"rate";r=\\d+;t=\\d+(, "concurrency";r=\\d+)?$' },
    example: '"rate";r=57;t=12, "concurrency";r=7',
  },
  'X-RateLimit-Limit': {
    description: 'The number of requests per window, for clients that do not read `RateLimit-Policy`.',
    schema: { type: 'integer', minimum: 1 },
    example: 100,
  },
  'X-RateLimit-Remaining': {
    description: 'The number of requests left, for clients that do not read `RateLimit`.',
    schema: { type: 'integer', minimum: 0 },
    example: 57,
  },
  'X-RateLimit-Reset': {
    description: 'When one more request is available, in epoch seconds.',
    schema: { type: 'integer', minimum: 0 },
    example: 1_767_225_600,
  },
  'Retry-After': {
    description:
      'How many seconds to wait before the next attempt. Exact for `rate_limited`, advice for all other errors.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
    example: 12,
  },
  'Cache-Control': {
    description:
      'Figures: how many seconds they are still fresh. A list without figures: `no-cache`. Everything else: `no-store`.',
    required: true,
    schema: { type: 'string', pattern: '^(private, (max-age=\\d+|no-cache)|no-store)$' },
    example: 'private, max-age=240',
  },
  Age: {
    description: 'How many seconds ago the oldest figure was read from the store.',
    required: true,
    schema: wholeSeconds,
    example: 60,
  },
  ETag: {
    description: 'Send it as `If-None-Match`: if nothing has changed, the response is a 304 without a body.',
    required: true,
    schema: { type: 'string', pattern: '^W/"[^"]+"$' },
    example: 'W/"1w8y2kq0c5t3nzQ4Xb7e"',
  },
  'Cache-Status': {
    description: 'How the cache was used (RFC 9211).',
    required: true,
    schema: { type: 'string', pattern: '^job-analytics; (hit|fwd=(miss|partial|bypass))' },
    example: 'job-analytics; hit; ttl=240',
  },
  Link: {
    description: 'The first, previous, and next page (RFC 8288).',
    required: true,
    schema: { type: 'string', pattern: '^<[^>]+>; rel="first"' },
    example: '<https://analytics.example.com/jobs>; rel="first"',
  },
  'Content-Disposition': {
    description: 'The name of a CSV file. Missing on JSON.',
    schema: { type: 'string', pattern: '^attachment; filename="[\\w.-]+"$' },
    example: 'attachment; filename="jobs.csv"',
  },
  'Server-Timing': {
    description: 'The duration of each hop and the total, in milliseconds.',
    schema: { type: 'string', pattern: '^(\\w+;dur=\\d+, )*total;dur=\\d+$' },
    example: 'redis;dur=4, postgres;dur=9, total;dur=10',
  },
  Vary: {
    description: 'The request headers that the response depends on.',
    schema: { type: 'string' },
    example: 'x-api-key, Accept',
  },
  Allow: {
    description: 'The methods that this path supports.',
    required: true,
    schema: { type: 'string' },
    example: 'GET, HEAD, OPTIONS',
  },
  'WWW-Authenticate': {
    description: 'The request header that is expected: for the API key, or for a token of the platform.',
    required: true,
    schema: { type: 'string', enum: ['ApiKey header="x-api-key"', 'Bearer'] },
    example: 'ApiKey header="x-api-key"',
  },
  'Content-Security-Policy': {
    description: 'A browser that displays the response must not run or load anything.',
    required: true,
    schema: { type: 'string', const: "default-src 'none'; frame-ancestors 'none'" },
    example: "default-src 'none'; frame-ancestors 'none'",
  },
  'X-Content-Type-Options': {
    description: 'A browser must use the declared content type.',
    required: true,
    schema: { type: 'string', const: 'nosniff' },
    example: 'nosniff',
  },
  'Referrer-Policy': {
    description: 'A browser must not send this URL to other sites.',
    required: true,
    schema: { type: 'string', const: 'no-referrer' },
    example: 'no-referrer',
  },
  'Strict-Transport-Security': {
    description: 'A browser must use HTTPS for a year.',
    required: true,
    schema: { type: 'string', const: 'max-age=31536000' },
    example: 'max-age=31536000',
  },
  'Access-Control-Allow-Origin': {
    description: 'The origin of the calling page, if the operator allows it.',
    schema: { type: 'string' },
    example: 'https://dashboard.example.com',
  },
  'Access-Control-Expose-Headers': {
    description: 'The response headers that a page of this origin may read.',
    schema: { type: 'string' },
    example: 'X-Request-Id, RateLimit, RateLimit-Policy, Retry-After',
  },
} as const satisfies Record<string, oas31.HeaderObject>

/** The name of a response header. */
export type HeaderName = keyof typeof HEADERS

/** On every response. */
export const EVERY_RESPONSE: HeaderName[] = [
  'X-Request-Id',
  'Cache-Control',
  'Vary',
  'Content-Security-Policy',
  'X-Content-Type-Options',
  'Referrer-Policy',
  'Strict-Transport-Security',
  'Access-Control-Allow-Origin',
  'Access-Control-Expose-Headers',
]

/** On every response to a key whose request was counted against its limits. */
export const LIMITS: HeaderName[] = [
  'RateLimit-Policy',
  'RateLimit',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
]

/** On figures. */
export const FIGURES: HeaderName[] = ['Age', 'ETag', 'Cache-Status', 'Server-Timing']

/** What one response says about a header: its own examples (by the names of its body's examples), schema, or presence. */
export interface HeaderChange {
  example?: string | number
  examples?: Record<string, string | number>
  schema?: oas31.SchemaObject
  required?: boolean
}

/** These headers as a response holds them: a reference, or the header itself if the response changes it. */
export function headersOf(
  names: readonly HeaderName[],
  changes: Partial<Record<HeaderName, HeaderChange>> = {},
): oas31.HeadersObject {
  return Object.fromEntries(
    names.map((name) => {
      const change = changes[name]
      return [name, change ? changed(name, change) : { $ref: `#/components/headers/${name}` }]
    }),
  )
}

function changed(name: HeaderName, { example, examples, ...change }: HeaderChange): oas31.HeaderObject {
  const { example: general, ...header } = HEADERS[name]
  const own = examples
    ? { examples: Object.fromEntries(Object.entries(examples).map(([key, value]) => [key, { value }])) }
    : { example: example ?? general }
  return { ...header, ...change, ...own }
}

/** `Cache-Control` of a response that must not be stored. */
export const NO_STORE: HeaderChange = {
  schema: { type: 'string', const: 'no-store' },
  example: 'no-store',
}
