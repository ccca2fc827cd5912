// Runs a planned query and returns its rows in the shape that Plausible returns.
import type { DatabaseSync } from 'node:sqlite'
import { type DateRange, echoDateRange } from './date-range.ts'
import { dimensionsOfFilters } from './filter-sql.ts'
import { unsupported } from './plausible-refusal.ts'
import { queryPartSql } from './query-part-sql.ts'
import type { QueryPart, QueryPlan } from './query-plan.ts'
import type { Metric, QueryRequest } from './query-request.ts'
import { isTimeDimension, labelOfBucket, timeLabels } from './time-buckets.ts'

type Cell = string | number
type Row = { readonly dimensions: readonly Cell[]; readonly metrics: Map<string, Cell> }

/** The body of a response; `query.filters` repeats the JSON of the request. */
export type QueryResult = {
  readonly results: readonly { readonly metrics: readonly Cell[]; readonly dimensions: readonly Cell[] }[]
  readonly meta: { readonly total_rows?: number; readonly time_labels?: readonly string[] }
  readonly query: Readonly<Record<string, unknown>>
}

/** Counts the plan's metrics over one site's rows. Throws a `PlausibleRefusal` for channels it cannot count. */
export function queryVisits(
  db: DatabaseSync,
  siteId: number,
  request: QueryRequest,
  plan: QueryPlan,
  range: DateRange,
  rawFilters: unknown,
): QueryResult {
  assertChannelsKnown(db, siteId, request)
  const rows = mergeParts(
    plan,
    plan.parts.map((part) => runPart(db, part, siteId, range)),
  )
  const { limit, offset } = request.pagination
  const page = rows.toSorted(compareBy(plan, request.metrics)).slice(offset, offset + limit)
  const time = plan.dimensions.find(isTimeDimension)
  return {
    results: page.map((row) => ({
      metrics: request.metrics.map((metric) => row.metrics.get(metric) ?? 0),
      dimensions: row.dimensions.map((cell, index) => labelOfCell(plan.dimensions[index], cell, range)),
    })),
    meta: {
      ...(request.include.timeLabels && time ? { time_labels: timeLabels(time, range) } : {}),
      // Plausible reads the total from the rows, so it is 0 on a page after the last row.
      ...(request.include.totalRows ? { total_rows: page.length === 0 ? 0 : rows.length } : {}),
    },
    query: {
      site_id: request.siteId,
      metrics: request.metrics,
      date_range: echoDateRange(range),
      filters: rawFilters ?? [],
      dimensions: plan.dimensions,
      order_by: plan.orderBy,
      include: {
        ...(request.include.timeLabels ? { time_labels: true } : {}),
        ...(request.include.totalRows ? { total_rows: true } : {}),
      },
      pagination: request.pagination,
    },
  }
}

function runPart(db: DatabaseSync, part: QueryPart, siteId: number, range: DateRange): Row[] {
  const { text, values } = queryPartSql(part, siteId, range)
  const cells = db.prepare(text).all(...values)
  return cells.map((row) => ({
    dimensions: part.dimensions.map((_, index) => cellOf(row[`d${index}`])),
    metrics: new Map(part.metrics.map((metric, index) => [metric, cellOf(row[`m${index}`])])),
  }))
}

// The first part decides which rows exist. Only an hour can have visits without an event.
function mergeParts(plan: QueryPlan, parts: readonly Row[][]): Row[] {
  const [first = [], ...others] = parts
  const keepsAll = plan.dimensions.includes('time:hour')
  const rows = new Map(first.map((row) => [JSON.stringify(row.dimensions), row]))
  for (const row of others.flat()) {
    const key = JSON.stringify(row.dimensions)
    const known = rows.get(key)
    if (known === undefined && keepsAll) rows.set(key, row)
    for (const [metric, value] of row.metrics) known?.metrics.set(metric, value)
  }
  return [...rows.values()]
}

function compareBy(plan: QueryPlan, metrics: readonly Metric[]): (a: Row, b: Row) => number {
  const cellOfRow = (row: Row, name: string) =>
    metrics.some((metric) => metric === name)
      ? (row.metrics.get(name) ?? 0)
      : (row.dimensions[plan.dimensions.indexOf(name)] ?? '')
  return (a, b) => {
    for (const [name, direction] of plan.orderBy) {
      const order = compareCells(cellOfRow(a, name), cellOfRow(b, name))
      if (order !== 0) return direction === 'asc' ? order : -order
    }
    return 0
  }
}

function compareCells(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

function labelOfCell(dimension: string | undefined, cell: Cell, range: DateRange): Cell {
  return dimension !== undefined && isTimeDimension(dimension) ? labelOfBucket(dimension, cell, range) : cell
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'number' || typeof value === 'string') return value
  throw new Error(`the stand-in counted ${typeof value}`)
}

// Plausible derives the channel from the source with a long list. The stand-in only has the channels it was sent.
function assertChannelsKnown(db: DatabaseSync, siteId: number, request: QueryRequest): void {
  const named = [...request.dimensions, ...dimensionsOfFilters(request.filters)]
  if (!named.includes('visit:channel')) return
  const unknown = db
    .prepare(
      `select 1 from sessions s join acquisitions a on a.id = s.acquisition_id
       where s.site_id = ? and a.channel = '' limit 1`,
    )
    .get(siteId)
  if (unknown !== undefined)
    throw unsupported('visit:channel for visits that were sent without their channel')
}
