import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DIMENSIONS, type Dimension } from '../../src/analytics/analytics-store.ts'
import { METRICS } from '../../src/analytics/figures.ts'
import type { JobVisitorsResponse } from '../../src/endpoints/job-visitors/response.ts'
import type { SiteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import type { UsageResponse } from '../../src/endpoints/usage/response.ts'
import { REQUEST_PERIODS } from '../../src/endpoints/window-parameters.ts'
import { type ApiResponse, createApi, withKey } from '../support/api.ts'
import { createTenant, type Tenant, type TenantVisit, visitsIn } from '../support/tenants.ts'

const CASES = 10_000
const AT_ONCE = 10

// Primes, so that no figure of one is a figure of another.
const tenants = await Promise.all([
  createTenant('qamber', 3),
  createTenant('qbirch', 7),
  createTenant('qcobalt', 11),
])
const unlimited = {
  RATE_LIMIT_REQUESTS: '1000000',
  CONCURRENCY_LIMIT: '1000',
  // It limits a key that sends many invalid requests, as these do; how many fit into its minute depends on the machine.
  FLOOR: { limit: async () => ({ success: true }) },
  ANALYTICS_APPLY_EVENT: 'Apply',
}
// Every other request asks an API without a cache, so that both the cache and the store are asked all the time.
const off = { CACHE_FRESH_SECONDS: '0', CACHE_STALE_SECONDS: '0', CACHE_KEEP_SECONDS: '0' }
const uncached = createApi({ ...unlimited, ...off })
const apis = [createApi(unlimited), uncached]

/** What half of the requests keep to, so that not all the others are refused. */
const PARAMETERS: Record<string, readonly string[]> = {
  '/jobs': ['q', 'sort', 'status', 'page', 'per_page', 'include', 'cursor', 'period', 'from', 'to'],
  '/analytics/jobs': ['jobIds', 'period', 'from', 'to', 'metrics', 'interval'],
}

const anyTenant = fc.constantFrom(...tenants)
const [someone] = tenants
if (!someone) throw new Error('There are tenants')
const anyJob = fc.oneof(
  { weight: 20, arbitrary: anyTenant.chain(({ jobs }) => fc.constantFrom(...jobs.map(({ id }) => id))) },
  { weight: 1, arbitrary: fc.uuid() },
)
const text = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      '*',
      '\\*',
      '\\,',
      '\\\\',
      ',',
      '/jobs/*',
      '/jobs/1-qbirch',
      'Engineer',
      `'`,
      '%',
    ),
  },
  {
    weight: 5,
    arbitrary: anyTenant.chain(({ marker, domain, id }) => fc.constantFrom(marker, domain, id, `*${marker}`)),
  },
  {
    weight: 3,
    arbitrary: anyTenant.chain(({ marker }) =>
      fc.constantFrom(`source\\*${marker}`, `os\\,${marker}`, `us*`),
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
)
const parameter = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom(...DIMENSIONS, ...DIMENSIONS.map((name) => `${name}!`)), text),
  },
  { weight: 6, arbitrary: fc.tuple(fc.constant('group_by'), fc.constantFrom(...DIMENSIONS)) },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.constantFrom('job', 'job!', 'jobIds'),
      fc.array(anyJob, { minLength: 1, maxLength: 3 }).map(String),
    ),
  },
  { weight: 3, arbitrary: fc.tuple(fc.constant('country'), fc.constantFrom('FR', 'DE', 'F*', 'XX')) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('period'), fc.constantFrom(...REQUEST_PERIODS, '1d')) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('from', 'to'), fc.nat(60).map(dayBefore)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('metrics'), fc.subarray([...METRICS]).map(String)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('interval'), fc.constantFrom('day', 'week', 'month')) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom('q', 'cursor', 'sort', 'status', 'compare', 'include'),
      fc.oneof(text, fc.constantFrom('title', 'active', 'previous', 'visitors')),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('page', 'per_page', 'limit', 'offset'), fc.nat(30).map(String)),
  },
  { weight: 1, arbitrary: fc.tuple(fc.string({ maxLength: 6 }), text) },
)
const request = fc.record({
  tenant: fc.nat(tenants.length - 1),
  key: fc.constantFrom(
    'own',
    'own',
    'own',
    'own',
    'own',
    'own',
    'own',
    'own',
    'own',
    'revoked',
    'none',
    'forged',
  ),
  path: fc.constantFrom('/analytics/site', '/analytics/site', '/analytics/site', '/jobs', '/analytics/jobs'),
  isOwnMostly: fc.boolean(),
  parameters: fc.array(parameter, { maxLength: 4 }),
  api: fc.nat(1),
})
type Case = typeof request extends fc.Arbitrary<infer Value> ? Value : never

const seen = new Map<string, number>()
/** How many requests were sent with the own key of each tenant, by its marker. */
const sent = new Map<string, number>()

async function ask(one: Case): Promise<{ response: ApiResponse; search: string }> {
  const { key, path, isOwnMostly, parameters, api } = one
  const tenant = tenants[one.tenant] ?? someone
  const search = new URLSearchParams(
    isOwnMostly && path === '/analytics/jobs' ? [['jobIds', ownJobs(tenant)]] : [],
  )
  // A parameter given twice is a 400 for most; the filters are to be reached.
  for (const [name, value] of parameters) {
    if (search.has(name) || (isOwnMostly && PARAMETERS[path]?.includes(name) === false)) continue
    search.append(name, value)
  }
  const forged = `${tenant.apiKey.slice(0, -1)}${tenant.apiKey.endsWith('A') ? 'B' : 'A'}`
  const keys: Record<string, string> = { own: tenant.apiKey, revoked: tenant.revokedKey, forged }
  const init = key === 'none' ? {} : withKey(keys[key] ?? '')
  const response = await (apis[api] ?? uncached).call(`${path}?${search}`, init)
  if (key === 'own') countSent(tenant)
  const kind = `${path} ${response.status}`
  seen.set(kind, (seen.get(kind) ?? 0) + 1)
  return { response, search: search.toString() }
}

function countSent({ marker }: Tenant): void {
  sent.set(marker, (sent.get(marker) ?? 0) + 1)
}

/** The requests that `GET /usage` counts for a tenant, after each API has had a message to count them with. */
async function countedFor(tenant: Tenant): Promise<number> {
  for (const api of apis) {
    countSent(tenant)
    expect((await api.call('/jobs', withKey(tenant.apiKey))).status).toBe(200)
  }
  const response = await uncached.call('/usage?days=2', withKey(tenant.apiKey))
  const { data } = response.json as UsageResponse
  const keys = data.days.flatMap((day) => day.keys)
  expect(new Set(keys.map(({ key_id }) => key_id)).size).toBe(1)
  return total(keys.flatMap(({ key_id: _, ...counts }) => Object.values(counts)))
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

function ownJobs({ jobs }: Tenant): string {
  return jobs.map(({ id }) => id).join(',')
}

function check(one: Case, response: ApiResponse, search: string): void {
  const { key, path } = one
  const tenant = tenants[one.tenant] ?? someone
  expect(response.status, `${path}?${search} ${JSON.stringify(response.log)}`).toBeLessThan(500)
  if (key !== 'own') expect([400, 401]).toContain(response.status)
  // What the caller wrote may come back: a denied job's ID, a filter, a link. Nothing else of another may.
  const written = decodeURIComponent(search.replaceAll('+', ' '))
  const told = response.text + JSON.stringify([...response.headers])
  for (const other of tenants) {
    if (other === tenant && key === 'own') continue
    const texts = [
      other.domain,
      other.marker,
      ...other.jobs.flatMap(({ id, title, path: page }) => [id, title, page]),
    ]
    for (const secret of texts) if (!written.includes(secret)) expect(told).not.toContain(secret)
  }
  if (response.status !== 200) return
  if (path === '/analytics/site') checkSite(tenant, response.json as SiteAnalyticsResponse)
  if (path === '/analytics/jobs') checkJobs(tenant, response.json as JobVisitorsResponse)
  if (path === '/jobs') {
    const { data } = response.json as { data: { id: string; title: string }[] }
    for (const { id, title } of data) expect(tenant.jobs.find((job) => job.id === id)?.title).toBe(title)
  }
}

function dayBefore(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
}

/** The days that a response reports, or its period if it reports none. */
function windowOf({ period, from, to }: Partial<JobVisitorsResponse['meta']>) {
  return from !== undefined && to !== undefined ? { from, to } : (period ?? '')
}

function checkJobs(tenant: Tenant, { data, meta }: JobVisitorsResponse): void {
  for (const [id, visitors] of Object.entries(data.visitors)) {
    const job = tenant.jobs.find((own) => own.id === id.toLowerCase())
    expect(visitors).toBe(
      visitsIn(tenant, windowOf(meta)).filter(({ attributes }) => attributes.page === job?.path).length,
    )
  }
}

function checkSite(tenant: Tenant, { data, meta }: SiteAnalyticsResponse): void {
  const kept = visitsIn(tenant, windowOf(meta)).filter((visit) =>
    meta.filters.every((filter) => passes(tenant, visit, filter)),
  )
  const count = kept.length
  const some = Math.min(count, 1)
  const known = {
    visitors: count,
    visits: count,
    pageviews: count,
    visit_duration: 0,
    views_per_visit: some,
    bounce_rate: 100 * some,
    // Nobody applied.
    applications: 0,
    application_rate: 0,
  }
  expect(data.totals).toEqual(Object.fromEntries(meta.metrics.map((name) => [name, known[name]])))
  const dimension = meta.group_by
  if (dimension === undefined) return
  const sizes = Map.groupBy(kept, (visit) => valueIn(tenant, visit, dimension))
  for (const group of data.groups ?? []) {
    const size = sizes.get(group.value)?.length
    expect(group.visitors ?? group.visits ?? group.pageviews ?? size).toBe(size)
  }
  const { offset = 0, limit = 100 } = meta.groups ?? {}
  // Groups are sorted by the first metric, and those without any are left out; but all jobs have a row for each visited one.
  const isAllJobs =
    dimension === 'job' &&
    !meta.filters.some((filter) => filter.dimension === 'job' && filter.operator === 'is')
  const groupCount = /^applica/.test(meta.metrics[0] ?? '') && !isAllJobs ? 0 : sizes.size
  expect(data.groups).toHaveLength(Math.max(0, Math.min(limit, groupCount - offset)))
}

function valueIn({ jobs }: Tenant, { attributes }: TenantVisit, dimension: Dimension): string {
  if (dimension !== 'job') return attributes[dimension]
  return jobs.find(({ path }) => path === attributes.page)?.id ?? ''
}

/** Whether a visit passes a filter as the response tells it, its escapes and wildcards read anew. */
function passes(
  tenant: Tenant,
  visit: TenantVisit,
  { dimension, operator, values }: SiteAnalyticsResponse['meta']['filters'][number],
): boolean {
  const value = valueIn(tenant, visit, dimension)
  const isMatch = values.some((written) => {
    const tokens = written.match(/\\[\\,*]|[\s\S]/g) ?? []
    const expression = tokens.map((token) =>
      token === '*' ? '[\\s\\S]*' : quoteExpression(token.length > 1 ? token.slice(1) : token),
    )
    return new RegExp(`^${expression.join('')}$`, dimension === 'job' ? 'i' : '').test(value)
  })
  return isMatch === (operator === 'is')
}

function quoteExpression(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
}

describe('tenancy', () => {
  it(`over ${CASES} random requests shows nothing of another organization, counts right and never fails`, {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (cases) => {
        const responses = await Promise.all(cases.map(ask))
        for (const [i, one] of cases.entries()) {
          const asked = responses[i]
          if (asked) check(one, asked.response, asked.search)
        }
      }),
      { numRuns: CASES / AT_ONCE, endOnFailure: true },
    )
    console.log(Object.fromEntries([...seen].toSorted()))
    for (const kind of ['/analytics/site 200', '/analytics/jobs 200', '/jobs 200', '/analytics/site 403']) {
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(CASES / 100)
    }
    // A message that a busy machine loses is not counted; nobody else's request ever is.
    for (const tenant of tenants) {
      const counted = await countedFor(tenant)
      const own = sent.get(tenant.marker) ?? 0
      expect(counted).toBeLessThanOrEqual(own)
      expect(counted).toBeGreaterThan(own * 0.95)
    }
  })
})
