import { describe, expect, it } from 'vitest'
import { CLOSED_CIRCUIT, nextHour, type Outcome } from '../../src/analytics/circuit-breaker.ts'
import { toStoredEntries } from '../../src/cache/stored-entries.ts'
import type { Directory, JobRanking, JobSelection, ListedJob } from '../../src/directory/directory.ts'
import { neonDirectory } from '../../src/directory/neon-directory.ts'
import { createRequestId } from '../../src/http/request-id.ts'
import { hashApiKey } from '../../src/keys/api-key.ts'
import { type SharedState, UNLOCK_DELAY_MS } from '../../src/shared-state/shared-state.ts'
import { upstashSharedState } from '../../src/shared-state/upstash-shared-state.ts'
import { createRedis } from '../../src/stores/redis-batch.ts'
import type { UsageOutcome } from '../../src/usage/usage.ts'
import { bindings } from '../support/api.ts'
import { asOwner, createOrganization, issueKey } from '../support/database.ts'
import { memoryDirectory, memorySharedState } from '../support/fakes.ts'

const limits = { requests: 3, windowSeconds: 60, concurrent: 2 }
const cache = { freshSeconds: 300, staleSeconds: 3_600, staleIfErrorSeconds: 86_400 }
const NOW = Date.now()
const { signal } = new AbortController()

const sharedStates: [string, () => SharedState][] = [
  ['in memory', () => memorySharedState({ limits, cache })],
  [
    'in Upstash',
    () => {
      const url = bindings['UPSTASH_REDIS_REST_URL'] ?? ''
      const redis = createRedis({
        url,
        token: bindings['UPSTASH_REDIS_REST_TOKEN'] ?? '',
        timeoutMs: 5_000,
      })
      const namespace = `test-${crypto.randomUUID()}`
      return upstashSharedState(redis, { limits, cache, namespace, clock: 'given' })
    },
  ],
]

describe.each(sharedStates)('the shared memory %s', (_, create) => {
  const arrive = (
    shared: SharedState,
    limitId: string,
    now = NOW,
    requestId = createRequestId(),
    cacheKeys: string[] = [],
  ) => shared.arrive({ limitId, requestId, now, cacheKeys })
  const newKey = () => crypto.randomUUID().replaceAll('-', '').repeat(2)

  it('admits up to both limits and tells which is reached', async () => {
    const shared = create()
    const limitId = newKey()
    const ids = [createRequestId(), createRequestId(), createRequestId()]
    const admissions = []
    for (const id of ids) admissions.push((await arrive(shared, limitId, NOW, id)).admission)
    expect(admissions).toEqual([
      { verdict: 'admitted', requestsLeft: 2, slotsLeft: 1, resetMs: 60_000 },
      { verdict: 'admitted', requestsLeft: 1, slotsLeft: 0, resetMs: 60_000 },
      expect.objectContaining({ verdict: 'concurrency', requestsLeft: 1, slotsLeft: 0, resetMs: 60_000 }),
    ])
    await shared.apply({ release: { limitId, requestId: ids[0] ?? '' } }, NOW)
    expect((await arrive(shared, limitId, NOW + 10)).admission).toMatchObject({
      verdict: 'admitted',
      requestsLeft: 0,
    })
    expect((await arrive(shared, limitId, NOW + 20)).admission).toMatchObject({
      verdict: 'rate',
      resetMs: 59_980,
    })
    expect((await arrive(shared, limitId, NOW + 60_000)).admission).toMatchObject({ verdict: 'admitted' })
  })

  it('counts a request id once and keeps keys apart', async () => {
    const shared = create()
    const [one, other] = [newKey(), newKey()]
    const id = createRequestId()
    for (let i = 0; i < 5; i++) {
      expect((await arrive(shared, one, NOW, id)).admission).toMatchObject({
        verdict: 'admitted',
        requestsLeft: 2,
      })
    }
    expect((await arrive(shared, other)).admission).toMatchObject({ requestsLeft: 2 })
  })

  it('gives a slot back whose request never ended', async () => {
    const shared = create()
    const limitId = newKey()
    await arrive(shared, limitId)
    await arrive(shared, limitId)
    expect((await arrive(shared, limitId, NOW + 14_999)).admission?.verdict).toBe('concurrency')
    expect((await arrive(shared, limitId, NOW + 15_000)).admission).toMatchObject({
      verdict: 'admitted',
      slotsLeft: 1,
    })
  })

  it('keeps what is written, in the order it is asked for', async () => {
    const shared = create()
    const window = { from: '2026-01-01', to: '2026-01-07' }
    const entry = { value: { totals: [7] }, readAt: NOW, site: 'jobs.example', window }
    await shared.apply(
      { writes: { organizationId: '1', entries: toStoredEntries([{ key: 'a', entry }]) } },
      NOW,
    )
    const { cached } = await arrive(shared, newKey(), NOW, createRequestId(), ['b', 'a'])
    expect(cached).toEqual([undefined, entry])
    expect(await shared.readCache(['a', 'b'])).toEqual([entry, undefined])
  })

  const readCircuit = async (shared: SharedState, at = NOW) => (await arrive(shared, newKey(), at)).circuit
  const record = (shared: SharedState, site: string, outcome: Outcome, at = NOW) =>
    shared.apply({ outcome: { site, outcome } }, at)
  const fail = async (shared: SharedState, site: string, times: number, at = NOW) => {
    for (let i = 0; i < times; i++) await record(shared, site, 'failed', at)
  }

  it('circuit: pauses a site after five failures in a row, and no other site', async () => {
    const shared = create()
    await fail(shared, 'a', 4)
    await record(shared, 'a', 'succeeded')
    await fail(shared, 'a', 4)
    expect((await readCircuit(shared)).pausedSites).toEqual(new Map())
    await fail(shared, 'a', 1)
    expect(await readCircuit(shared)).toEqual({
      pause: undefined,
      pausedSites: new Map([['a', NOW + 10_000]]),
    })
    await fail(shared, 'a', 1, NOW + 11_000)
    expect((await readCircuit(shared)).pausedSites).toEqual(new Map([['a', NOW + 21_000]]))
    await record(shared, 'a', 'recovered')
    expect(await readCircuit(shared)).toEqual(CLOSED_CIRCUIT)
  })

  it('circuit: pauses all sites when three are paused, and names the last one', async () => {
    const shared = create()
    for (const site of ['a', 'b']) await fail(shared, site, 5)
    expect((await readCircuit(shared)).pause).toBeUndefined()
    await fail(shared, 'c', 5, NOW + 1)
    expect((await readCircuit(shared)).pause).toEqual({ reason: 'failures', until: NOW + 10_001, site: 'c' })
    await fail(shared, 'd', 1, NOW + 12_000)
    expect((await readCircuit(shared)).pause).toEqual({ reason: 'failures', until: NOW + 22_000, site: 'd' })
    await record(shared, 'b', 'recovered')
    expect((await readCircuit(shared)).pause).toBeUndefined()
  })

  it('circuit: keeps a pause for the quota when queries fail, and the later of two ends', async () => {
    const shared = create()
    const quota = { until: NOW + 500_000, reason: 'quota', probeAt: NOW + 60_000, refusals: 1 } as const
    await record(shared, 'a', quota)
    for (const site of ['a', 'b', 'c']) await fail(shared, site, 5)
    expect((await readCircuit(shared)).pause).toEqual(quota)
    await record(shared, 'a', { ...quota, until: NOW + 1_000 })
    expect((await readCircuit(shared)).pause).toEqual(quota)
    await record(shared, 'a', { ...quota, until: NOW + 600_000, refusals: 2 })
    expect((await readCircuit(shared)).pause).toMatchObject({ until: NOW + 600_000, refusals: 2 })
  })

  it('spending: counts the queries of a clock hour in all and by organization', async () => {
    const shared = create()
    const spendingAt = async (at: number) => (await arrive(shared, newKey(), at)).spending
    for (const [organizationId, count] of [
      ['1', 3],
      ['2', 1],
      ['1', 2],
    ] as const) {
      await shared.apply({ queries: { organizationId, count } }, NOW)
    }
    expect(await spendingAt(NOW)).toEqual({
      total: 6,
      byOrganization: new Map([
        ['1', 5],
        ['2', 1],
      ]),
    })
    expect(await spendingAt(nextHour(NOW))).toEqual({ total: 0, byOrganization: new Map() })
  })

  it('usage: adds up the requests of a day by key and outcome, and keeps organizations apart', async () => {
    const shared = create()
    const organizationId = crypto.randomUUID()
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()].sort()
    if (!first || !second) throw new Error('There are two keys')
    const use = (keyId: string | undefined, day: string, outcome: UsageOutcome, count: number) =>
      ({ organizationId, keyId, day, outcome, count }) as const
    const counts = [
      use(first, '2026-01-29', 'served', 2),
      use(second, '2026-01-30', 'cached', 1),
      use(first, '2026-01-30', 'rate_limited', 40),
      use(undefined, '2026-01-30', 'failed', 3),
      { ...use(first, '2026-01-30', 'served', 9), organizationId: crypto.randomUUID() },
    ]
    expect(await shared.apply({ usage: counts }, NOW)).toEqual({ locked: false })
    await shared.apply({ usage: [use(first, '2026-01-30', 'rate_limited', 2)] }, NOW)
    await shared.apply({ usage: [] }, NOW)

    const days = ['2026-01-28', '2026-01-29', '2026-01-30']
    const none = { served: 0, cached: 0, rate_limited: 0, concurrency_limited: 0, failed: 0 }
    const firsts = [[], [{ keyId: first, ...none, served: 2 }], [{ keyId: first, ...none, rate_limited: 42 }]]
    const all = [
      [],
      firsts[1],
      [
        { keyId: undefined, ...none, failed: 3 },
        { keyId: first, ...none, rate_limited: 42 },
        { keyId: second, ...none, cached: 1 },
      ],
    ]
    const asDays = (keys: readonly unknown[]) => days.map((date, i) => ({ date, keys: keys[i] }))
    const read = (keyId: string | undefined, of = organizationId) =>
      shared.readUsage({ organizationId: of, keyId, days })
    expect(await read(first)).toEqual({ usage: asDays(firsts) })
    expect(await read(undefined)).toEqual({ usage: asDays(all) })
    expect(await read(first, crypto.randomUUID())).toEqual({ usage: asDays([[], [], []]) })
    expect(await read(undefined, crypto.randomUUID())).toEqual({ usage: asDays([[], [], []]) })
  })

  it('admission: estimates the wait for a slot by the age of the requests', async () => {
    const shared = create()
    const limitId = newKey()
    await arrive(shared, limitId)
    await arrive(shared, limitId, NOW + 500)
    const waitAt = async (ms: number) => (await arrive(shared, limitId, NOW + ms)).admission?.slotWaitMs
    expect([await waitAt(2_500), await waitAt(8_500), await waitAt(12_000)]).toEqual([2_000, 1_500, 3_000])
  })

  it('gives a lock to one holder at a time, and to the next one at once or a second later', async () => {
    const shared = create()
    const takeLock = async () => (await shared.apply({ lock: 'task' }, NOW)).locked
    expect([await takeLock(), await takeLock()]).toEqual([true, false])
    await shared.apply({ unlock: 'task' }, NOW)
    expect(await takeLock()).toBe(true)
    await shared.apply({ unlockSoon: 'task' }, NOW)
    expect(await takeLock()).toBe(false)
    await new Promise((resolve) => setTimeout(resolve, UNLOCK_DELAY_MS + 100))
    expect(await takeLock()).toBe(true)
    expect((await shared.apply({ release: { limitId: newKey(), requestId: 'x' } }, NOW)).locked).toBe(false)
  })
})

interface Prepared {
  directory: Directory
  keyHash: string
  domain: string
  id: string
  jobs: ListedJob[]
}

const titles = ['Data Engineer', 'Engineer', 'Nurse', 'Data Analyst', 'Engineer']
const foreignId = crypto.randomUUID()

/** Five jobs with known titles, in the database. */
async function prepareNeon(): Promise<Prepared> {
  const { id, domain, jobIds } = await createOrganization(titles.length)
  await asOwner(
    `update jobs set title = t.title, slug = 's', status = t.status::job_status, created_at = t.at::timestamptz
     from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as t (id, title, status, at) where jobs.id = t.id`,
    [jobIds, titles, statuses, times],
  )
  await asOwner(
    `update organizations set time_zone = 'Asia/Kolkata', site_name = domain || '/jobs' where id = $1`,
    [id],
  )
  await asOwner(`update jobs set paths = '{/de/jobs/2,/jobs/2/}' where id = $1`, [jobIds[1]])
  const directory = neonDirectory({
    connectionString: bindings['DATABASE_URL'] ?? '',
    endpoint: bindings['NEON_ENDPOINT'],
    timeoutMs: 5_000,
  })
  return { directory, keyHash: await hashApiKey(await issueKey(id)), domain, id, jobs: jobIds.map(toJob) }
}

const statuses = ['active', 'active', 'draft', 'active', 'expired'] as const
// Two at the same moment, told apart by their IDs.
const times = [1, 2, 3, 3, 4].map((day) => `2026-01-0${day}T10:00:00.000000Z`)

function toJob(id: string, index: number): ListedJob {
  return {
    id,
    paths: index === 1 ? ['/jobs/2', '/de/jobs/2', '/jobs/2/'] : [`/jobs/${index + 1}`],
    title: titles[index] ?? '',
    slug: 's',
    status: statuses[index] ?? 'draft',
    createdAt: times[index] ?? '',
    expiresAt: null,
  }
}

async function prepareMemory(): Promise<Prepared> {
  const jobs = titles.map((_, index) => toJob(crypto.randomUUID(), index))
  const domain = 'jobs.example'
  const siteName = `${domain}/jobs`
  const timeZone = 'Asia/Kolkata'
  const organization = { id: '1', keyId: 'k', domain, siteName, timeZone, keyHash: 'hash', jobs }
  return {
    directory: memoryDirectory([organization]),
    keyHash: 'hash',
    domain,
    id: '1',
    jobs,
  }
}

describe.each([
  ['in memory', prepareMemory],
  ['in Neon', prepareNeon],
])('the directory %s', (_, prepare) => {
  const selection: JobSelection = {
    status: undefined,
    words: undefined,
    sort: '-created_at',
    after: undefined,
    limit: 10,
    offset: 0,
    mostCounted: 1_000,
  }

  it('knows an organization by its key, and no other key', async () => {
    const { directory, keyHash, domain, id } = await prepare()
    expect(await directory.findJobPaths({ keyHash }, [], signal)).toMatchObject({
      organization: { id, domain, siteName: `${domain}/jobs`, timeZone: 'Asia/Kolkata' },
    })
    expect(await directory.findJobPaths({ keyHash: '00'.repeat(32) }, [], signal)).toBeUndefined()
  })

  it('returns which jobs are the organization’s, and a version of all of them', async () => {
    const { directory, keyHash, jobs } = await prepare()
    const [first, second] = jobs
    const unknownId = crypto.randomUUID()
    const named = await directory.findJobPaths(
      { keyHash },
      [second?.id ?? '', foreignId, unknownId, first?.id ?? ''],
      signal,
    )
    expect(named).toMatchObject({ paths: [second?.paths, null, null, first?.paths] })
    const site = await directory.findSiteJobs({ keyHash }, [second?.id ?? ''], true, signal)
    const titled = ({ id, title, paths }: ListedJob) => ({ id, title, paths })
    expect(site).toMatchObject({
      named: [second].flatMap((job) => job ?? []).map(titled),
      jobsVersion: expect.stringMatching(/./),
    })
    expect(await directory.findSiteJobs({ keyHash }, [], false, signal)).toMatchObject({ jobsVersion: '' })
  })

  it('ranks jobs by the sum of their pages, or by the rate of the main one', async () => {
    const { directory, keyHash, jobs } = await prepare()
    const [one, two, three] = jobs.map(({ id, title, paths }) => ({ id, title, paths }))
    const ranking: JobRanking = {
      jobKey: 'path',
      keys: ['/jobs/1', '/jobs/2', '/de/jobs/2', '/jobs/3', '/jobs/99'],
      weights: [5, 2, 4, 1, 100],
      isRate: false,
    }
    const rank = (changes: Partial<JobRanking>, slice = { limit: 10, offset: 0 }) =>
      directory.rankJobs({ keyHash }, { ...ranking, ...changes }, slice, signal)
    expect(await rank({})).toMatchObject({ jobs: [two, one, three], total: 3 })
    expect(await rank({}, { limit: 1, offset: 1 })).toMatchObject({ jobs: [one], total: 3 })
    expect(await rank({ isRate: true })).toMatchObject({ jobs: [one, two, three] })
    const keys = [three?.id ?? '', foreignId]
    expect(await rank({ jobKey: 'id', keys, weights: [1, 2] })).toMatchObject({ jobs: [three], total: 1 })
    expect(
      await directory.rankJobs({ keyHash: '00'.repeat(32) }, ranking, { limit: 1, offset: 0 }, signal),
    ).toBeUndefined()
  })

  it.each(['-created_at', 'created_at', 'title'] as const)(
    'walks all jobs by %s, each once',
    async (sort) => {
      const { directory, keyHash, jobs } = await prepare()
      const seen: ListedJob[] = []
      let after: JobSelection['after']
      for (let page = 0; page < 10; page++) {
        const found = await directory.listJobs({ keyHash }, { ...selection, sort, limit: 2, after }, signal)
        if (found === undefined) throw new Error('The key is not known')
        const { list } = found
        seen.push(...list.jobs)
        const last = list.jobs.at(-1)
        if (!list.hasMore || last === undefined) break
        after = { value: sort === 'title' ? last.title : last.createdAt, id: last.id }
      }
      expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(jobs.map(({ id }) => id)))
      expect(seen).toHaveLength(jobs.length)
      const values = seen.map((job) => (sort === 'title' ? job.title : job.createdAt))
      expect(values).toEqual(sort === '-created_at' ? values.toSorted().toReversed() : values.toSorted())
    },
  )

  it('finds jobs by status and by all words of a title, and counts them', async () => {
    const { directory, keyHash, jobs } = await prepare()
    const active = await directory.listJobs({ keyHash }, { ...selection, status: 'active' }, signal)
    expect(active).toMatchObject({ list: { total: 3, hasMore: false } })
    const found = await directory.listJobs({ keyHash }, { ...selection, words: 'engineer DATA' }, signal)
    expect(found).toMatchObject({ list: { total: 1, jobs: [jobs[0]] } })
    const capped = await directory.listJobs(
      { keyHash },
      { ...selection, words: 'engineer', mostCounted: 2 },
      signal,
    )
    expect(capped).toMatchObject({ list: { total: 2, isCapped: true } })
  })
})
