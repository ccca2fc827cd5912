// `GET /api/v1/stats/breakdown`: metrics by one property, a page of rows at a time.
import type { Comparison } from '../filter-tree.ts'
import { PlausibleRefusal, unsupported } from '../plausible-refusal.ts'
import { sideOfDimension } from '../query-dimensions.ts'
import { planQuery, type QueryPlan } from '../query-plan.ts'
import type { Metric, QueryRequest } from '../query-request.ts'
import type { StandIn } from '../stand-in.ts'
import type { Site } from '../visit-sites.ts'
import { parseV1Filters } from './v1-filters.ts'
import { assertSameInVersion2, hasEventFilters, parseV1Metrics } from './v1-metrics.ts'
import type { V1Parameters } from './v1-parameters.ts'
import { parseV1Period, rangeOfPeriod } from './v1-period.ts'
import { assertV1Property, rowKeyOfProperty, skippedBlankOf } from './v1-properties.ts'
import { countV1 } from './v1-query.ts'

const MAX_LIMIT = 1000
const DEFAULT_LIMIT = 100

/** A row: the property's value under its short name (`page`), and a number for each metric. */
type BreakdownRow = Readonly<Record<string, string | number>>

/** Counts the rows of one page; `isVersion2` refuses what version 2 of Plausible counts otherwise. */
export function breakdown(
  standIn: StandIn,
  site: Site,
  parameters: V1Parameters,
  isVersion2: boolean,
): BreakdownRow[] {
  const period = parseV1Period(parameters['period'], parameters['date'])
  const property = parseProperty(parameters['property'], isVersion2)
  const filters = parseV1Filters(parameters['filters'] ?? '', isVersion2)
  const metrics = parseV1Metrics(parameters['metrics'], { filters, property })
  if (isVersion2) assertSameInVersion2('breakdown', metrics, { filters, property })
  const limit = parseLimit(parameters['limit'])
  const page = parsePage(parameters['page'])
  assertCountable(property, metrics, filters)
  const range = rangeOfPeriod(period, site.timezone, standIn.now())
  const skipped = blankFilter(property, isVersion2)
  const query = { site, range, metrics, filters: [...filters, ...skipped], dimension: property, limit, page }
  const plan = sideOfDimension(property) === 'event' ? planQuery : planVisits
  return countV1(standIn, query, plan).map((row) => ({
    [rowKeyOfProperty(property)]: row.value ?? '',
    ...row.metrics,
  }))
}

// Page views and events by a property of visits are those of whole visits, wherever their events lie.
function planVisits(request: QueryRequest, range: Parameters<typeof planQuery>[1]): QueryPlan {
  const { metrics, dimensions, filters, orderBy } = request
  const ofEvents = metrics.some((metric) => metric === 'pageviews' || metric === 'events')
  if (!ofEvents) return planQuery(request, range)
  return {
    dimensions,
    orderBy: orderBy ?? [],
    parts: [{ side: 'sessions', metrics, dimensions, filters, smeared: false }],
  }
}

function assertCountable(property: string, metrics: readonly Metric[], filters: readonly Comparison[]): void {
  const ofEvents = metrics.find((metric) => metric === 'pageviews' || metric === 'events')
  if (ofEvents === undefined || sideOfDimension(property) === 'event' || !hasEventFilters(filters)) return
  throw unsupported(
    `\`${ofEvents}\` by ${property} with a filter on events, which versions of Plausible count differently`,
  )
}

// Version 2 has a row for visits without a page view, under an empty page.
function blankFilter(property: string, isVersion2: boolean): Comparison[] {
  const blank = skippedBlankOf(property)
  const isPage = property === 'visit:entry_page' || property === 'visit:exit_page'
  if (blank === undefined || (isVersion2 && isPage)) return []
  return [
    { kind: 'comparison', operator: 'is_not', dimension: property, clauses: [blank], caseSensitive: true },
  ]
}

function parseProperty(property: string | undefined, isVersion2: boolean): string {
  if (property === undefined) throw new PlausibleRefusal(400, 'The `property` parameter is required.')
  if (property === 'event:hostname') {
    throw new PlausibleRefusal(400, "Property 'event:hostname' is currently not supported for breakdowns.")
  }
  assertV1Property(property, 'property', isVersion2)
  return property
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT
  const limit = wholeNumber(text)
  if (limit > 0 && limit <= MAX_LIMIT) return limit
  throw new PlausibleRefusal(400, `Please provide limit as a number between 1 and ${MAX_LIMIT}.`)
}

function parsePage(text: string | undefined): number {
  if (text === undefined) return 1
  const page = wholeNumber(text)
  if (page > 0) return page
  throw new PlausibleRefusal(400, 'Please provide page as a positive number.')
}

function wholeNumber(text: string): number {
  return /^[+-]?\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}
