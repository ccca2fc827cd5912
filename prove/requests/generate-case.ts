// Makes the request of a number: parameters of every endpoint, right and wrong, then headers, methods, paths and raw bytes.

import { createRandom, type Random, weighted } from '../../local/demo/random.ts'
import type { World } from '../world/world.ts'
import { drawParameters } from './draw-parameters.ts'
import { drawSocketBytes } from './draw-socket-bytes.ts'
import type { CaseKind, KeyKind, RequestCase } from './request-case.ts'

const drawKind = weighted<CaseKind>([
  ['parameters', 76],
  ['headers', 10],
  ['methods', 6],
  ['paths', 4],
  ['sockets', 4],
])
const drawKeyKind = weighted<KeyKind>([
  ['own', 88],
  ['revoked', 3],
  ['expired', 2],
  ['forged', 3],
  ['malformed', 2],
  ['none', 2],
])
const drawPath = weighted([
  ['/analytics/jobs', 40],
  ['/analytics/site', 32],
  ['/jobs', 24],
  ['/usage', 4],
  // Without the console's settings there are no such endpoints.
  ['/keys', 2],
  ['/keys/audit', 2],
  ['/health', 2],
  ['/ready', 2],
])

const METHODS = [
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'M-SEARCH',
]
const ACCEPTED = [
  ...['*/*', 'application/json', 'text/csv', 'application/problem+json', 'text/html', 'application/*;q=0.1'],
  ...['text/csv;q=0.5, application/json', 'application/problem+json;q=1, */*;q=0', 'nonsense', '', ';;;q=x'],
]
const PATHS = [
  ...[
    '/',
    '/docs',
    '/docs/',
    '/openapi.json',
    '/favicon.ico',
    '/analytics',
    '/analytics/',
    '/jobs/',
    '/JOBS',
  ],
  ...['//jobs', '/analytics//jobs', '/analytics/jobs/', '/./jobs', '/jobs/../health', '/analytics/%6Aobs'],
  ...[
    '/jobs%2F',
    '/%00',
    '/jobs;x=1',
    '/.env',
    '/cdn-cgi/trace',
    '/jobs/%E0%A4%A',
    '/health/x',
    '/ready?x=1',
  ],
  ...[
    '/__proto__',
    '/constructor',
    '/analytics/jobs%3FjobIds=x',
    `/${'a'.repeat(4_000)}`,
    '/\u{1F600}'.normalize(),
  ],
]

/** The request of this number. The same seed, world and number make the same request. */
export function generateCase({ seed, tenants }: World, number: number): RequestCase {
  const random = createRandom(`${seed} request ${number}`)
  const kind = drawKind(random)
  const tenant = random.between(0, tenants.length - 1)
  const one: RequestCase = {
    ...{ number, kind, tenant },
    keyKind: drawKeyKind(random),
    key: random.between(0, 9_999),
    worker: random.between(0, 9_999),
    method: 'GET',
    target: drawTarget(random, tenants, tenant),
    headers: {},
  }
  switch (kind) {
    case 'parameters':
      return one
    case 'headers':
      return { ...one, headers: drawHeaders(random) }
    case 'methods':
      return { ...one, method: random.pick(METHODS), headers: random.chance(0.5) ? {} : drawHeaders(random) }
    case 'paths':
      return { ...one, target: encodeURI(random.pick(PATHS)).replaceAll('%25', '%') }
    case 'sockets':
      return { ...one, raw: drawSocketBytes(random, one.target) }
  }
}

function drawTarget(random: Random, tenants: World['tenants'], tenant: number): string {
  const path = drawPath(random)
  const parameters = drawParameters(random, path, tenants, tenant)
  return parameters.length === 0 ? path : `${path}?${new URLSearchParams(parameters)}`
}

function drawHeaders(random: Random): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let count = random.between(1, 3); count > 0; count--) Object.assign(headers, drawHeader(random))
  return headers
}

function drawHeader(random: Random): Record<string, string> {
  const choices: (() => Record<string, string>)[] = [
    () => ({ accept: random.pick(ACCEPTED) }),
    () => ({ 'if-none-match': random.pick(['*', '"x"', 'W/"0123"', '"a", W/"b"', ',,,', '"']) }),
    () => ({ origin: random.pick(['https://dashboard.example', 'https://evil.example', 'null', 'x']) }),
    () => ({
      origin: 'https://dashboard.example',
      'access-control-request-method': random.pick(['GET', 'DELETE']),
      'access-control-request-headers': 'x-api-key',
    }),
    () => ({
      'accept-encoding': random.pick(['gzip', 'br', 'identity;q=0', '*', 'gzip, deflate, br, zstd']),
    }),
    () => ({ range: 'bytes=0-10' }),
    () => ({ 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example;proto=http' }),
    () => ({ 'x-http-method-override': 'DELETE' }),
    () => ({ authorization: random.pick(['Bearer x', 'Basic eDp5', '']) }),
    () => ({ cookie: 'a=b; '.repeat(random.between(1, 400)) }),
    () => ({ 'x-request-id': random.hex(32), traceparent: '00-0-0-00' }),
    () => ({ 'content-type': 'application/json', 'x-empty': '', 'accept-language': 'fr;q=NaN' }),
    () => ({ 'if-modified-since': 'yesterday', 'cache-control': 'no-cache', pragma: 'no-cache' }),
  ]
  return random.pick(choices)()
}
