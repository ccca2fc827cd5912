// Parses the body of `POST /api/v2/query`. Like Plausible, it refuses an unknown key anywhere.
import { z } from 'zod'
import { type FilterTree, parseFilterTree } from './filter-tree.ts'
import { PlausibleRefusal, unsupported } from './plausible-refusal.ts'
import { assertQueryDimension } from './query-dimensions.ts'

const METRICS = [
  'visitors',
  'visits',
  'pageviews',
  'views_per_visit',
  'bounce_rate',
  'visit_duration',
  'events',
] as const

/** A metric that the stand-in counts. */
export type Metric = (typeof METRICS)[number]

const OTHER_METRICS = new Set([
  ...['percentage', 'conversion_rate', 'group_conversion_rate', 'scroll_depth', 'time_on_page'],
  ...['average_revenue', 'total_revenue', 'exit_rate'],
])
const OTHER_INCLUDES = ['imports', 'trim_relative_date_range'] as const

const request = z.strictObject({
  site_id: z.string().min(1),
  metrics: z.array(z.string()).min(1),
  date_range: z.union([z.string(), z.tuple([z.string(), z.string()])]),
  dimensions: z.array(z.string()).default([]),
  filters: z.array(z.unknown()).default([]),
  order_by: z.array(z.tuple([z.string(), z.enum(['asc', 'desc'])])).optional(),
  include: z
    .strictObject({
      time_labels: z.boolean().default(false),
      total_rows: z.boolean().default(false),
      imports: z.boolean().default(false),
      trim_relative_date_range: z.boolean().default(false),
    })
    .prefault({}),
  pagination: z
    .strictObject({
      limit: z.int().min(1).max(10_000).default(10_000),
      offset: z.int().min(0).default(0),
    })
    .prefault({}),
})

/** A well-formed query. `planQuery` checks whether its parts can be combined. */
export type QueryRequest = {
  readonly siteId: string
  readonly metrics: readonly Metric[]
  readonly dateRange: string | readonly [string, string]
  readonly dimensions: readonly string[]
  readonly filters: readonly FilterTree[]
  readonly orderBy: readonly (readonly [string, 'asc' | 'desc'])[] | undefined
  readonly include: { readonly timeLabels: boolean; readonly totalRows: boolean }
  readonly pagination: { readonly limit: number; readonly offset: number }
}

/** Parses a query. Throws a `PlausibleRefusal` (400) that names the invalid part. */
export function parseQueryRequest(body: unknown): QueryRequest {
  const parsed = request.safeParse(body)
  if (!parsed.success) throw new PlausibleRefusal(400, describe(parsed.error))
  const { site_id, metrics, date_range, dimensions, filters, order_by, include, pagination } = parsed.data
  assertUnique('metrics', metrics)
  assertUnique('dimensions', dimensions)
  dimensions.forEach((dimension, index) => {
    assertQueryDimension(dimension, `#/dimensions/${index}`)
  })
  for (const name of OTHER_INCLUDES) if (include[name]) throw unsupported(`include.${name}`)
  return {
    siteId: site_id,
    metrics: metrics.map(parseMetric),
    dateRange: date_range,
    dimensions,
    filters: filters.map((filter, index) => parseFilterTree(filter, `#/filters/${index}`)),
    orderBy: order_by,
    include: { timeLabels: include.time_labels, totalRows: include.total_rows },
    pagination,
  }
}

function parseMetric(name: string, index: number): Metric {
  const metric = METRICS.find((known) => known === name)
  if (metric !== undefined) return metric
  if (OTHER_METRICS.has(name)) throw unsupported(`the metric ${name}`)
  throw new PlausibleRefusal(400, `#/metrics/${index}: Invalid metric "${name}"`)
}

function assertUnique(part: string, values: readonly string[]): void {
  if (new Set(values).size === values.length) return
  throw new PlausibleRefusal(400, `#/${part}: Expected items to be unique but they were not.`)
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `#/${issue.path.join('/')}: ${issue.message}`).join('\n')
}
