// Every header of an answer, described once; each answer names the groups it has.

import type { oas31 } from 'zod-openapi'

const wholeSeconds: oas31.SchemaObject = { type: 'integer', minimum: 0 }

/** Component headers by their name. `required` holds wherever an answer names the header. */
export const HEADERS = {
  'X-Request-Id': {
    description: 'Names this request; give it to us when something is wrong.',
    required: true,
    schema: { type: 'string', pattern: '^[\\w-]{16}$' },
    example: '5fQ2kD0xV9aZr-_T',
  },
  'RateLimit-Policy': {
    description: 'The limits of your key: requests in a window of seconds, and requests under way at once.',
    schema: {
      type: 'string',
      pattern: '^"rate";q=\\d+;w=\\d+, "concurrency";q=\\d+;qu="concurrent-requests"$',
    },
    example: '"rate";q=100;w=60, "concurrency";q=10;qu="concurrent-requests"',
  },
  RateLimit: {
    description:
      'What is left of them: `r` requests, `t` seconds until there is room for one more, `r` free places. Absent while the limits cannot be counted.',
    schema: { type: 'string', pattern: '^"rate";r=\\d+;t=\\d+(, "concurrency";r=\\d+)?$' },
    example: '"rate";r=57;t=12, "concurrency";r=7',
  },
  'X-RateLimit-Limit': {
    description: 'Requests in a window, for clients that do not read `RateLimit-Policy`.',
    schema: { type: 'integer', minimum: 1 },
    example: 100,
  },
  'X-RateLimit-Remaining': {
    description: 'Requests left, for clients that do not read `RateLimit`.',
    schema: { type: 'integer', minimum: 0 },
    example: 57,
  },
  'X-RateLimit-Reset': {
    description: 'When there is room for one more request, in epoch seconds.',
    schema: { type: 'integer', minimum: 0 },
    example: 1_767_225_600,
  },
  'Retry-After': {
    description: 'Wait this many seconds before the next try.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
    example: 12,
  },
  'Cache-Control': {
    description:
      'Figures: for how many seconds they are still fresh. A list without figures: `no-cache`. Everything else: `no-store`.',
    required: true,
    schema: { type: 'string', pattern: '^(private, (max-age=\\d+|no-cache)|no-store)$' },
    example: 'private, max-age=240',
  },
  Age: {
    description: 'How many seconds ago the oldest of the figures was read.',
    required: true,
    schema: wholeSeconds,
    example: 60,
  },
  ETag: {
    description: 'Send it as `If-None-Match`: figures that have not changed are then a 304 without a body.',
    required: true,
    schema: { type: 'string', pattern: '^"[^"]+"$' },
    example: '"1w8y2kq0c5t3nz"',
  },
  'Cache-Status': {
    description: 'How our cache took part (RFC 9211).',
    required: true,
    schema: { type: 'string', pattern: '^job-analytics; (hit|fwd=(miss|partial|bypass))' },
    example: 'job-analytics; hit; ttl=240',
  },
  Link: {
    description: 'The first, the previous and the next page (RFC 8288).',
    required: true,
    schema: { type: 'string', pattern: '^<[^>]+>; rel="first"' },
    example: '<https://analytics.example.com/jobs>; rel="first"',
  },
  'Server-Timing': {
    description: 'Milliseconds of each hop and of the whole.',
    schema: { type: 'string', pattern: '^(\\w+;dur=\\d+, )*total;dur=\\d+$' },
    example: 'redis;dur=4, postgres;dur=9, total;dur=10',
  },
  Vary: {
    description: 'Which request headers the answer depends on.',
    schema: { type: 'string' },
    example: 'x-api-key',
  },
  Allow: {
    description: 'The methods this address takes.',
    required: true,
    schema: { type: 'string' },
    example: 'GET, HEAD, OPTIONS',
  },
  'WWW-Authenticate': {
    description: 'Which header the key belongs in.',
    required: true,
    schema: { type: 'string', const: 'ApiKey header="x-api-key"' },
    example: 'ApiKey header="x-api-key"',
  },
  'Content-Security-Policy': {
    description: 'An answer is data: a browser that shows it runs and loads nothing.',
    required: true,
    schema: { type: 'string', const: "default-src 'none'; frame-ancestors 'none'" },
    example: "default-src 'none'; frame-ancestors 'none'",
  },
  'X-Content-Type-Options': {
    description: 'The type of the answer is the one it says.',
    required: true,
    schema: { type: 'string', const: 'nosniff' },
    example: 'nosniff',
  },
  'Referrer-Policy': {
    description: 'Nothing of this address is passed on.',
    required: true,
    schema: { type: 'string', const: 'no-referrer' },
    example: 'no-referrer',
  },
  'Strict-Transport-Security': {
    description: 'HTTPS only, for a year.',
    required: true,
    schema: { type: 'string', const: 'max-age=31536000' },
    example: 'max-age=31536000',
  },
  'Access-Control-Allow-Origin': {
    description: 'The origin of the page that asked, where the platform allows it.',
    schema: { type: 'string' },
    example: 'https://dashboard.example.com',
  },
  'Access-Control-Expose-Headers': {
    description: 'The headers that a page of that origin may read.',
    schema: { type: 'string' },
    example: 'X-Request-Id, RateLimit, RateLimit-Policy, Retry-After',
  },
} as const satisfies Record<string, oas31.HeaderObject>

export type HeaderName = keyof typeof HEADERS

/** On every answer there is. */
export const EVERY_ANSWER: HeaderName[] = [
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

/** On every answer to a key that counts against its limits. */
export const LIMITS: HeaderName[] = [
  'RateLimit-Policy',
  'RateLimit',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
]

/** On figures. */
export const FIGURES: HeaderName[] = ['Age', 'ETag', 'Cache-Status', 'Server-Timing']

/** These headers for an answer that has them on some occasions only. */
export function optionalHeaders(names: readonly HeaderName[]): Record<string, oas31.HeaderObject> {
  return Object.fromEntries(names.map((name) => [name, { ...HEADERS[name], required: false }]))
}

/** References to these headers, as an answer holds them. */
export function headerReferences(names: readonly HeaderName[]): Record<string, oas31.ReferenceObject> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
