// Plausible's `/api/v2/query` as the benchmark needs it: every requested page was visited.

import * as z from 'zod/mini'

const sentQuery = z.object({
  site_id: z.string(),
  metrics: z.array(z.string()),
  date_range: z.union([z.string(), z.tuple([z.string(), z.string()])]),
  dimensions: z.optional(z.array(z.string())),
  filters: z.optional(z.tuple([z.tuple([z.literal('is'), z.string(), z.array(z.string())])])),
})

const DAY_MS = 86_400_000
/** Stands for every named period: only the chain sends one. */
const NAMED_RANGE = ['2026-01-01', '2026-01-30'] as const
const GROUPS = ['Google', 'Indeed', 'Direct / None']

/** The body of the 200 for one query, as JSON text: rows of the named pages, of the days, of some groups, or of the whole. */
export function respondAsPlausible(body: string): string {
  const query = sentQuery.parse(JSON.parse(body))
  const { metrics, dimensions = [], filters, date_range: range } = query
  const [from, to] = typeof range === 'string' ? NAMED_RANGE : range
  const days = dimensions.includes('time:day') ? daysOf(from, to) : undefined
  const names = filters?.[0][2] ?? days ?? GROUPS
  const rows = dimensions.length === 0 ? [[]] : names.map((name) => [name])
  return JSON.stringify({
    results: rows.map((row, index) => ({ metrics: metrics.map(() => 100 + (index % 900)), dimensions: row })),
    meta: { ...(days && { time_labels: days }), total_rows: rows.length },
    query: {
      ...query,
      date_range: [`${from}T00:00:00+00:00`, `${to}T23:59:59+00:00`],
      order_by: [['visitors', 'desc']],
    },
  })
}

function daysOf(from: string, to: string): string[] {
  const days: string[] = []
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    days.push(new Date(at).toISOString().slice(0, 10))
  }
  return days
}
