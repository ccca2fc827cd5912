// Draws the query parameters of an endpoint: half of the requests keep to what it supports, the others need not.

import { type Random, weighted } from '../../local/demo/random.ts'
import { DIMENSIONS, INTERVALS } from '../../src/analytics/analytics-store.ts'
import { METRICS } from '../../src/analytics/figures.ts'
import { JOB_STATUSES } from '../../src/directory/directory.ts'
import { JOB_METRICS } from '../../src/endpoints/job-figures.ts'
import { LIST_METRICS, LIST_SORTS } from '../../src/endpoints/job-list/parameters.ts'
import { REQUEST_PERIODS } from '../../src/endpoints/window-parameters.ts'
import type { Tenant } from '../world/world.ts'

/** A parameter by its name. */
export type Parameter = [name: string, value: string]

const STRANGE = [
  ...[
    '',
    ' ',
    '*',
    '\\*',
    '\\,',
    '\\',
    ',',
    ',,',
    `'`,
    '"',
    '%',
    '%00',
    '\0',
    '<script>',
    '{{7*7}}',
    '__proto__',
  ],
  ...[
    'null',
    'NaN',
    '-1',
    '0',
    '1e3',
    '0x10',
    '１',
    '9'.repeat(30),
    'é',
    'e\u0301',
    '\u202e',
    '\ud83d\ude00',
    'İ',
  ],
  ...[
    "'; drop table jobs; --",
    '/jobs/*',
    'a'.repeat(2_001),
    '*a'.repeat(12),
    'x,'.repeat(150),
    '../../etc/passwd',
  ],
]

const drawJobsParameter = weighted<(random: Random) => Parameter>([
  [(random) => ['period', random.pick(REQUEST_PERIODS)], 5],
  [(random) => ['metrics', some(random, JOB_METRICS)], 4],
  [(random) => ['interval', random.pick(INTERVALS)], 2],
  [(random) => ['format', random.pick(['csv', 'json'])], 1],
])
const drawListParameter = weighted<(random: Random) => Parameter>([
  [(random) => ['status', random.pick(JOB_STATUSES)], 3],
  [(random) => ['sort', random.pick(LIST_SORTS)], 4],
  [(random) => ['per_page', String(random.between(1, 12))], 4],
  [(random) => ['page', String(random.between(1, 4))], 3],
  [(random) => ['include', some(random, LIST_METRICS)], 4],
  [(random) => ['period', random.pick(REQUEST_PERIODS)], 2],
  [(random) => ['q', random.pick(['engineer', 'Engineer 1', 'q', '3', 'engineer -2', 'c++'])], 1],
  [(random) => ['format', random.pick(['csv', 'json'])], 1],
])

const drawUsageParameter = weighted<(random: Random) => Parameter>([
  [(random) => ['days', String(random.between(1, 90))], 4],
  [(random) => ['format', random.pick(['csv', 'json'])], 1],
])

/** Parameters for a path, for an organization that mostly asks for what is its own. */
export function drawParameters(
  random: Random,
  path: string,
  tenants: readonly Tenant[],
  tenant: number,
): Parameter[] {
  const isWild = random.chance(0.2)
  const drawn: Parameter[] = []
  if (path === '/analytics/jobs' && !(isWild && random.chance(0.3))) {
    drawn.push(['jobIds', drawJobIds(random, tenants, tenant)])
  }
  for (let count = random.between(0, 4); count > 0; count--)
    drawn.push(drawParameter(random, path, tenants, tenant))
  if (random.chance(0.12)) drawn.push(...drawDays(random))
  if (isWild) drawn.push(drawWild(random, tenants))
  // A parameter given twice is a 400 for most; mostly the rest is to be reached.
  if (isWild) return drawn
  const seen = new Set<string>()
  return drawn.filter(([name]) => !seen.has(name) && seen.add(name))
}

function drawParameter(random: Random, path: string, tenants: readonly Tenant[], tenant: number): Parameter {
  if (path === '/analytics/jobs') return drawJobsParameter(random)(random)
  if (path === '/jobs') return drawListParameter(random)(random)
  if (path === '/analytics/site') return drawSiteParameter(random, tenants, tenant)
  if (path === '/usage') return drawUsageParameter(random)(random)
  return ['x', random.pick(STRANGE)]
}

function drawSiteParameter(random: Random, tenants: readonly Tenant[], tenant: number): Parameter {
  const choices: [() => Parameter, number][] = [
    [() => ['group_by', random.pick(DIMENSIONS)], 5],
    [() => ['period', random.pick(REQUEST_PERIODS)], 4],
    [() => ['metrics', some(random, METRICS)], 4],
    [() => ['interval', random.pick(INTERVALS)], 2],
    [() => ['limit', String(random.between(1, 20))], 1],
    [() => ['offset', String(random.between(0, 12))], 1],
    [() => ['compare', 'previous'], 1],
    [() => ['country', random.pick(['FR', 'DE', 'F*', 'XX'])], 1],
    [() => [random.pick(['job', 'job!']), drawJobIds(random, tenants, tenant)], 1],
    [() => [`${random.pick(DIMENSIONS)}${random.pick(['', '!'])}`, drawText(random, tenants)], 4],
    [() => ['format', random.pick(['csv', 'json'])], 1],
  ]
  return weighted(choices)(random)()
}

function drawText(random: Random, tenants: readonly Tenant[]): string {
  const { marker, domain } = random.pick(tenants)
  return random.pick([
    ...[
      '*',
      `*${marker}`,
      `source\\*${marker}`,
      `os\\,${marker}`,
      'us*',
      '/jobs/*',
      `/jobs/1-${marker}`,
      domain,
    ],
    random.pick(STRANGE),
  ])
}

function drawJobIds(random: Random, tenants: readonly Tenant[], tenant: number): string {
  const ids: string[] = []
  for (let count = random.between(1, 5); count > 0; count--) {
    const owner = random.chance(0.97) ? tenants[tenant] : random.pick(tenants)
    const id = random.pick(owner?.jobs ?? []).id
    ids.push(random.chance(0.1) ? id.toUpperCase() : id)
  }
  return ids.join(random.pick([',', ',', ', ']))
}

function drawDays(random: Random): Parameter[] {
  const today = Date.now()
  const day = (daysAgo: number) => new Date(today - daysAgo * 86_400_000).toISOString().slice(0, 10)
  const to = random.between(-1, 60)
  return [
    ['from', random.pick([day(to + random.between(0, 400)), day(to + 5), '2026-02-30', '1999-01-01'])],
    ['to', day(to)],
  ]
}

function drawWild(random: Random, tenants: readonly Tenant[]): Parameter {
  const names = [
    'jobIds',
    'jobIds[]',
    'q',
    'cursor',
    'sort',
    'page',
    'per_page',
    'limit',
    'offset',
    'metrics',
    'from',
  ]
  return [
    random.pick([...names, ...DIMENSIONS, 'x-api-key', '__proto__', 'constructor', random.hex(5), '']),
    random.chance(0.3) ? drawText(random, tenants) : random.pick(STRANGE),
  ]
}

function some(random: Random, words: readonly string[]): string {
  const chosen = words.filter(() => random.chance(0.4))
  return (chosen.length > 0 ? chosen : [random.pick(words)]).join(',')
}
