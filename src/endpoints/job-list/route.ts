// GET /jobs: the organization's jobs, one page at a time, on request with the figures of each and ordered by them.

import { namedMetrics } from '../../analytics/series.ts'
import type { JobSelection, ListedJob } from '../../directory/directory.ts'
import { type ParameterProblem, rejectProblems } from '../../http/errors.ts'
import { parseParameters } from '../../http/query-parameters.ts'
import type { AppContext } from '../../request/app-env.ts'
import { identifyCaller } from '../../request/caller.ts'
import { formatOf, respondAs } from '../../request/respond.ts'
import type { Services } from '../../services.ts'
import { jobUrl } from '../job-url.ts'
import { metricsProblems } from '../metrics-problems.ts'
import { requestedWindow, windowMeta, windowProblems } from '../window-parameters.ts'
import { decodeCursor, encodeCursor, type JobCursor, sortedPart } from './cursor.ts'
import { type JobPage, readJobPage } from './job-page.ts'
import {
  INVALID_CURSOR,
  type JobListQuery,
  jobListParameters,
  LIST_METRICS,
  type ListMetric,
  type ListSort,
  MAX_COUNTED_MATCHES,
  MAX_NUMBERED_ITEMS,
} from './parameters.ts'
import type { JobListResponse } from './response.ts'
import { jobListTable } from './table.ts'
import { readTopJobs } from './top-jobs.ts'

/** The handler. */
export function jobList(services: Services) {
  return async function jobList(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifyCaller(c.req.raw, request, services)
    const query = parseParameters(jobListParameters, c.req.queries())
    const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor)
    const sort = cursor?.sort ?? query.sort
    const figure = figureOf(sort)
    // A list that is sorted by a figure includes it.
    const metrics = LIST_METRICS.filter((metric) => metric === figure || query.include?.includes(metric))
    rejectProblems([
      ...problemsOf(query, metrics, cursor, c.req.query('sort') !== undefined),
      ...metricsProblems(metrics, services, 'include'),
    ])
    const page = cursor?.page ?? query.page ?? 1
    const selection = selectionOf(query, sort, cursor, page)
    const requested = metrics.length > 0 ? requestedWindow(query) : undefined
    request.log({ per_page: query.per_page, sort })

    const jobs =
      figure && requested
        ? await readTopJobs(services, request, { caller, selection, figure, metrics, requested })
        : await readJobPage(services, request, { caller, selection, metrics, requested })

    request.responseHeaders['Cache-Control'] ??= 'private, no-cache'
    const next = nextCursor(jobs, sort, page)
    request.responseHeaders['Link'] = linksOf(request.origin, c.req.url, page, selection, next)
    const days = requested && jobs.window && windowMeta(requested, jobs.window)
    const body = toResponse(jobs, { page, limit: selection.limit, next }, metrics, days)
    return respondAs(c, formatOf(c, query), body, {
      toTable: (list) => jobListTable(list, metrics),
      fileName: 'jobs.csv',
    })
  }
}

/** The figure that a list is sorted by. */
function figureOf(sort: ListSort): ListMetric | undefined {
  return LIST_METRICS.find((metric) => sort === `-${metric}`)
}

function problemsOf(
  query: JobListQuery,
  metrics: readonly ListMetric[],
  cursor: JobCursor | undefined,
  isSortGiven: boolean,
): ParameterProblem[] {
  const problems: ParameterProblem[] = []
  const add = (parameter: string, message: string) => problems.push({ parameter, message })
  if (query.cursor !== undefined) {
    if (cursor === undefined) add('cursor', INVALID_CURSOR)
    if (query.page !== undefined) add('page', 'Must not be used with `cursor`, which includes the page.')
    if (cursor && isSortGiven && query.sort !== cursor.sort) {
      add(
        'sort',
        `The cursor continues a list in the order \`${cursor.sort}\`: leave out \`sort\`, or start anew.`,
      )
    }
  }
  if ((query.page ?? 1) * query.per_page > MAX_NUMBERED_ITEMS) {
    add(
      'page',
      `Page numbers reach ${MAX_NUMBERED_ITEMS} jobs. Continue with \`meta.pagination.next_cursor\`.`,
    )
  }
  for (const name of ['period', 'from', 'to'] as const) {
    if (query[name] !== undefined && metrics.length === 0) {
      add(name, `\`${name}\` requires \`include\`.`)
    }
  }
  return [...problems, ...windowProblems(query)]
}

function selectionOf(
  query: JobListQuery,
  sort: ListSort,
  cursor: JobCursor | undefined,
  page: number,
): JobSelection {
  const isByFigure = sort === '-visitors' || sort === '-applications'
  const weight = isByFigure && cursor && /^\d+$/.test(cursor.value) ? Number(cursor.value) : undefined
  return {
    status: query.status,
    words: query.q,
    sort: isByFigure ? '-created_at' : sort,
    after: cursor && { value: cursor.value, weight, id: cursor.id },
    limit: query.per_page,
    offset: cursor ? 0 : (page - 1) * query.per_page,
    mostCounted: MAX_COUNTED_MATCHES,
  }
}

function nextCursor({ list, lastWeight }: JobPage, sort: ListSort, page: number): string | null {
  const last = list.jobs.at(-1)
  if (!list.hasMore || last === undefined) return null
  const value = lastWeight ? String(lastWeight) : sort === 'title' ? sortedPart(last.title) : last.createdAt
  return encodeCursor({ sort, value, id: last.id, page: page + 1 })
}

function toResponse(
  { list: { jobs, total, hasMore, isCapped }, domain, figures }: JobPage,
  { page, limit, next }: { page: number; limit: number; next: string | null },
  metrics: readonly ListMetric[],
  days: ReturnType<typeof windowMeta> | undefined,
): JobListResponse {
  return {
    data: jobs.map((job, index) => ({
      ...toListedJob(job, domain),
      ...(figures && namedMetrics(metrics, figures[index] ?? [])),
    })),
    meta: {
      pagination: {
        current_page: page,
        per_page: limit,
        total_items: total,
        total_pages: Math.ceil(total / limit),
        has_more: hasMore,
        ...(isCapped && { total_items_capped: true }),
        next_cursor: next,
      },
      ...days,
    },
  }
}

function toListedJob(job: ListedJob, domain: string | undefined): JobListResponse['data'][number] {
  const { id, title, slug, status, paths } = job
  return {
    id,
    title,
    slug,
    status,
    url: domain === undefined ? null : jobUrl(domain, paths[0]),
    created_at: toSeconds(job.createdAt),
    expires_at: job.expiresAt === null ? null : toSeconds(job.expiresAt),
  }
}

function toSeconds(time: string): string {
  return `${time.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`
}

/** RFC 8288: the first page, the previous one if it has a number, and the next one, always by its cursor. */
function linksOf(
  origin: string,
  url: string,
  page: number,
  selection: JobSelection,
  next: string | null,
): string {
  const link = (relation: string, parameters: Record<string, string>) => {
    const { pathname, search } = new URL(url)
    const target = new URL(pathname + search, origin)
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
