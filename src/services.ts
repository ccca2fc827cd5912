// The ports: what the app needs from outside, as narrow as it is used. Adapters and test fakes implement these.

import type { Admission, Limits } from './domain/admission.ts'
import type { Breaker, Pause } from './domain/breaker.ts'
import type { ExhaustedKeys } from './domain/exhausted-keys.ts'
import type { Fault } from './domain/fault.ts'
import type { CacheEntry, CacheSettings } from './domain/freshness.ts'
import type { IssuedKeys } from './domain/issued-keys.ts'
import type { JobSort, JobStatus } from './domain/job-selection.ts'
import type { Stats, StatsQuestion } from './domain/stats-question.ts'

/** A store that can be asked whether it is there, without a question about anyone's data. */
export interface Reachable {
  /** Undefined when it answered within `timeoutMs`. Never throws. */
  ping(timeoutMs: number): Promise<Fault | undefined>
}

/** Whose key it is. */
export interface Organization {
  id: string
  keyId: string
  /** The domain its numbers are kept under; undefined until it is verified. */
  domain: string | undefined
}

/** A job as the directory knows it. */
export interface OwnedJob {
  id: string
  path: string
}

/** Paths by the place of their jobs in a list; null where the organization has no such job. */
export type JobPaths = readonly (string | null)[]

/** The directory's word on a key, with whatever else was asked in the same statement. */
export type DirectoryAnswer<Rows> =
  | { kind: 'known'; organization: Organization; rows: Rows }
  | { kind: 'unknown_key' }
  | { kind: 'unavailable'; fault: Fault }

/** Organizations, keys and jobs. Every method is one statement, takes the key's SHA-256 in hex, and never throws. */
export interface Directory {
  /**
   * The path of each of these jobs (lower-case IDs), in their order; null where the job is not the key's organization's
   * or there is none. Notes the key's use, once a minute.
   */
  jobPaths(keyHash: string, jobIds: readonly string[]): Promise<DirectoryAnswer<JobPaths>>
  /** Which of these jobs are the organization's (`named`), and its newest jobs, this many at most (`listed`). */
  siteJobs(
    keyHash: string,
    jobIds: readonly string[],
    most: number,
  ): Promise<DirectoryAnswer<{ named: OwnedJob[]; listed: OwnedJob[] }>>
  /** A page of the organization's jobs. */
  listJobs(keyHash: string, selection: JobSelection): Promise<DirectoryAnswer<JobList>>
}

/** Which jobs of an organization to list, and from where on. */
export interface JobSelection {
  status: JobStatus | undefined
  /** Words that the title must hold, all of them. */
  words: string | undefined
  sort: JobSort
  /** The last job of the page before: what it is sorted by, and its ID. */
  after: { value: string; id: string } | undefined
  limit: number
  offset: number
  /** The most matches of a search that are counted. */
  mostCounted: number
}

/** A job as it is listed; times are ISO 8601 in UTC, to the microsecond. */
export interface ListedJob extends OwnedJob {
  title: string
  slug: string
  status: JobStatus
  createdAt: string
  expiresAt: string | null
}

/** A page of jobs. `isCapped`: there may be more than `total`, which was not worth counting. */
export interface JobList {
  jobs: ListedJob[]
  hasMore: boolean
  total: number
  isCapped: boolean
}

/** What all Workers know together when a request arrives. */
export interface Arrival {
  /** Undefined where admission could not be decided. */
  admission: Admission | undefined
  /** One for each key asked for, in order. */
  cached: (CacheEntry | undefined)[]
  breaker: Breaker
  /** Set when some or all of it could not be read. */
  fault?: Fault
}

/** What a request leaves behind for the others. */
export interface Settlement {
  /** Gives the slot of this request back. */
  release?: { keyHash: string; requestId: string }
  writes?: { key: string; entry: CacheEntry }[]
  /** What was learned of the store: it works again, it failed, or it is to be left alone until its quota turns. */
  store?: 'recovered' | 'failed' | Pause
  /** Asks to be the only one to do this work; given back by `unclaim` or after a few seconds. */
  claim?: string
  unclaim?: string
}

/** The memory all Workers share. No method throws; each is one round trip. */
export interface SharedState {
  /** Decides admission and reads cached values and the circuit breaker. `now` is in epoch milliseconds. */
  arrive(arrival: {
    keyHash: string
    requestId: string
    now: number
    cacheKeys: readonly string[]
  }): Promise<Arrival>
  /** Reads cached values that were not known to be needed on arrival; one for each key, in order. */
  read(cacheKeys: readonly string[]): Promise<(CacheEntry | undefined)[]>
  /** Applies a settlement; `claimed` says whether a claim was won. */
  settle(settlement: Settlement, now: number): Promise<{ claimed: boolean; fault?: Fault }>
}

/** The bound used while the shared memory cannot decide: per location and approximate, without a network hop. */
export interface Floor {
  /** Counts one request of this key; false when it is over the bound. */
  pass(keyHash: string): Promise<boolean>
  /** After how many seconds a key over the bound passes again. */
  periodSeconds: number
}

/** The analytics store's word: what was asked, or why not. `quota`: it refuses until its hour turns. */
export type StoreAnswer<T> = { ok: true; value: T } | { ok: false; fault: Fault | 'quota' }

/** The analytics store. */
export interface AnalyticsStore {
  /** Asks one question about one site, its verified domain, in one query. Never throws. */
  ask(site: string, question: StatsQuestion): Promise<StoreAnswer<Stats>>
  /** Why this store cannot answer such a question, as a sentence that says what it can; undefined when it can. */
  refusalOf(question: Omit<StatsQuestion, 'range'>): string | undefined
}

/** Everything the app is built from. */
export interface Services {
  directory: Directory
  shared: SharedState
  floor: Floor
  store: AnalyticsStore
  exhausted: ExhaustedKeys
  limits: Limits
  cache: CacheSettings
  /** The three stores above, for the question whether they are there. */
  stores: { database: Reachable; redis: Reachable; analytics: Reachable }
  /** Origins whose pages may call the API from a browser. */
  corsOrigins: readonly string[]
  /** Which release of the Worker this is. */
  release: string
  /** The keys we issued. */
  keys: IssuedKeys
  /** Epoch milliseconds. */
  now: () => number
  /** Takes one finished line of the log. */
  log: (line: Record<string, unknown>) => void
}
