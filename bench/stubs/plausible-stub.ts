// Plausible's `/api/v2/query` as the benchmark needs it: every page that is asked for was visited.

import * as z from 'zod/mini'

const question = z.object({
  site_id: z.string(),
  metrics: z.array(z.string()),
  date_range: z.string(),
  dimensions: z.optional(z.array(z.string())),
  filters: z.optional(z.tuple([z.tuple([z.literal('is'), z.string(), z.array(z.string())])])),
})

const DAYS = Array.from({ length: 30 }, (_, index) => `2026-01-${String(index + 1).padStart(2, '0')}`)

/** The body of the 200 for one query: of the pages it names, of the days, of some groups, or of the whole. */
export function answerPlausible(body: string): string {
  const query = question.parse(JSON.parse(body))
  const { metrics, dimensions = [], filters } = query
  const names =
    filters?.[0][2] ?? (dimensions.includes('time:day') ? DAYS : ['Google', 'Indeed', 'Direct / None'])
  const rows = dimensions.length === 0 ? [[]] : names.map((name) => [name])
  return JSON.stringify({
    results: rows.map((row, index) => ({ metrics: metrics.map(() => 100 + (index % 900)), dimensions: row })),
    meta: { ...(dimensions.includes('time:day') && { time_labels: DAYS }), total_rows: rows.length },
    query: {
      ...query,
      date_range: ['2026-01-01T00:00:00+00:00', '2026-01-30T23:59:59+00:00'],
      order_by: [['visitors', 'desc']],
    },
  })
}
