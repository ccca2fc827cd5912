// GET /jobs as a table: one row per job.

import type { Table } from '../../http/csv.ts'
import type { ListMetric } from './parameters.ts'
import type { JobListResponse } from './response.ts'

const COLUMNS = ['id', 'title', 'slug', 'status', 'url', 'created_at', 'expires_at'] as const

/** The jobs of a page, with a column for each of these figures. */
export function jobListTable({ data }: JobListResponse, metrics: readonly ListMetric[]): Table {
  const columns = [...COLUMNS, ...metrics]
  return { columns, rows: data.map((job) => columns.map((column) => job[column] ?? null)) }
}
