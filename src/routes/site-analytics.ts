// GET /analytics/site: the whole board's figures, broken down, over time, filtered and compared.

import type { ParameterProblem } from '../answers/parameter-problem.ts'
import type { SiteAnalyticsAnswer } from '../answers/site-analytics.ts'
import { type SiteAnalyticsQuery, siteAnalyticsQuery } from '../contract/site-analytics.ts'
import { digestOf } from '../domain/digest.ts'
import { fillGaps, namedMetrics, namedPoint } from '../domain/series.ts'
import { readSiteFilters, type SiteFilters } from '../domain/site-filters.ts'
import type { StatsQuestion } from '../domain/stats-question.ts'
import type { Endpoint, Plan } from '../request/endpoint.ts'
import { pick } from '../request/reading.ts'
import type { AnalyticsStore, OwnedJob } from '../services.ts'
import { parseSiteFigures, readSite, type SiteFigures } from './site-figures.ts'

/** The parts of an answer; each is cached by itself, and all are read in parallel. */
export type SitePart = 'totals' | 'groups' | 'series'

interface SitePlanDetails extends Plan {
  query: SiteAnalyticsQuery
  filters: SiteFilters
  slice: { limit: number; offset: number; page: number } | undefined
  /** In the order of the cache keys. */
  parts: readonly SitePart[]
}

type SiteRows = { named: OwnedJob[]; listed: OwnedJob[] }

const DEFAULT_LIMIT = 100
/** More jobs than this cannot be named in one query. */
const MAX_LISTED_JOBS = 5_000

export const siteAnalytics: Endpoint<SiteAnalyticsQuery, SitePlanDetails, SiteRows, SiteFigures> = {
  query: siteAnalyticsQuery,

  async plan(query, keyHash, { store }) {
    const { pageNumbers, ...texts } = splitPage(query)
    const [pageNumber] = pageNumbers
    const filters = readSiteFilters(texts)
    const problems = [...filters.problems, ...problemsOf(query, pageNumbers, filters, store)]
    if (problems.length > 0) return problems
    const { period, metrics, group_by: groupBy, interval, limit = DEFAULT_LIMIT, compare } = query
    const page = Number(pageNumber ?? 1)
    const slice = groupBy && { limit, offset: (page - 1) * limit, page }
    const base = JSON.stringify([period, metrics, filters.echo])
    const named = async (part: SitePart, ...details: unknown[]): Promise<[SitePart, string]> => [
      part,
      `site:${keyHash.slice(0, 16)}:${await digestOf(JSON.stringify([base, part, ...details]))}`,
    ]
    const parts = await Promise.all([
      named('totals', compare),
      ...(slice ? [named('groups', groupBy, slice)] : []),
      ...(interval ? [named('series', interval)] : []),
    ])
    return {
      query,
      filters,
      slice,
      parts: parts.map(([part]) => part),
      cacheKeys: parts.map(([, key]) => key),
      log: { period, metrics, ...(groupBy && { group_by: groupBy }), ...(interval && { interval }) },
    }
  },

  lookUp(directory, keyHash, { query, filters }) {
    const ids = filters.jobFilters.flatMap(({ jobs }) => jobs.map(({ id }) => id))
    const isAllListed = query.group_by === 'job' && !isJobNamed(filters)
    return directory.siteJobs(keyHash, ids, isAllListed ? MAX_LISTED_JOBS + 1 : 0)
  },

  read({ query, filters, slice, parts, cacheKeys }, organization, { named, listed }, services) {
    if (organization.domain === undefined) return { code: 'domain_not_verified' }
    const owned = new Map(named.map((job) => [job.id, job]))
    const denied = filters.jobFilters.flatMap(({ jobs }) => jobs.filter(({ id }) => !owned.has(id)))
    if (denied.length > 0) {
      return { code: 'job_access_denied', jobIds: denied.map(({ asWritten }) => asWritten) }
    }
    if (listed.length > MAX_LISTED_JOBS) {
      const message = `job takes at most ${MAX_LISTED_JOBS} jobs: name some with job=, or group by page.`
      return { code: 'invalid_request', details: [{ parameter: 'group_by', message }] }
    }
    const jobFilters = filters.jobFilters.map(({ isNegated, jobs }) => ({
      isNegated,
      jobs: jobs.flatMap(({ id }) => owned.get(id) ?? []),
    }))
    const base: StatsQuestion = {
      metrics: query.metrics,
      range: query.period,
      filters: filters.filters,
      jobFilters,
    }
    const byJob = isJobNamed(filters) ? jobFilters : [{ isNegated: false, jobs: listed }, ...jobFilters]
    const questions: Record<SitePart, StatsQuestion> = {
      totals: base,
      groups: {
        ...base,
        ...(query.group_by && { groupBy: query.group_by }),
        ...(slice && { slice: { limit: slice.limit, offset: slice.offset } }),
        jobFilters: query.group_by === 'job' ? byJob : jobFilters,
      },
      series: { ...base, ...(query.interval && { interval: query.interval }) },
    }
    const { domain, id } = organization
    return {
      site: domain,
      cacheKeys,
      parse: parseSiteFigures,
      refreshName: `${cacheKeys[0]}:${id}`,
      query: (positions) =>
        readSite(
          services,
          domain,
          pick(parts, positions).map((part) => ({
            question: questions[part],
            compare: part === 'totals' && query.compare !== undefined,
          })),
        ),
    }
  },

  answer({ query, filters, slice, parts }, _rows, values) {
    const { period, metrics, group_by: groupBy, interval } = query
    const figuresOf = (part: SitePart) => values[parts.indexOf(part)]
    const totals = figuresOf('totals')
    const groups = figuresOf('groups')?.stats
    const series = figuresOf('series')?.stats
    const { from = '', to = '' } = totals?.stats ?? {}
    const total = groups?.totalGroups ?? 0
    const body: SiteAnalyticsAnswer = {
      data: {
        totals: namedMetrics(metrics, totals?.stats.rows[0]?.metrics ?? []),
        ...(totals?.previous && { previous: comparisonOf(query, totals) }),
        ...(groups && {
          groups: groups.rows.map((row) => ({
            value: row.group ?? '',
            ...namedMetrics(metrics, row.metrics),
          })),
        }),
        ...(series && {
          series: fillGaps(series.labels ?? [], series.rows, metrics.length).map((point) =>
            namedPoint(metrics, point),
          ),
        }),
      },
      meta: {
        period,
        from: from.slice(0, 10),
        to: to.slice(0, 10),
        time_zone_offset: offsetOf(to),
        metrics,
        ...(groupBy && { group_by: groupBy }),
        ...(interval && { interval }),
        filters: filters.echo,
        ...(slice && {
          groups: {
            page: slice.page,
            limit: slice.limit,
            total,
            has_more: slice.offset + slice.limit < total,
          },
        }),
      },
    }
    return { body }
  },
}

function isJobNamed({ jobFilters }: SiteFilters): boolean {
  return jobFilters.some(({ isNegated }) => !isNegated)
}

/** Of the texts of `page`, a number turns the pages of the groups; all others are paths to filter by. */
function splitPage(query: SiteAnalyticsQuery) {
  const isNumber = (text: string) => /^\d+$/.test(text)
  const paths = query.page?.filter((text) => !isNumber(text))
  return { ...query, page: paths, pageNumbers: query.page?.filter(isNumber) ?? [] }
}

function problemsOf(
  query: SiteAnalyticsQuery,
  pageNumbers: readonly string[],
  { filters, jobFilters }: SiteFilters,
  store: AnalyticsStore,
): ParameterProblem[] {
  const problems: ParameterProblem[] = []
  const add = (parameter: string, message: string) => problems.push({ parameter, message })
  const { metrics, group_by: groupBy, interval } = query
  if (query.limit !== undefined && !groupBy) add('limit', 'A limit is for group_by.')
  if (pageNumbers.length > 1) add('page', 'Give one page number.')
  if (pageNumbers.length > 0 && !groupBy) add('page', 'A page number is for group_by; a path begins with /.')
  if (pageNumbers.some((text) => Number(text) < 1 || Number(text) > 10_000)) {
    add('page', 'Pages are numbered from 1 to 10000.')
  }
  const jobs = jobFilters.map(({ isNegated }) => ({ isNegated, jobs: [] }))
  const base = { metrics, filters, jobFilters: jobs }
  const refusals = [
    store.refusalOf(base),
    ...(groupBy ? [store.refusalOf({ ...base, groupBy })] : []),
    ...(interval ? [store.refusalOf({ ...base, interval })] : []),
  ]
  for (const message of new Set(refusals)) if (message) add('metrics', message)
  return problems
}

function comparisonOf(query: SiteAnalyticsQuery, { stats, previous }: SiteFigures) {
  const before = previous?.rows[0]?.metrics ?? []
  const now = stats.rows[0]?.metrics ?? []
  const changes = query.metrics.map((metric, index) => [
    metric,
    changeOf(before[index] ?? 0, now[index] ?? 0),
  ])
  return {
    totals: namedMetrics(query.metrics, before),
    change: Object.fromEntries(changes),
    from: previous?.from.slice(0, 10) ?? '',
    to: previous?.to.slice(0, 10) ?? '',
  }
}

/** In percent, to one decimal; null where there is nothing to compare with. */
function changeOf(before: number, now: number): number | null {
  if (before === 0) return now === 0 ? 0 : null
  return Math.round(((now - before) / before) * 1_000) / 10
}

function offsetOf(time: string): string {
  return /[+-]\d\d:\d\d$/.exec(time)?.[0] ?? '+00:00'
}
