// Reads the largest groups of a dimension.

import type { Dimension, Metric, SiteAnalytics, SiteAnalyticsQuery } from 'job-analytics-client'
import { siteSearch } from '../../../packages/client/src/site-query.ts'
import { analytics } from '../api/analytics.ts'
import { apiFilters, type Selection } from './selection.ts'
import { type QueryState, useQuery } from './use-query.ts'

/** The query for the largest groups. */
export function groupsQuery(
  { days, filters }: Selection,
  metric: Metric,
  dimension: Dimension,
  limit: number,
): SiteAnalyticsQuery {
  return { ...days, metrics: [metric], groupBy: dimension, limit, filters: apiFilters(filters) }
}

/** Reads the groups, once they may be. Those of the query before stand in until they arrive. */
export function useGroups(query: SiteAnalyticsQuery, enabled: boolean): QueryState<SiteAnalytics> {
  return useQuery({
    enabled,
    name: ['site', query],
    read: (signal) => analytics.siteAnalytics(query, { signal }),
    keepsPrevious: true,
  })
}

/** The address of the CSV file of the groups. */
export function groupsCsvPath(query: SiteAnalyticsQuery): string {
  return `/analytics/site?${new URLSearchParams([...siteSearch(query), ['format', 'csv']])}`
}
