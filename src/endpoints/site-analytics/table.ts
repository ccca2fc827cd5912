// GET /analytics/site as a table: its groups, or its series, or else its totals.

import type { Table } from '../../http/csv.ts'
import type { SiteAnalyticsResponse } from './response.ts'

/** The figures of a response. A comparison adds a second row to totals. */
export function siteTable({ data, meta }: SiteAnalyticsResponse): Table {
  const { metrics } = meta
  const figuresOf = (figures: SiteAnalyticsResponse['data']['totals']) =>
    metrics.map((metric) => figures[metric] ?? null)
  if (data.groups) {
    // The value of a job's group is its ID.
    const jobColumns = meta.group_by === 'job' ? ['title', 'url'] : []
    return {
      columns: [meta.group_by ?? 'value', ...jobColumns, ...metrics],
      rows: data.groups.map((group) => [
        group.value,
        ...(jobColumns.length > 0 ? [group.title ?? null, group.url ?? null] : []),
        ...figuresOf(group),
      ]),
    }
  }
  if (data.series) {
    const rows = data.series.map((point) => [point.date, ...figuresOf(point)])
    return { columns: ['date', ...metrics], rows }
  }
  const { previous } = data
  return {
    columns: ['from', 'to', ...metrics],
    rows: [
      [meta.from, meta.to, ...figuresOf(data.totals)],
      ...(previous ? [[previous.from, previous.to, ...figuresOf(previous.totals)]] : []),
    ],
  }
}
