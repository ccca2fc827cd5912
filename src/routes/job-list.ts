// GET /jobs: the organization's jobs, a page at a time, on request with the visitors of each.

import type { JobListAnswer } from '../answers/job-list.ts'
import type { ParameterProblem } from '../answers/parameter-problem.ts'
import {
  type JobListQuery,
  jobListQuery,
  MAX_COUNTED_MATCHES,
  MAX_NUMBERED_ITEMS,
} from '../contract/job-list.ts'
import { decodeCursor, encodeCursor, sortedPart } from '../domain/job-cursor.ts'
import type { Period } from '../domain/stats-question.ts'
import type { Endpoint, Plan } from '../request/endpoint.ts'
import { pick } from '../request/reading.ts'
import type { JobList, JobSelection, ListedJob } from '../services.ts'
import { type JobFigures, jobKeyPrefix, parseJobFigures, readJobs } from './job-figures.ts'

interface JobListPlan extends Plan {
  selection: JobSelection
  page: number
  /** The period to tell the visitors of; undefined where they are not wanted. */
  period: Period | undefined
}

const VISITORS = ['visitors'] as const

export const jobList: Endpoint<JobListQuery, JobListPlan, JobList, JobFigures> = {
  query: jobListQuery,

  plan(query) {
    const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor)
    const problems = problemsOf(query, cursor !== undefined)
    if (problems.length > 0) return problems
    const page = cursor?.page ?? query.page ?? 1
    const selection: JobSelection = {
      status: query.status,
      words: query.q,
      sort: cursor?.sort ?? query.sort,
      after: cursor,
      limit: query.per_page,
      offset: cursor ? 0 : (page - 1) * query.per_page,
      mostCounted: MAX_COUNTED_MATCHES,
    }
    const period = query.include ? (query.period ?? '30d') : undefined
    return { selection, page, period, cacheKeys: [], log: { per_page: query.per_page, sort: selection.sort } }
  },

  lookUp: (directory, keyHash, { selection }) => directory.listJobs(keyHash, selection),

  read({ period }, { id, domain }, { jobs }, { store }) {
    if (period === undefined) return undefined
    if (domain === undefined) return { code: 'domain_not_verified' }
    const keyPrefix = jobKeyPrefix(period, VISITORS)
    return {
      site: domain,
      cacheKeys: jobs.map((job) => keyPrefix + job.id),
      parse: parseJobFigures,
      refreshName: `${keyPrefix}${id}`,
      query: (positions) =>
        readJobs(store, domain, { metrics: VISITORS, range: period }, pick(jobs, positions)),
    }
  },

  answer({ selection, page, period }, list, values, { domain }, url) {
    const { jobs, total, hasMore, isCapped } = list
    const last = jobs.at(-1)
    const next = hasMore && last ? cursorAfter(last, selection, page + 1) : null
    const body: JobListAnswer = {
      data: jobs.map((job, index) => ({
        ...toWire(job, domain),
        ...(period && { visitors: values[index]?.totals[0] ?? 0 }),
      })),
      meta: {
        pagination: {
          current_page: page,
          per_page: selection.limit,
          total_items: total,
          total_pages: Math.ceil(total / selection.limit),
          has_more: hasMore,
          ...(isCapped && { total_items_capped: true }),
          next_cursor: next,
        },
        ...(period && { period }),
      },
    }
    return { body, headers: { Link: linksOf(url(), page, selection, next) } }
  },
}

function problemsOf(query: JobListQuery, isCursorRead: boolean): ParameterProblem[] {
  const problems: ParameterProblem[] = []
  const add = (parameter: string, message: string) => problems.push({ parameter, message })
  if (query.cursor !== undefined) {
    if (!isCursorRead) add('cursor', 'Take a cursor from meta.pagination.next_cursor, as it is.')
    if (query.page !== undefined) add('page', 'A cursor knows its page; leave this out.')
  }
  if ((query.page ?? 1) * query.per_page > MAX_NUMBERED_ITEMS) {
    add(
      'page',
      `Pages by number reach ${MAX_NUMBERED_ITEMS} jobs far; go on with meta.pagination.next_cursor.`,
    )
  }
  if (query.period !== undefined && query.include === undefined) {
    add('period', 'A period is for include=visitors.')
  }
  return problems
}

function cursorAfter(job: ListedJob, { sort }: JobSelection, page: number): string {
  return encodeCursor({
    sort,
    value: sort === 'title' ? sortedPart(job.title) : job.createdAt,
    id: job.id,
    page,
  })
}

function toWire(job: ListedJob, domain: string | undefined): JobListAnswer['data'][number] {
  const { id, title, slug, status, path } = job
  return {
    id,
    title,
    slug,
    status,
    url: domain === undefined ? null : urlOf(domain, path),
    created_at: toSeconds(job.createdAt),
    expires_at: job.expiresAt === null ? null : toSeconds(job.expiresAt),
  }
}

/** Paths are kept as the store records them, decoded. */
function urlOf(domain: string, path: string): string {
  return `https://${domain}${encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23')}`
}

function toSeconds(time: string): string {
  return `${time.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`
}

/** RFC 8288: the first page, the one before where it has a number, and the next, always by its cursor. */
function linksOf(url: string, page: number, selection: JobSelection, next: string | null): string {
  const link = (relation: string, parameters: Record<string, string>) => {
    const target = new URL(url)
    target.searchParams.delete('cursor')
    target.searchParams.delete('page')
    for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value)
    return `<${target.href}>; rel="${relation}"`
  }
  const links = [link('first', {})]
  if (page > 1 && selection.after === undefined) links.push(link('prev', { page: String(page - 1) }))
  if (next !== null) links.push(link('next', { cursor: next }))
  return links.join(', ')
}
