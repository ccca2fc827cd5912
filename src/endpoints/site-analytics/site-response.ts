// Builds the response of GET /analytics/site from its figures.

import { fillGaps, namedMetrics, namedPoint } from '../../analytics/series.ts'
import {
  formatOffset,
  offsetMs,
  type RequestedWindow,
  type ResolvedWindow,
  windowBefore,
} from '../../analytics/windows.ts'
import type { TitledJob } from '../../directory/directory.ts'
import { jobUrl } from '../job-url.ts'
import { windowMeta } from '../window-parameters.ts'
import type { SiteFigures } from './figures.ts'
import type { SiteFilters } from './filters.ts'
import type { SiteAnalyticsQuery } from './parameters.ts'
import type { SiteAnalyticsResponse } from './response.ts'

/** Which of the groups are in the response. */
export interface Slice {
  limit: number
  offset: number
}

/** What the response is about. */
export interface SiteSubject {
  requested: RequestedWindow
  window: ResolvedWindow
  /** The organization's domain, for the URLs of jobs. */
  domain: string
  /** The jobs that rows of `group_by=job` may be about. */
  jobs: readonly TitledJob[]
}

/** The body; `figuresOf` returns the figures of a part that was queried. */
export function toResponse(
  query: SiteAnalyticsQuery,
  filters: SiteFilters,
  slice: Slice | undefined,
  figuresOf: (part: 'totals' | 'groups' | 'series') => SiteFigures | undefined,
  { requested, window, domain, jobs }: SiteSubject,
): SiteAnalyticsResponse {
  const { metrics, group_by: groupBy, interval } = query
  const totals = figuresOf('totals')
  const groups = figuresOf('groups')?.stats
  const series = figuresOf('series')?.stats
  const jobsById = new Map(jobs.map((job) => [job.id, job]))
  const total = groups?.totalGroups ?? 0
  return {
    data: {
      totals: namedMetrics(metrics, totals?.stats.rows[0]?.metrics ?? []),
      ...(totals?.previous && { previous: comparisonOf(query, window, totals) }),
      ...(groups && {
        groups: groups.rows.map((row) => ({
          value: row.group ?? '',
          ...(groupBy === 'job' && jobFields(domain, jobsById.get(row.group ?? ''))),
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
      ...windowMeta(requested, window),
      time_zone_offset: formatOffset(offsetMs(window.timeZone, window.closesAt - 1)),
      metrics,
      ...(groupBy && { group_by: groupBy }),
      ...(interval && { interval }),
      filters: filters.echo,
      ...(slice && {
        groups: {
          offset: slice.offset,
          limit: slice.limit,
          total,
          ...(groups?.isTruncated && { total_capped: true as const }),
          has_more: slice.offset + slice.limit < total,
        },
      }),
    },
  }
}

function jobFields(site: string, job: TitledJob | undefined) {
  return job && { id: job.id, title: job.title, url: jobUrl(site, job.paths[0]) }
}

function comparisonOf(query: SiteAnalyticsQuery, window: ResolvedWindow, { stats, previous }: SiteFigures) {
  const before = previous?.rows[0]?.metrics ?? []
  const now = stats.rows[0]?.metrics ?? []
  const changes = query.metrics.map((metric, index) => [
    metric,
    changeOf(before[index] ?? 0, now[index] ?? 0),
  ])
  return {
    totals: namedMetrics(query.metrics, before),
    change: Object.fromEntries(changes),
    ...windowBefore(window),
  }
}

/** In percent, to one decimal; null if there is nothing to compare with. */
function changeOf(before: number, now: number): number | null {
  if (before === 0) return now === 0 ? 0 : null
  return Math.round(((now - before) / before) * 1_000) / 10
}
