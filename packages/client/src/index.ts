// The typed client of the job analytics API, for Node, browsers and Workers.

import { AnalyticsError, type AnalyticsErrorCode } from './analytics-error.ts'
import { isObject, unexpectedResponse } from './api-error.ts'
import { CALL_OPTIONS, checkedJobIds, checkedMs, checkOptions, invalidArgument, kindOf } from './arguments.ts'
import { type CallOptions, withinDeadline } from './call-options.ts'
import { asWritten, batchesOf, type FiguresOfJobs, type JobFigures, readBatches } from './job-batches.ts'
import type { Patience } from './retry.ts'
import { type Search, searchOf } from './search-parameters.ts'
import { type Progress, SharedCalls } from './shared-calls.ts'
import { type SiteAnalyticsQuery, type SiteFilter, siteSearch } from './site-query.ts'
import { createTransport, type Transport } from './transport.ts'
import {
  type ApiErrorCode,
  type Dimension,
  type Interval,
  JOB_LIST_PARAMETERS,
  JOB_VISITORS_PARAMETERS,
  type Job,
  type JobListParameters,
  type JobListResponse,
  type JobMetric,
  type JobSort,
  type JobStatus,
  type JobVisitorsParameters,
  type JobVisitorsResponse,
  type Metric,
  type ParameterProblem,
  PERIODS,
  type Period,
  type SiteAnalytics,
  USAGE_PARAMETERS,
  type Usage,
  type UsageParameters,
} from './wire-types.ts'

export type {
  AnalyticsErrorCode,
  ApiErrorCode,
  CallOptions,
  Dimension,
  Interval,
  Job,
  JobFigures,
  JobMetric,
  JobSort,
  JobStatus,
  Metric,
  ParameterProblem,
  Period,
  Progress,
  SiteAnalytics,
  SiteAnalyticsQuery,
  SiteFilter,
  Usage,
}
export { AnalyticsError, PERIODS }

/** How to reach the API. */
export interface AnalyticsClientOptions {
  /** Address of the API, such as `https://analytics.example.com`. */
  baseUrl: string | undefined
  /**
   * API key of your organization. It may come from an environment variable: if that is not set, the constructor throws. Absent only
   * with `credentials`.
   */
  apiKey?: string | undefined
  /** `same-origin`: sends the cookie of the page's session in place of a key. For pages that the API itself serves. */
  credentials?: 'same-origin' | undefined
  /** The most requests under way at once, over all calls of this client: 1 to 10, which is the API's limit for a key. Default 10. */
  concurrency?: number | undefined
  /**
   * The part of the key's limits that calls with more than 100 jobs may use, so that other callers with the same key are
   * not refused: more than 0, at most 1. Default 0.8, which is 80 of 100 requests a minute, and 8 of 10 at once.
   */
  bulkShare?: number | undefined
  /**
   * How long a call may take, with its waits and retries. By default a call may take 30 s and wait for the rate limit: 90 s in all
   * for one request, and 60 s more for each 80 requests that it needs.
   */
  deadlineMs?: number | undefined
  /** Caches the figures of jobs for 5 minutes, or for `maxAgeMs`, and lets equal calls under way share one. Default off. */
  cache?: boolean | { maxAgeMs: number } | undefined
  /** Sends the requests. Default the platform's `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
}

interface ProgressOptions {
  /** Called after each request, and when the call has to wait. */
  onProgress?: ((progress: Progress) => void) | undefined
}

/** Options of `jobVisitors`. */
export interface JobVisitorsOptions
  extends CallOptions,
    ProgressOptions,
    Omit<JobVisitorsParameters, 'metrics' | 'interval'> {}

/** Options of `jobAnalytics`. */
export interface JobAnalyticsOptions extends CallOptions, ProgressOptions, JobVisitorsParameters {}

/** Options of `jobs`. */
export interface JobListOptions
  extends CallOptions,
    Omit<JobListParameters, 'page' | 'perPage' | 'cursor' | 'offset'> {}

/** Options of `usage`. */
export interface UsageOptions extends CallOptions, UsageParameters {}

/** Options of `jobPage`. */
export interface JobPageOptions extends CallOptions, JobListParameters {}

/** Result of `jobPage`: the jobs of the page, and where it stands in the list. */
export type JobPage = JobListResponse

/** Result of `jobAnalytics`. */
export interface JobAnalytics {
  /** The figures of each job, by its ID as you wrote it. */
  jobs: Map<string, JobFigures>
  /** What the API says about the figures, such as their period. Undefined for an empty list of jobs. */
  meta: JobVisitorsResponse['meta'] | undefined
}

const CACHE_MS = 300_000
const WORK_MS = 30_000
const OPTIONS = [
  'baseUrl',
  'apiKey',
  'credentials',
  'concurrency',
  'bulkShare',
  'deadlineMs',
  'cache',
  'fetch',
]
const JOB_ANALYTICS_OPTIONS = [...JOB_VISITORS_PARAMETERS, 'onProgress', ...CALL_OPTIONS]
const JOB_VISITORS_OPTIONS = JOB_ANALYTICS_OPTIONS.filter((name) => !['metrics', 'interval'].includes(name))
/** The client turns the pages itself. */
const PAGE_PARAMETERS = ['page', 'perPage', 'cursor', 'offset']
const JOB_LIST_FILTERS = JOB_LIST_PARAMETERS.filter((name) => !PAGE_PARAMETERS.includes(name))

/** Reads the figures of one organization. Every call rejects with `AnalyticsError`. */
export class AnalyticsClient {
  readonly #transport: Transport
  readonly #deadlineMs: number | undefined
  readonly #figures: SharedCalls<FiguresOfJobs>

  /** Throws `AnalyticsError` with the code `invalid_argument` if an option is wrong. */
  constructor(options: AnalyticsClientOptions) {
    checkOptions('options', options, OPTIONS)
    const { deadlineMs, cache, ...transport } = options
    this.#transport = createTransport(transport)
    this.#deadlineMs = deadlineMs
    this.#figures = new SharedCalls(cacheMs(cache))
  }

  /**
   * How many people visited each of these jobs. Takes any number of IDs and reads 100 per request. Resolves to one number for
   * each ID as you wrote it, in your order; a job without visitors has 0. If you may not read some of the jobs, the call fails
   * with `job_access_denied`; the error's `jobIds` names the jobs that were refused in one request.
   */
  async jobVisitors(
    jobIds: Iterable<string>,
    options: JobVisitorsOptions = {},
  ): Promise<Map<string, number>> {
    const ids = checkedJobIds(jobIds)
    checkOptions('options', options, JOB_VISITORS_OPTIONS)
    const { figures } = await this.#readJobs(ids, options)
    return asWritten(ids, figures, ({ visitors }) => visitors)
  }

  /**
   * All figures of each of these jobs: the `metrics` that you name and, with `interval`, their series. Takes any number of IDs
   * and fails as a whole, like `jobVisitors`.
   */
  async jobAnalytics(jobIds: Iterable<string>, options: JobAnalyticsOptions = {}): Promise<JobAnalytics> {
    const ids = checkedJobIds(jobIds)
    checkOptions('options', options, JOB_ANALYTICS_OPTIONS)
    const { figures, meta } = await this.#readJobs(ids, options)
    return { jobs: asWritten(ids, figures, (job) => structuredClone(job)), meta: structuredClone(meta) }
  }

  /**
   * All jobs of the organization that match, one after another. Reads 100 per request, each request within the deadline.
   * With `include: ['visitors']` each job has its `visitors` in the `period`.
   */
  async *jobs(options: JobListOptions = {}): AsyncGenerator<Job, void, undefined> {
    checkOptions('options', options, [...JOB_LIST_FILTERS, ...CALL_OPTIONS])
    const search: Search = [['per_page', '100'], ...searchOf('options', options, JOB_LIST_FILTERS)]
    let cursor: string | null | undefined
    while (cursor !== null) {
      const isFirst = cursor === undefined
      const position: Search = cursor === undefined ? [] : [['cursor', cursor]]
      const response = await this.#readPage([...search, ...position], options, !isFirst)
      yield* response.data
      cursor = response.meta.pagination.next_cursor
    }
  }

  /**
   * One page of the organization's jobs: the first one, the one of this number, or the one at this `cursor`, which is the
   * `next_cursor` of the page before.
   */
  async jobPage(options: JobPageOptions = {}): Promise<JobPage> {
    checkOptions('options', options, [...JOB_LIST_PARAMETERS, ...CALL_OPTIONS])
    return this.#readPage(searchOf('options', options, JOB_LIST_PARAMETERS), options, false)
  }

  /** Totals of the whole site; on request in groups, as a series, filtered, and compared with the period before. */
  async siteAnalytics(query: SiteAnalyticsQuery = {}, options: CallOptions = {}): Promise<SiteAnalytics> {
    const search = siteSearch(query)
    checkOptions('options', options, CALL_OPTIONS)
    const response = await this.#call(options, 1, (patience) =>
      this.#transport.get('/analytics/site', search, { ...patience, isBulk: false }),
    )
    if (!isSiteAnalytics(response)) throw unexpectedResponse()
    return response
  }

  /** How many requests the key made on each of the last days of UTC, by how they ended. The last day is today. */
  async usage(options: UsageOptions = {}): Promise<Usage> {
    checkOptions('options', options, [...USAGE_PARAMETERS, ...CALL_OPTIONS])
    const search = searchOf('options', options, USAGE_PARAMETERS)
    const response = await this.#call(options, 1, (patience) =>
      this.#transport.get('/usage', search, { ...patience, isBulk: false }),
    )
    if (!isUsage(response)) throw unexpectedResponse()
    return response
  }

  async #readPage(search: Search, options: CallOptions, isBulk: boolean): Promise<JobListResponse> {
    const response = await this.#call(options, 1, (patience) =>
      this.#transport.get('/jobs', search, { ...patience, isBulk }),
    )
    if (!isJobListResponse(response)) throw unexpectedResponse()
    return response
  }

  #readJobs(jobIds: readonly string[], options: JobAnalyticsOptions): Promise<FiguresOfJobs> {
    const batches = batchesOf(jobIds)
    const parameters = searchOf('options', options, JOB_VISITORS_PARAMETERS)
    const hasDates = parameters.some(([name]) => ['period', 'from', 'to'].includes(name))
    const search: Search = hasDates ? parameters : [['period', '30d'], ...parameters]
    const { onProgress } = options
    return this.#call(options, batches.length, (patience) =>
      this.#figures.join(JSON.stringify([search, batches]), { ...patience, onProgress }, (caller) =>
        readBatches(this.#transport, batches, search, caller),
      ),
    )
  }

  #call<Value>(
    { signal, deadlineMs }: CallOptions,
    requests: number,
    work: (patience: Patience) => Promise<Value>,
  ): Promise<Value> {
    const { gate } = this.#transport
    const set = deadlineMs ?? this.#deadlineMs
    const allowedMs = () => set ?? WORK_MS + gate.windowMs * (1 + Math.floor(requests / gate.bulkQuota))
    return withinDeadline({ signal, allowedMs }, work)
  }
}

function cacheMs(cache: unknown): number {
  if (cache === undefined || cache === false) return 0
  if (cache === true) return CACHE_MS
  if (isObject(cache)) return checkedMs('options.cache.maxAgeMs', cache['maxAgeMs'])
  throw invalidArgument('options.cache', `must be true, false or { maxAgeMs }, but is ${kindOf(cache)}`)
}

function isJobListResponse(response: unknown): response is JobListResponse {
  if (!isObject(response) || !Array.isArray(response['data']) || !isObject(response['meta'])) return false
  return isObject(response['meta']['pagination']) && 'next_cursor' in response['meta']['pagination']
}

function isUsage(response: unknown): response is Usage {
  return isObject(response) && isObject(response['data']) && Array.isArray(response['data']['days'])
}

function isSiteAnalytics(response: unknown): response is SiteAnalytics {
  return isObject(response) && isObject(response['data']) && isObject(response['data']['totals'])
}
