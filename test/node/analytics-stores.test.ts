// The port to the analytics store: one suite over both of Plausible's statistics APIs, and the results of one held against the other's.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DemoJob, demoOrganizations } from '../../local/demo/demo-organizations.ts'
import { demoVisits } from '../../local/demo/demo-visits.ts'
import { type RunningPlausible, startPlausible } from '../../local/plausible/start-plausible.ts'
import type { Visit } from '../../local/plausible/visit-line.ts'
import {
  type AnalyticsStore,
  DIMENSIONS,
  type Dimension,
  INTERVALS,
  STATS_METRICS,
  type StatsJob,
  type StatsQuery,
} from '../../src/analytics/analytics-store.ts'
import { plausibleStore } from '../../src/analytics/plausible-store.ts'
import { plausibleV1Store } from '../../src/analytics/plausible-v1-store.ts'
import type { Pingable } from '../../src/stores/store-error.ts'

const API_KEY = 'a-key'
const NOW = new Date('2026-03-17T09:30:00Z')
const SITE = 'port.example'
const [site] = demoOrganizations(NOW)
if (!site) throw new Error('The demo has organizations')
const WINDOW = { from: '2026-02-25', to: '2026-03-10' }
const { signal } = new AbortController()

type Store = AnalyticsStore & Pingable
interface Server {
  plausible: RunningPlausible
  open(jobDimension?: string, apiKey?: string): Store
  /** How many queries it received since the last call. */
  received(): Promise<number>
  local(path: string, body: unknown): Promise<void>
}

async function startServer(api: 'v1' | 'v2'): Promise<Server> {
  const plausible = await startPlausible({ apiKey: API_KEY, statsApis: [api], now: () => NOW.getTime() })
  const open = api === 'v1' ? plausibleV1Store : plausibleStore
  const local = async (path: string, body: unknown) => {
    const method = path === 'sites' ? 'PUT' : 'POST'
    const response = await fetch(`${plausible.url}/local/${path}`, { method, body: JSON.stringify(body) })
    expect(response.status).toBe(200)
  }
  return {
    plausible,
    open: (jobDimension = 'event:page', apiKey = API_KEY) =>
      open({ url: plausible.url, apiKey, jobDimension, timeoutMs: 10_000 }),
    async received() {
      const response = await fetch(`${plausible.url}/local/queries`)
      const { queries } = Object(await response.json())
      await fetch(`${plausible.url}/local/queries`, { method: 'DELETE' })
      return queries.length
    },
    local,
  }
}

/** Pages with characters that mean something to a filter, a query string or a list. */
const AWKWARD = [
  ...['/a', '/b', '/a|b', '/a;b', '/a*', '/a**b', '/a\\', '/a\\|b', '/a==b', '/a!=b', '/a b', '/trailing '],
  ...['/ü/日本', '/100%', '/a+b', '/a&b=c', '/a,b', '/a#b', '/?x', '/"q"', "/it's", '/A', '/a/', '/(none)'],
]
const IDS = Array.from({ length: 4 }, (_, n) => `0000000${n}-aaaa-4bbb-8ccc-dddddddddddd`)

/** Page n has n + 1 visitors on March 1 and one on March 9; each third visitor applies, each second sends the job's ID. */
const visits: Visit[] = AWKWARD.flatMap((pathname, n) =>
  Array.from({ length: n + 2 }, (_, i): Visit[] => {
    const day = i === n + 1 ? '2026-03-09' : '2026-03-01'
    const id = IDS[n % IDS.length] ?? ''
    const event: Visit = {
      timestamp: Date.parse(`${day}T12:00:00Z`) / 1_000,
      domain: SITE,
      name: 'pageview',
      pathname,
      visitor: `${n}-${i}`,
      ...(i % 2 === 0 && { props: { job_id: n % 3 === 0 ? id.toUpperCase() : id } }),
    }
    return i % 3 === 0 ? [event, { ...event, name: 'Apply' }] : [event]
  }).flat(),
)

const servers = new Map<'v1' | 'v2', Server>()
const serverOf = (api: 'v1' | 'v2'): Server => {
  const server = servers.get(api)
  if (!server) throw new Error('The server has not started')
  return server
}

beforeAll(async () => {
  const ofDemo = [...demoVisits(NOW, 60)].filter(({ domain }) => domain === site.domain)
  for (const api of ['v1', 'v2'] as const) {
    const server = await startServer(api)
    servers.set(api, server)
    for (const [domain, timezone] of [
      [SITE, 'UTC'],
      [site.domain, site.timezone],
    ] as const) {
      server.plausible.putSite({ domain, timezone, locked: false })
    }
    server.plausible.write([...visits, ...ofDemo])
  }
})
afterAll(async () => {
  for (const { plausible } of servers.values()) await plausible.close()
})

const toStatsJob = ({ id, path, twinPaths }: DemoJob): StatsJob => ({ id, paths: [path, ...twinPaths] })
const jobsOf = (pages: readonly (readonly string[])[]): StatsJob[] =>
  pages.map((paths, n) => ({ id: `job-${n}`, paths }))
const byJob = (jobs: readonly StatsJob[], more: Partial<StatsQuery> = {}): StatsQuery => ({
  metrics: ['visitors'],
  window: WINDOW,
  groupBy: 'job',
  jobFilters: [{ isNegated: false, jobs }],
  ...more,
})

describe.each(['v2', 'v1'] as const)('analytics store over %s', (api) => {
  const ask = (query: StatsQuery, jobDimension?: string, site = SITE) =>
    serverOf(api).open(jobDimension).query(site, query, signal)

  it('counts each page by its exact name, whatever characters it has', async () => {
    const { rows } = await ask(byJob(jobsOf(AWKWARD.map((page) => [page]))))
    const expected = AWKWARD.map((_, n) => ({ group: `job-${n}`, metrics: [n + 2] }))
    expect(rows).toHaveLength(expected.length)
    expect(rows).toEqual(expect.arrayContaining(expected))
  })

  it('adds up the pages of a job, and leaves out jobs that nobody visited', async () => {
    const { rows } = await ask(byJob(jobsOf([['/a', '/b'], ['/nowhere'], ['/a']])))
    expect(rows).toEqual([
      { group: 'job-0', metrics: [5] },
      { group: 'job-2', metrics: [2] },
    ])
  })

  it('counts IDs of a property in lower and in upper case', async () => {
    const jobs = IDS.map((id) => ({ id, paths: ['/unused'] }))
    const { rows } = await ask(byJob(jobs, { metrics: ['visitors', 'pageviews'] }), 'event:props:job_id')
    const sumOf = (id: string) =>
      visits.filter(
        ({ name, props }) => name === 'pageview' && String(props?.['job_id']).toLowerCase() === id,
      ).length
    const expected = IDS.map((id) => ({ group: id, metrics: [sumOf(id), sumOf(id)] }))
    expect(rows).toHaveLength(expected.length)
    expect(rows).toEqual(expect.arrayContaining(expected))
  })

  it('counts only visitors who sent an event', async () => {
    const { rows } = await ask(byJob(jobsOf([['/a'], ['/b'], ['/a|b']]), { event: 'Apply' }))
    expect(rows).toEqual([
      { group: 'job-2', metrics: [2] },
      ...['job-0', 'job-1'].map((group) => ({ group, metrics: [1] })),
    ])
  })

  it.each([
    ['day', 14, '2026-03-01', '2026-03-09'],
    ['week', 3, '2026-02-25', '2026-03-09'],
    ['month', 2, '2026-03-01', '2026-03-01'],
  ] as const)('counts jobs by %s', async (interval, buckets, first, second) => {
    const { rows, labels } = await ask(byJob(jobsOf([['/a', '/b'], ['/ü/日本']]), { interval }))
    expect(labels).toHaveLength(buckets)
    expect(labels).toEqual(expect.arrayContaining([first, second]))
    const sumOf = (group: string, time: string) =>
      rows
        .filter((row) => row.group === group && row.time === time)
        .reduce((sum, row) => sum + (row.metrics[0] ?? 0), 0)
    expect(sumOf('job-0', first)).toBe(first === second ? 5 : 3)
    expect(sumOf('job-0', second)).toBe(first === second ? 5 : 2)
    expect(sumOf('job-1', first)).toBe(first === second ? 14 : 13)
    expect(rows.every(({ metrics }) => Number(metrics[0]) > 0)).toBe(true)
  })

  it('keeps and drops jobs and pages of a group by job', async () => {
    const [a, b, c] = jobsOf([['/a'], ['/b'], ['/a/']])
    if (!a || !b || !c) throw new Error('There are three jobs')
    const kept = byJob([a, b, c], {
      jobFilters: [
        { isNegated: false, jobs: [a, b, c] },
        { isNegated: true, jobs: [b] },
      ],
      filters: [{ dimension: 'page', isNegated: false, patterns: [['/a', ''], ['/b']] }],
    })
    expect((await ask(kept)).rows.map(({ group }) => group)).toEqual(['job-2', 'job-0'])
  })

  it('returns everything that may stand for a job, in slices', async () => {
    const slice = (offset: number) =>
      ask({ metrics: ['visitors'], window: WINDOW, groupBy: 'job_key', slice: { limit: 4, offset } })
    const [first, second] = [await slice(0), await slice(4)]
    expect(first.totalGroups).toBe(AWKWARD.length)
    expect(first.rows.map(({ metrics }) => metrics[0])).toEqual([25, 24, 23, 22])
    expect(second.rows.map(({ metrics }) => metrics[0])).toEqual([21, 20, 19, 18])
  })

  it('counts a site as a whole, by group and over time', async () => {
    const total = visits.filter(({ name }) => name === 'pageview').length
    const whole = await ask({ metrics: ['pageviews', 'visitors'], window: WINDOW })
    expect(whole.rows).toEqual([{ metrics: [total, total] }])
    const none = await ask({ metrics: ['visitors'], window: { from: '2020-01-01', to: '2020-01-02' } })
    expect(none.rows).toEqual([{ metrics: [0] }])
    const groups = await ask({
      metrics: ['pageviews', 'visitors'],
      window: WINDOW,
      groupBy: 'source',
      slice: { limit: 10, offset: 0 },
    })
    expect(groups).toMatchObject({
      totalGroups: 1,
      rows: [{ group: 'Direct / None', metrics: [total, total] }],
    })
    const series = await ask({ metrics: ['visitors'], window: WINDOW, interval: 'month' })
    expect(series.labels).toEqual(['2026-02-01', '2026-03-01'])
    expect(series.rows.filter(({ metrics }) => metrics[0])).toEqual([
      { time: '2026-03-01', metrics: [total] },
    ])
  })

  it('sends as many requests as it says, also for many long pages', async () => {
    const store = serverOf(api).open()
    const jobs = jobsOf(
      Array.from({ length: 100 }, (_, n) => [`/jobs/${n}-${'long-name-'.repeat(20)}`, `/de/${n}`, '/a']),
    )
    const queries = [
      byJob(jobs),
      byJob(jobs.slice(0, 3), { interval: 'day' }),
      byJob(jobs, { interval: 'week' }),
    ]
    for (const query of queries) {
      await serverOf(api).received()
      await store.query(SITE, query, signal)
      expect(await serverOf(api).received()).toBe(store.costOf(SITE, query))
    }
    expect(store.costOf(SITE, byJob(jobs))).toBe(api === 'v2' ? 1 : 3)
    const { rows } = await store.query(SITE, byJob(jobs), signal)
    expect(rows).toEqual(
      jobs.map(({ id }) => ({ group: id, metrics: [2] })).toSorted((x, y) => (x.group < y.group ? -1 : 1)),
    )
  })

  it('has no result for a page that no request can name', async () => {
    const store = serverOf(api).open()
    const query = byJob(jobsOf([[`/${'x'.repeat(9_000)}`]]))
    expect(store.costOf(SITE, query)).toBe(api === 'v2' ? 1 : Number.POSITIVE_INFINITY)
    if (api === 'v1')
      await expect(store.query(SITE, query, signal)).rejects.toMatchObject({ fault: 'too_large' })
  })

  it('is well with a key that is accepted, at the cost of one query', async () => {
    const store = serverOf(api).open()
    await serverOf(api).received()
    for (let n = 0; n < 3; n++) await store.ping(signal)
    expect(await serverOf(api).received()).toBe(1)
  })

  it('is not well with a wrong key, with a spent quota, or without the API', async () => {
    const server = serverOf(api)
    await expect(server.open('event:page', 'wrong').ping(signal)).rejects.toMatchObject({
      fault: 'status_401',
    })
    await server.local('quota', { perHour: 0 })
    await expect(server.open().ping(signal)).rejects.toMatchObject({ fault: 'status_429' })
    await server.local('quota', { perHour: null })
    await server.local('stats-apis', { serve: [api === 'v1' ? 'v2' : 'v1'] })
    await expect(server.open().ping(signal)).rejects.toMatchObject({ fault: 'status_404' })
    await server.local('stats-apis', { serve: [api] })
    await server.open().ping(signal)
  })

  it('is not well while each site that is queried is locked, and is well again with the first that is not', async () => {
    const server = serverOf(api)
    const store = server.open()
    const whole: StatsQuery = { metrics: ['visitors'], window: WINDOW }
    await server.local('sites', { domain: SITE, timezone: 'UTC', locked: true })
    await store.ping(signal)
    await expect(store.query(SITE, whole, signal)).rejects.toMatchObject({ fault: 'status_402' })
    await expect(store.ping(signal)).rejects.toMatchObject({ fault: 'status_402' })
    await store.query(site.domain, whole, signal)
    await expect(store.query(SITE, whole, signal)).rejects.toMatchObject({ fault: 'status_402' })
    await store.ping(signal)
    await server.local('sites', { domain: SITE, timezone: 'UTC', locked: false })
  })
})

describe('v1 and v2', () => {
  const OFFERED: [Dimension, string[]][] = [
    ['page', ['/', '/jobs', ...site.jobs.slice(0, 3).map(({ path }) => path)]],
    ['entry_page', ['/', '/jobs']],
    ['source', ['Google', 'Direct / None', 'LinkedIn']],
    ['country', ['FR', 'DE']],
    ['device', ['Mobile', 'Desktop']],
    ['channel', ['Direct']],
    ['utm_medium', ['email', '(not set)']],
  ]
  const jobs: StatsJob[] = site.jobs.slice(0, 20).map(toStatsJob)
  const filter = fc.constantFrom(...OFFERED).chain(([dimension, values]) =>
    fc.record({
      dimension: fc.constant(dimension as Exclude<Dimension, 'job'>),
      isNegated: fc.boolean(),
      patterns: fc.oneof(
        fc
          .uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 })
          .map((all) => all.map((one) => [one])),
        fc.constantFrom(...values).map((value) => [[value.slice(0, 3), '']]),
      ),
    }),
  )
  const query = fc.record(
    {
      metrics: fc.uniqueArray(fc.constantFrom(...STATS_METRICS), { minLength: 1, maxLength: 3 }),
      window: fc.constantFrom(
        { from: '2026-03-02', to: '2026-03-08' },
        { from: '2026-02-20', to: '2026-03-16' },
        { from: '2026-03-17', to: '2026-03-17' },
      ),
      groupBy: fc.constantFrom(...DIMENSIONS, 'job_key' as const),
      interval: fc.constantFrom(...INTERVALS),
      filters: fc.uniqueArray(filter, { maxLength: 2, selector: (one) => one.dimension }),
      jobFilters: fc.array(
        fc.record({
          isNegated: fc.boolean(),
          jobs: fc.shuffledSubarray(jobs, { minLength: 1, maxLength: 4 }),
        }),
        { maxLength: 2 },
      ),
      event: fc.constant('Apply'),
    },
    { requiredKeys: ['metrics', 'window'] },
  )

  /** What callers of the port ask: one kind of row, applications as visitors, groups of jobs with a filter that keeps them. */
  function toAsked({
    event,
    groupBy,
    interval,
    jobFilters = [],
    ...rest
  }: Partial<StatsQuery> & Pick<StatsQuery, 'metrics' | 'window'>): StatsQuery {
    const keeping = jobFilters.toSorted((a, b) => Number(a.isNegated) - Number(b.isNegated))
    const isJob = groupBy === 'job' && keeping.some(({ isNegated }) => !isNegated)
    const group = groupBy === 'job' && !isJob ? 'job_key' : groupBy
    const isOfVisits = group !== undefined && group !== 'page' && group !== 'job' && group !== 'job_key'
    // v1 counts the views of whole visits there, also of those that begin before the window or end after it.
    const metrics = rest.metrics.filter((metric) => !isOfVisits || metric !== 'pageviews')
    const isSeries = interval !== undefined && (group === undefined || isJob)
    return {
      ...rest,
      metrics: metrics.length > 0 ? metrics : ['visitors'],
      ...(event !== undefined && { event, metrics: ['visitors'] }),
      ...(group && { groupBy: group }),
      ...(isSeries && { interval }),
      jobFilters: group === 'job_key' ? keeping.filter(({ isNegated }) => isNegated) : keeping,
    }
  }

  /** v1 has no group for visits without these, and names no moments. */
  const BLANK = ['', '0', '(not set)']
  function comparable({ rows }: Awaited<ReturnType<Store['query']>>, { groupBy, interval }: StatsQuery) {
    return rows
      .filter(
        ({ group, metrics }) =>
          !BLANK.includes(group ?? 'a') && ((!groupBy && !interval) || metrics.some((value) => value > 0)),
      )
      .map((row) => JSON.stringify([row.group, row.time, row.metrics]))
      .toSorted()
  }

  it.each(['event:page', 'event:props:job_id'])(
    'by %s: v1 gives the results of v2 to 400 random queries, and a sentence where it cannot',
    async (jobDimension) => {
      const [v1, v2] = [serverOf('v1').open(jobDimension), serverOf('v2').open(jobDimension)]
      const counts = { returned: 0, refused: 0 }
      await fc.assert(
        fc.asyncProperty(query, async (random) => {
          const asked = toAsked(random as StatsQuery)
          if (v2.whyUnsupported(asked)) return
          const reason = v1.whyUnsupported(asked)
          if (reason) {
            counts.refused++
            expect(reason.message).toMatch(/^[A-Z`].*\.$/)
            return
          }
          counts.returned++
          const responses = await Promise.all(
            [v1, v2].map((store) => store.query(site.domain, asked, signal)),
          )
          const [ofV1 = [], ofV2 = []] = responses.map((response) => comparable(response, asked))
          expect(ofV1).toEqual(ofV2)
          expect(responses[0]?.labels).toEqual(responses[1]?.labels)
        }),
        { numRuns: 400 },
      )
      expect(counts.returned).toBeGreaterThan(100)
      expect(counts.refused).toBeGreaterThan(50)
    },
  )

  it('give the same figures for all jobs of the demo, in total and by day', async () => {
    const all = site.jobs.map(toStatsJob)
    for (const interval of [undefined, 'day', 'week'] as const) {
      const asked: StatsQuery = {
        metrics: ['visitors', 'pageviews'],
        window: { from: '2026-03-01', to: '2026-03-16' },
        groupBy: 'job',
        jobFilters: [{ isNegated: false, jobs: all }],
        ...(interval && { interval }),
      }
      const [ofV1, ofV2] = await Promise.all(
        (['v1', 'v2'] as const).map((api) => serverOf(api).open().query(site.domain, asked, signal)),
      )
      expect(ofV1?.rows.length).toBeGreaterThan(50)
      expect(comparable(ofV1 ?? { rows: [], from: '', to: '' }, asked)).toEqual(
        comparable(ofV2 ?? { rows: [], from: '', to: '' }, asked),
      )
    }
  })
})
