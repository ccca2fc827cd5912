import { describe, expect, it } from 'vitest'
import { neonDirectory } from '../../src/adapters/neon-directory.ts'
import { UpstashRedis } from '../../src/adapters/upstash-redis.ts'
import { upstashSharedState } from '../../src/adapters/upstash-shared-state.ts'
import { hashApiKey } from '../../src/domain/api-key.ts'
import { createRequestId } from '../../src/domain/request-id.ts'
import type { Directory, JobSelection, ListedJob, SharedState } from '../../src/services.ts'
import { bindings } from '../support/api.ts'
import { asOwner, createOrganization, issueKey } from '../support/database.ts'
import { memoryDirectory, memorySharedState } from '../support/fakes.ts'

const limits = { requests: 3, windowSeconds: 60, concurrent: 2 }
const cache = { freshSeconds: 300, staleSeconds: 3_600, keepSeconds: 86_400 }
const NOW = Date.now()

const sharedStates: [string, () => SharedState][] = [
  ['in memory', () => memorySharedState({ limits, cache })],
  [
    'in Upstash',
    () => {
      const url = bindings['UPSTASH_REDIS_REST_URL'] ?? ''
      const redis = new UpstashRedis({
        url,
        token: bindings['UPSTASH_REDIS_REST_TOKEN'] ?? '',
        timeoutMs: 5_000,
      })
      return upstashSharedState(redis, { limits, cache, namespace: `test-${crypto.randomUUID()}` })
    },
  ],
]

describe.each(sharedStates)('the shared memory %s', (_, create) => {
  const arrive = (
    shared: SharedState,
    keyHash: string,
    now = NOW,
    requestId = createRequestId(),
    cacheKeys: string[] = [],
  ) => shared.arrive({ keyHash, requestId, now, cacheKeys })
  const newKey = () => crypto.randomUUID().replaceAll('-', '').repeat(2)

  it('admits up to both limits and tells which is reached', async () => {
    const shared = create()
    const keyHash = newKey()
    const ids = [createRequestId(), createRequestId(), createRequestId()]
    const admissions = []
    for (const id of ids) admissions.push((await arrive(shared, keyHash, NOW, id)).admission)
    expect(admissions).toEqual([
      { verdict: 'admitted', requestsLeft: 2, slotsLeft: 1, moreInMs: 60_000 },
      { verdict: 'admitted', requestsLeft: 1, slotsLeft: 0, moreInMs: 60_000 },
      { verdict: 'concurrency', requestsLeft: 1, slotsLeft: 0, moreInMs: 60_000 },
    ])
    await shared.settle({ release: { keyHash, requestId: ids[0] ?? '' } }, NOW)
    expect((await arrive(shared, keyHash, NOW + 10)).admission).toMatchObject({
      verdict: 'admitted',
      requestsLeft: 0,
    })
    expect((await arrive(shared, keyHash, NOW + 20)).admission).toMatchObject({
      verdict: 'rate',
      moreInMs: 59_980,
    })
    expect((await arrive(shared, keyHash, NOW + 60_000)).admission).toMatchObject({ verdict: 'admitted' })
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
    const keyHash = newKey()
    await arrive(shared, keyHash)
    await arrive(shared, keyHash)
    expect((await arrive(shared, keyHash, NOW + 14_999)).admission?.verdict).toBe('concurrency')
    expect((await arrive(shared, keyHash, NOW + 15_000)).admission).toMatchObject({
      verdict: 'admitted',
      slotsLeft: 1,
    })
  })

  it('keeps what is written, in the order it is asked for', async () => {
    const shared = create()
    const entry = { value: { totals: [7] }, readAt: NOW, site: 'jobs.example' }
    await shared.settle({ writes: [{ key: 'a', entry }] }, NOW)
    const { cached } = await arrive(shared, newKey(), NOW, createRequestId(), ['b', 'a'])
    expect(cached).toEqual([undefined, entry])
    expect(await shared.read(['a', 'b'])).toEqual([entry, undefined])
  })

  it('pauses after five failures in a row, and for a quota as long as it is told', async () => {
    const shared = create()
    const breaker = async () => (await arrive(shared, newKey())).breaker
    for (let i = 1; i <= 4; i++) {
      await shared.settle({ store: 'failed' }, NOW)
      expect(await breaker()).toEqual({ pause: undefined, failures: i })
    }
    await shared.settle({ store: 'failed' }, NOW)
    expect((await breaker()).pause).toEqual({ until: NOW + 10_000, reason: 'failures' })
    await shared.settle({ store: 'recovered' }, NOW)
    expect(await breaker()).toEqual({ pause: undefined, failures: 0 })
    const quota = { until: NOW + 500_000, reason: 'quota' } as const
    await shared.settle({ store: quota }, NOW)
    expect((await breaker()).pause).toEqual(quota)
  })

  it('lets one at a time have a claim', async () => {
    const shared = create()
    const claim = async () => (await shared.settle({ claim: 'task' }, NOW)).claimed
    expect([await claim(), await claim()]).toEqual([true, false])
    await shared.settle({ unclaim: 'task' }, NOW)
    expect(await claim()).toBe(true)
    expect((await shared.settle({ release: { keyHash: newKey(), requestId: 'x' } }, NOW)).claimed).toBe(false)
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
    path: `/jobs/${index + 1}`,
    title: titles[index] ?? '',
    slug: 's',
    status: statuses[index] ?? 'draft',
    createdAt: times[index] ?? '',
    expiresAt: null,
  }
}

async function prepareMemory(): Promise<Prepared> {
  const jobs = titles.map((_, index) => toJob(crypto.randomUUID(), index))
  const organization = { id: '1', keyId: 'k', domain: 'jobs.example', keyHash: 'hash', jobs }
  return {
    directory: memoryDirectory([organization]),
    keyHash: 'hash',
    domain: 'jobs.example',
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
    expect(await directory.jobPaths(keyHash, [])).toMatchObject({
      kind: 'known',
      organization: { id, domain },
    })
    expect(await directory.jobPaths('00'.repeat(32), [])).toEqual({ kind: 'unknown_key' })
  })

  it('tells which jobs are the organization’s, and its newest ones', async () => {
    const { directory, keyHash, jobs } = await prepare()
    const [first, second] = jobs
    const unknownId = crypto.randomUUID()
    const named = await directory.jobPaths(keyHash, [second?.id ?? '', foreignId, unknownId, first?.id ?? ''])
    expect(named).toMatchObject({ rows: [second?.path, null, null, first?.path] })
    const site = await directory.siteJobs(keyHash, [second?.id ?? ''], 1)
    expect(site).toMatchObject({ rows: { named: [{ id: second?.id }], listed: [{ id: jobs[4]?.id }] } })
  })

  it.each(['-created_at', 'created_at', 'title'] as const)(
    'walks all jobs by %s, each once',
    async (sort) => {
      const { directory, keyHash, jobs } = await prepare()
      const seen: ListedJob[] = []
      let after: JobSelection['after']
      for (let page = 0; page < 10; page++) {
        const answer = await directory.listJobs(keyHash, { ...selection, sort, limit: 2, after })
        if (answer.kind !== 'known') throw new Error(answer.kind)
        seen.push(...answer.rows.jobs)
        const last = answer.rows.jobs.at(-1)
        if (!answer.rows.hasMore || last === undefined) break
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
    const active = await directory.listJobs(keyHash, { ...selection, status: 'active' })
    expect(active).toMatchObject({ rows: { total: 3, hasMore: false } })
    const found = await directory.listJobs(keyHash, { ...selection, words: 'engineer DATA' })
    expect(found).toMatchObject({ rows: { total: 1, jobs: [jobs[0]] } })
    const capped = await directory.listJobs(keyHash, { ...selection, words: 'engineer', mostCounted: 2 })
    expect(capped).toMatchObject({ rows: { total: 2, isCapped: true } })
  })
})
