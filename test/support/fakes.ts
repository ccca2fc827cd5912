// The ports in memory, small and complete. The contract suite runs on them and on the real parts alike.

import type { AnalyticsStore, StatsQuery } from '../../src/analytics/analytics-store.ts'
import {
  type Circuit,
  FAILURE_MEMORY_MS,
  FAILURE_PAUSE_MS,
  FAILURES_TO_PAUSE,
  nextHour,
  type Outcome,
  type Pause,
  SITES_TO_PAUSE_ALL,
} from '../../src/analytics/circuit-breaker.ts'
import { type CacheEntry, type CacheSettings, lifetimeSeconds } from '../../src/cache/freshness.ts'
import { parseEntries } from '../../src/cache/stored-entries.ts'
import type { Credential, Directory, ListedJob, Organization } from '../../src/directory/directory.ts'
import {
  type Admission,
  type Limits,
  REQUEST_DEADLINE_MS,
  SLOT_LEASE_MS,
} from '../../src/limits/admission.ts'
import { type SharedState, UNLOCK_DELAY_MS } from '../../src/shared-state/shared-state.ts'
import { USAGE_OUTCOMES, type UsageCount } from '../../src/usage/usage.ts'

/** Shared state in the memory of one Worker. */
export function memorySharedState({ limits, cache }: { limits: Limits; cache: CacheSettings }): SharedState {
  const logs = new Map<string, Map<string, number>>()
  const slots = new Map<string, Map<string, number>>()
  const entries = new Map<string, CacheEntry>()
  const locks = new Map<string, number>()
  const pausedSites = new Map<string, number>()
  const failures = new Map<string, number[]>()
  const queries = new Map<number, Map<string, number>>()
  const counted: UsageCount[] = []
  const tokens = new Set<string>()
  let pause: Pause | undefined

  const admit = ({ limitId, requestId, now }: Parameters<SharedState['arrive']>[0]): Admission => {
    const windowMs = limits.windowSeconds * 1_000
    const log = living(logs, limitId, (at) => at > now - windowMs)
    const taken = living(slots, limitId, (until) => until > now)
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
      resetMs: log.size === 0 ? 0 : oldest + windowMs - now,
      ...(verdict === 'concurrency' && {
        slotWaitMs: Math.min(...[...taken.values()].map((until) => slotWaitMs(until - now))),
      }),
    }
  }
  const slotWaitMs = (leftMs: number) => {
    const age = SLOT_LEASE_MS - leftMs
    return age < REQUEST_DEADLINE_MS ? Math.min(age, REQUEST_DEADLINE_MS - age) : leftMs
  }
  const readCache = (keys: readonly string[]) => keys.map((key) => entries.get(key))
  const takeToken = (token: string) => !tokens.has(token) && tokens.add(token) !== undefined
  const circuit = (): Circuit => ({ pause, pausedSites: new Map(pausedSites) })
  const record = ({ site, outcome }: { site: string; outcome: Outcome }, now: number) => {
    if (outcome === 'succeeded') failures.delete(site)
    else if (outcome === 'recovered') {
      failures.delete(site)
      pausedSites.delete(site)
      pause = undefined
    } else if (outcome === 'failed') {
      const recent = [...(failures.get(site) ?? []), now].filter((at) => at > now - FAILURE_MEMORY_MS)
      failures.set(site, recent)
      const isProbe = pausedSites.has(site) || pause?.reason === 'failures'
      if (recent.length < FAILURES_TO_PAUSE && !isProbe) return
      failures.delete(site)
      pausedSites.set(site, now + FAILURE_PAUSE_MS)
      const paused = [...pausedSites.values()].filter((until) => until > now).length
      if (pause?.reason === 'quota' || (paused < SITES_TO_PAUSE_ALL && pause === undefined)) return
      pause = { reason: 'failures', until: now + FAILURE_PAUSE_MS, site }
    } else if (pause?.reason !== 'quota' || pause.until <= outcome.until) pause = outcome
  }
  const spendingAt = (now: number) => {
    const byOrganization = new Map(queries.get(nextHour(now)))
    return { total: [...byOrganization.values()].reduce((sum, count) => sum + count, 0), byOrganization }
  }
  return {
    arrive: async (arrival) => ({
      admission: admit(arrival),
      ...(arrival.token !== undefined && { isTokenNew: takeToken(arrival.token) }),
      cached: readCache(arrival.cacheKeys),
      circuit: circuit(),
      spending: spendingAt(arrival.now),
    }),
    readCache: async (keys) => readCache(keys),
    async readUsage({ organizationId, keyId, days }) {
      const own = counted.filter((use) => use.organizationId === organizationId)
      const keyIds = [...new Set(own.map((use) => use.keyId))].filter(
        (id) => keyId === undefined || id === keyId,
      )
      const usage = days.map((date) => ({
        date,
        keys: keyIds
          .map((id) => id ?? '')
          .toSorted(compare)
          .map((id) => id || undefined)
          .map((id) => ({ keyId: id, ...usageOf(own.filter((use) => use.keyId === id && use.day === date)) }))
          .filter((key) => USAGE_OUTCOMES.some((name) => key[name] > 0)),
      }))
      return { usage }
    },
    takeToken: async (token) => takeToken(token),
    async apply({ release, writes, outcome, queries: sent, usage, lock, unlock, unlockSoon }, now) {
      if (release) slots.get(release.limitId)?.delete(release.requestId)
      if (lifetimeSeconds(cache) > 0)
        for (const { key, text } of writes?.entries ?? []) {
          const [entry] = parseEntries([text])
          if (entry) entries.set(key, entry)
        }
      if (outcome) record(outcome, now)
      counted.push(...(usage ?? []))
      if (sent) {
        const hour = queries.get(nextHour(now)) ?? new Map<string, number>()
        hour.set(sent.organizationId, (hour.get(sent.organizationId) ?? 0) + sent.count)
        queries.set(nextHour(now), hour)
      }
      const locked = lock !== undefined && (locks.get(lock) ?? 0) <= Date.now()
      if (locked) locks.set(lock, Number.POSITIVE_INFINITY)
      if (unlock) locks.delete(unlock)
      if (unlockSoon) locks.set(unlockSoon, Date.now() + UNLOCK_DELAY_MS)
      return { locked }
    },
  }
}

/** The sum of these counts for each outcome. */
function usageOf(counts: readonly UsageCount[]) {
  const sums = { served: 0, cached: 0, rate_limited: 0, concurrency_limited: 0, failed: 0 }
  for (const { outcome, count } of counts) sums[outcome] += count
  return sums
}

function living(sets: Map<string, Map<string, number>>, key: string, isAlive: (score: number) => boolean) {
  const alive = new Map([...(sets.get(key) ?? [])].filter(([, score]) => isAlive(score)))
  sets.set(key, alive)
  return alive
}

/** An organization of the directory in memory. */
export interface MemoryOrganization extends Organization {
  keyHash: string
  jobs: ListedJob[]
}

/** A directory of these organizations. */
export function memoryDirectory(organizations: readonly MemoryOrganization[]): Directory {
  const find = <Found>(credential: Credential, select: (jobs: ListedJob[]) => Found) => {
    const isKey = 'keyHash' in credential
    const organization = organizations.find((candidate) =>
      isKey ? candidate.keyHash === credential.keyHash : candidate.id === credential.organizationId,
    )
    if (organization === undefined) return undefined
    const { id, keyId, domain, siteName, timeZone, jobs } = organization
    return { organization: { id, keyId: isKey ? keyId : null, domain, siteName, timeZone }, ...select(jobs) }
  }
  const plain = ({ id, title, paths }: ListedJob) => ({ id, title, paths })
  return {
    findJobPaths: async (credential, ids) =>
      find(credential, (jobs) => ({
        paths: ids.map((id) => jobs.find((job) => job.id === id)?.paths ?? null),
      })),
    findSiteJobs: async (credential, ids, withVersion) =>
      find(credential, (jobs) => ({
        named: jobs.filter(({ id }) => ids.includes(id)).map(plain),
        jobsVersion: withVersion ? JSON.stringify(jobs.map(({ id, status }) => [id, status])) : '',
      })),
    rankJobs: async (credential, { jobKey, keys, weights, isRate }, { limit, offset }) =>
      find(credential, (jobs) => {
        const ranked = jobs.flatMap((job) => {
          const own = jobKey === 'id' ? [job.id] : job.paths
          const values = own.flatMap((key) => (keys.includes(key) ? (weights[keys.indexOf(key)] ?? 0) : []))
          const [main = 0] = values
          const weight = isRate ? main : values.reduce((sum, value) => sum + value, 0)
          return values.length > 0 ? [{ job, weight }] : []
        })
        const sorted = ranked.toSorted((a, b) => b.weight - a.weight || compare(a.job.id, b.job.id))
        return {
          jobs: sorted.slice(offset, offset + limit).map(({ job }) => plain(job)),
          total: ranked.length,
        }
      }),
    listJobs: async (credential, { status, words, sort, after, limit, offset, mostCounted }) =>
      find(credential, (jobs) => {
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
          list: {
            jobs: rest.slice(offset, offset + limit),
            hasMore: rest.length > offset + limit,
            total: isCapped ? mostCounted : matching.length,
            isCapped,
          },
        }
      }),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A store with the visitors of each path over any period, by site. It keeps the queries it received. */
export function memoryStore(
  visitors: Record<string, Record<string, number>>,
): AnalyticsStore & { queries: StatsQuery[] } {
  const queries: StatsQuery[] = []
  return {
    queries,
    maxRows: 10_000,
    maxPoints: 10_000,
    jobKey: 'path',
    whyUnsupported: () => undefined,
    costOf: () => 1,
    signalOf: () => 'failed',
    async query(site, query) {
      queries.push(query)
      if (query.groupBy !== 'job' || query.metrics.join() !== 'visitors') {
        throw new Error('The store in memory supports visitors by job and nothing else')
      }
      const visitorsByPath = visitors[site] ?? {}
      const jobs = query.jobFilters?.[0]?.jobs ?? []
      const rows = jobs.flatMap(({ id, paths }) => {
        const sum = paths.reduce((total, path) => total + (visitorsByPath[path] ?? 0), 0)
        return sum > 0 ? [{ group: id, metrics: [sum] }] : []
      })
      return { rows, from: '2026-01-01T00:00:00Z', to: '2026-01-07T23:59:59Z' }
    },
  }
}
