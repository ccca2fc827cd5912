// The port to organizations, API keys and jobs.

/** How jobs can be filtered. */
export const JOB_STATUSES = ['pending', 'active', 'expired', 'draft'] as const
/** The status of a job. */
export type JobStatus = (typeof JOB_STATUSES)[number]

/** The orders of a job list; `-` is descending. Ties are broken by ID. */
export const JOB_SORTS = ['-created_at', 'created_at', 'title'] as const
/** The order of a job list. */
export type JobSort = (typeof JOB_SORTS)[number]

/** What identifies the caller's organization: the SHA-256 of its key in hex, or its ID where a person is signed in. */
export type Credential = { keyHash: string } | { organizationId: string }

/** The caller's organization. */
export interface Organization {
  id: string
  /** Null if the caller is a signed-in person. */
  keyId: string | null
  /** The domain that its figures are counted for; undefined until it is verified. */
  domain: string | undefined
  /** The name of its site in the analytics store, if that is not the domain. */
  siteName: string | undefined
  /** The IANA time zone in which its days begin. */
  timeZone: string
}

/** A job of an organization. */
export interface OwnedJob {
  id: string
  /** The paths of its pages, the main one first. */
  paths: readonly [string, ...string[]]
}

/** A job with its title. */
export interface TitledJob extends OwnedJob {
  title: string
}

/** What the analytics store counted, by what stands for a job in it. */
export interface JobRanking {
  /** Whether the keys are paths or IDs (UUIDs in lower case). Several keys may stand for one job. */
  jobKey: 'path' | 'id'
  keys: readonly string[]
  /** What jobs are ranked by, one number for each key. */
  weights: readonly number[]
  /** Rates of a job's keys are not summed. */
  isRate: boolean
}

/** The ranked jobs in a slice, the largest weight first, and how many there are in all. */
export interface RankedJobs {
  jobs: TitledJob[]
  total: number
}

/** Which jobs of an organization to list, and where the list begins. */
export interface JobSelection {
  status: JobStatus | undefined
  /** Words that the title must contain, all of them. */
  words: string | undefined
  sort: JobSort
  /** Lists the ranked jobs first, the largest weight first, and the others after them in the order of `sort`. */
  ranking?: JobRanking | undefined
  /** The last job of the page before: its value of the sort field or, for a ranked job, its weight; and its ID. */
  after: { value: string; weight?: number | undefined; id: string } | undefined
  limit: number
  offset: number
  /** The most matches of a search that are counted. */
  mostCounted: number
}

/** A job in a list; times are ISO 8601 in UTC, to the microsecond. */
export interface ListedJob extends TitledJob {
  slug: string
  status: JobStatus
  createdAt: string
  expiresAt: string | null
}

/** A page of jobs. `isCapped`: there may be more than `total`, which is as far as matches are counted. */
export interface JobList {
  jobs: ListedJob[]
  hasMore: boolean
  total: number
  isCapped: boolean
}

/** Organizations, keys and jobs. Each method runs one statement and throws `StoreError`. */
export interface Directory {
  /**
   * The caller's organization, and the paths of each of these jobs (lower-case IDs) in their order: null for a job
   * that is not the organization's or does not exist. Undefined for an unknown, revoked or expired key, and for
   * an unknown organization. Also records the use of a key, at most once a minute.
   */
  findJobPaths(
    credential: Credential,
    jobIds: readonly string[],
    signal: AbortSignal,
  ): Promise<{ organization: Organization; paths: (OwnedJob['paths'] | null)[] } | undefined>
  /**
   * Like `findJobPaths`: which of these jobs are the organization's. With `withVersion` also a text that changes when a job
   * is added or removed or changes its status.
   */
  findSiteJobs(
    credential: Credential,
    jobIds: readonly string[],
    withVersion: boolean,
    signal: AbortSignal,
  ): Promise<{ organization: Organization; named: TitledJob[]; jobsVersion: string } | undefined>
  /** Like `findJobPaths`: the organization's jobs that were counted. */
  rankJobs(
    credential: Credential,
    ranking: JobRanking,
    slice: { limit: number; offset: number },
    signal: AbortSignal,
  ): Promise<({ organization: Organization } & RankedJobs) | undefined>
  /** Like `findJobPaths`: a page of the organization's jobs. */
  listJobs(
    credential: Credential,
    selection: JobSelection,
    signal: AbortSignal,
  ): Promise<{ organization: Organization; list: JobList } | undefined>
}
