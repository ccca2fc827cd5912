// The ports in memory, small and true: what the contract suite says of them it says of the real parts too.

import { type Limits, SLOT_LEASE_MS } from '../../src/domain/admission.ts'
import {
  type Breaker,
  FAILURE_MEMORY_MS,
  FAILURE_PAUSE_MS,
  FAILURES_TO_PAUSE,
  type Pause,
} from '../../src/domain/breaker.ts'
import { type CacheEntry, type CacheSettings, lifetimeSeconds } from '../../src/domain/freshness.ts'
import type { StatsQuestion } from '../../src/domain/stats-question.ts'
import type {
  AnalyticsStore,
  Arrival,
  Directory,
  DirectoryAnswer,
  ListedJob,
  Organization,
  SharedState,
} from '../../src/services.ts'

/** The memory all Workers share, in one Worker's. */
export function memorySharedState({ limits, cache }: { limits: Limits; cache: CacheSettings }): SharedState {
  const logs = new Map<string, Map<string, number>>()
  const slots = new Map<string, Map<string, number>>()
  const entries = new Map<string, CacheEntry>()
  const claims = new Set<string>()
  let pause: Pause | undefined
  let failures: number[] = []

  const admit: (arrival: Parameters<SharedState['arrive']>[0]) => NonNullable<Arrival['admission']> = (
    arrival,
  ) => {
    const { keyHash, requestId, now } = arrival
    const windowMs = limits.windowSeconds * 1_000
    const log = living(logs, keyHash, (at) => at > now - windowMs)
    const taken = living(slots, keyHash, (until) => until > now)
    const isCounted = log.has(requestId)
    const verdict = isCounted
      ? 'admitted'
      : log.size >= limits.requests
        ? 'rate'
        : taken.size >= limits.concurrent
          ? 'concurrency'
          : 'admitted'
    if (verdict === 'admitted' && !isCounted) {
      log.set(requestId, now)
      taken.set(requestId, now + SLOT_LEASE_MS)
    }
    const oldest = Math.min(...log.values(), now)
    return {
      verdict,
      requestsLeft: limits.requests - log.size,
      slotsLeft: limits.concurrent - taken.size,
      moreInMs: log.size === 0 ? 0 : oldest + windowMs - now,
    }
  }
  const read = (keys: readonly string[]) => keys.map((key) => entries.get(key))
  const breaker = (now: number): Breaker => ({
    pause,
    failures: failures.filter((at) => at > now - FAILURE_MEMORY_MS).length,
  })
  const learn = (lesson: 'recovered' | 'failed' | Pause, now: number) => {
    if (lesson === 'recovered') {
      pause = undefined
      failures = []
    } else if (lesson === 'failed') {
      failures = [...failures, now]
      if (breaker(now).failures < FAILURES_TO_PAUSE && pause === undefined) return
      pause = { until: now + FAILURE_PAUSE_MS, reason: 'failures' }
      failures = []
    } else pause = lesson
  }
  return {
    arrive: async (arrival) => ({
      admission: admit(arrival),
      cached: read(arrival.cacheKeys),
      breaker: breaker(arrival.now),
    }),
    read: async (keys) => read(keys),
    async settle({ release, writes = [], store, claim, unclaim }, now) {
      if (release) slots.get(release.keyHash)?.delete(release.requestId)
      if (lifetimeSeconds(cache) > 0) for (const { key, entry } of writes) entries.set(key, entry)
      if (store) learn(store, now)
      const claimed = claim !== undefined && !claims.has(claim)
      if (claimed) claims.add(claim)
      if (unclaim) claims.delete(unclaim)
      return { claimed }
    },
  }
}

function living(sets: Map<string, Map<string, number>>, key: string, isAlive: (score: number) => boolean) {
  const alive = new Map([...(sets.get(key) ?? [])].filter(([, score]) => isAlive(score)))
  sets.set(key, alive)
  return alive
}

/** An organization of the fake directory. */
export interface MemoryOrganization extends Organization {
  keyHash: string
  jobs: ListedJob[]
}

/** A directory of these organizations. */
export function memoryDirectory(organizations: readonly MemoryOrganization[]): Directory {
  const answer = <Rows>(keyHash: string, rowsOf: (jobs: ListedJob[]) => Rows): DirectoryAnswer<Rows> => {
    const found = organizations.find((organization) => organization.keyHash === keyHash)
    if (found === undefined) return { kind: 'unknown_key' }
    const { id, keyId, domain } = found
    return { kind: 'known', organization: { id, keyId, domain }, rows: rowsOf(found.jobs) }
  }
  const newestFirst = (jobs: ListedJob[]) =>
    jobs.toSorted((a, b) => compare(b.createdAt + b.id, a.createdAt + a.id))
  const plain = ({ id, path }: ListedJob) => ({ id, path })
  return {
    jobPaths: async (keyHash, ids) =>
      answer(keyHash, (jobs) => ids.map((id) => jobs.find((job) => job.id === id)?.path ?? null)),
    siteJobs: async (keyHash, ids, most) =>
      answer(keyHash, (jobs) => ({
        named: jobs.filter(({ id }) => ids.includes(id)).map(plain),
        listed: newestFirst(jobs).slice(0, most).map(plain),
      })),
    listJobs: async (keyHash, { status, words, sort, after, limit, offset, mostCounted }) =>
      answer(keyHash, (jobs) => {
        const wanted = (words ?? '').toLowerCase().split(/\W+/).filter(Boolean)
        const matching = jobs.filter(
          (job) =>
            (status === undefined || job.status === status) &&
            wanted.every((word) => job.title.toLowerCase().split(/\W+/).includes(word)),
        )
        const keyOf = (job: ListedJob) => [sort === 'title' ? job.title : job.createdAt, job.id].join('\0')
        const direction = sort === '-created_at' ? -1 : 1
        const sorted = matching.toSorted((a, b) => direction * compare(keyOf(a), keyOf(b)))
        const from = after && [after.value, after.id].join('\0')
        const rest =
          from === undefined ? sorted : sorted.filter((job) => direction * compare(keyOf(job), from) > 0)
        const isCapped = words !== undefined && matching.length > mostCounted
        return {
          jobs: rest.slice(offset, offset + limit),
          hasMore: rest.length > offset + limit,
          total: isCapped ? mostCounted : matching.length,
          isCapped,
        }
      }),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A store that knows the visitors of each path over any period, by site; it keeps the questions it was asked. */
export function memoryStore(
  visitors: Record<string, Record<string, number>>,
): AnalyticsStore & { questions: StatsQuestion[] } {
  const questions: StatsQuestion[] = []
  return {
    questions,
    refusalOf: () => undefined,
    async ask(site, question) {
      questions.push(question)
      if (question.groupBy !== 'job' || question.metrics.join() !== 'visitors') {
        throw new Error('The store in memory knows visitors by job and nothing else')
      }
      const known = visitors[site] ?? {}
      const jobs = question.jobFilters?.[0]?.jobs ?? []
      const rows = jobs.flatMap(({ id, path }) =>
        known[path] ? [{ group: id, metrics: [known[path]] }] : [],
      )
      return { ok: true, value: { rows, from: '2026-01-01T00:00:00Z', to: '2026-01-07T23:59:59Z' } }
    },
  }
}
