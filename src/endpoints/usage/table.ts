// GET /usage as a table: one row per day and key.

import type { Table } from '../../http/csv.ts'
import { USAGE_OUTCOMES } from '../../usage/usage.ts'
import type { UsageResponse } from './response.ts'

/** The requests of a response, with a column for each way in which they ended. */
export function usageTable({ data }: UsageResponse): Table {
  const columns = ['key_id', ...USAGE_OUTCOMES] as const
  const rows = data.days.flatMap(({ date, keys }) =>
    keys.map((key) => [date, ...columns.map((name) => key[name])]),
  )
  return { columns: ['date', ...columns], rows }
}
