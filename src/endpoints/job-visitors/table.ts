// GET /analytics/jobs as a table: one row per job, or with a series one row per job and date.

import type { Table } from '../../http/csv.ts'
import type { JobMetric } from '../job-figures.ts'
import type { JobVisitorsResponse } from './response.ts'

/** The figures of a response, with a column for each of these metrics. */
export function jobVisitorsTable({ data }: JobVisitorsResponse, metrics: readonly JobMetric[]): Table {
  if (data.series) {
    const rows = Object.entries(data.series).flatMap(([id, points]) =>
      points.map((point) => [id, point.date, ...metrics.map((metric) => point[metric] ?? null)]),
    )
    return { columns: ['job_id', 'date', ...metrics], rows }
  }
  const rows = Object.keys(data.visitors).map((id) => [
    id,
    ...metrics.map((metric) => data[metric]?.[id] ?? null),
  ])
  return { columns: ['job_id', ...metrics], rows }
}
