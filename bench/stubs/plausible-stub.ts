// Plausible's `/api/v2/query` as the benchmark needs it: every page that is asked for was visited.

import * as z from 'zod/mini'

const question = z.object({
  site_id: z.string(),
  metrics: z.array(z.string()),
  date_range: z.string(),
  dimensions: z.tuple([z.string()]),
  filters: z.tuple([z.tuple([z.literal('is'), z.string(), z.array(z.string())])]),
})

/** The body of the 200 for one query for visitors by one dimension. */
export function answerPlausible(body: string): string {
  const query = question.parse(JSON.parse(body))
  const [[, , names]] = query.filters
  return JSON.stringify({
    results: names.map((name, index) => ({ metrics: [100 + (index % 900)], dimensions: [name] })),
    meta: {},
    query: {
      ...query,
      date_range: ['2026-01-01T00:00:00+00:00', '2026-01-30T23:59:59+00:00'],
      order_by: [['visitors', 'desc']],
    },
  })
}
