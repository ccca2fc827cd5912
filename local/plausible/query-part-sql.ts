// One part of a planned query as one SQL statement: a column per dimension (`d0` ...) and metric (`m0` ...).
import type { DateRange } from './date-range.ts'
import { comparisonSql, dimensionsOfFilters, filtersSql } from './filter-sql.ts'
import type { FilterTree } from './filter-tree.ts'
import {
  blankOfDimension,
  columnOfDimension,
  propertyOfDimension,
  sideOfDimension,
} from './query-dimensions.ts'
import type { QueryPart } from './query-plan.ts'
import type { Metric } from './query-request.ts'
import { joinSql, type SqlFragment, sql, sqlName } from './sql-fragment.ts'
import { bucketSql, isTimeDimension } from './time-buckets.ts'

// A visit counts in every hour that it touches. Every zone's offset is a multiple of a quarter of an hour.
const SLOT_SECONDS = sqlName('900')

/** Returns the statement for one part. Its rows are unordered; without dimensions it returns exactly one row. */
export function queryPartSql(part: QueryPart, siteId: number, range: DateRange): SqlFragment {
  const dimensions = part.dimensions.map((name, index) => ({
    name,
    column: dimensionSql(name, index, part, range),
  }))
  const columns = [
    ...dimensions.map(({ column }, index) => sql`${column} as ${sqlName(`d${index}`)}`),
    ...part.metrics.map((metric, index) => sql`${metricSql(metric, part)} as ${sqlName(`m${index}`)}`),
  ]
  const from = part.side === 'events' ? eventsSql(part, siteId, range) : sessionsSql(part, siteId, range)
  const groups = part.dimensions.map((_, index) => sqlName(String(index + 1)))
  const groupBy = groups.length === 0 ? sqlName('') : sql`group by ${joinSql(groups, ', ')}`
  return sql`select ${joinSql(columns, ', ')} ${from} ${groupBy}`
}

function dimensionSql(name: string, index: number, part: QueryPart, range: DateRange): SqlFragment {
  if (isTimeDimension(name)) return bucketSql(name, instantSql(part, range), range)
  if (propertyOfDimension(name) !== undefined) {
    return sql`coalesce(nullif(${sqlName(`p${index}`)}.value, ''), '(none)')`
  }
  const column = sqlName(columnOfDimension(name))
  const blank = blankOfDimension(name)
  return blank === '' ? column : sql`case ${column} when '' then ${blank} else ${column} end`
}

// A visit counts at the time of its last event, or at the end of the range if it lasted longer.
function instantSql(part: QueryPart, range: DateRange): SqlFragment {
  if (part.side === 'events') return sqlName('e.timestamp')
  if (part.smeared) return sqlName('active.slot')
  return sql`cast(min(s.ended_at, ${range.last}) as integer)`
}

function metricSql(metric: Metric, part: QueryPart): SqlFragment {
  const onEvents = part.side === 'events'
  switch (metric) {
    case 'visitors':
      return sqlName(onEvents ? 'count(distinct e.visitor_id)' : 'count(distinct s.visitor_id)')
    case 'visits':
      if (onEvents) return sqlName('count(distinct e.session_id)')
      return sqlName(part.smeared ? 'count(distinct s.id)' : 'count(*)')
    case 'pageviews':
      return sqlName(onEvents ? `coalesce(sum(e.name = 'pageview'), 0)` : 'coalesce(sum(s.pageviews), 0)')
    case 'events':
      return sqlName(onEvents ? 'count(*)' : 'coalesce(sum(s.events), 0)')
    case 'visit_duration':
      return sqlName('mean(coalesce(sum(s.duration), 0), count(*), 0)')
    case 'views_per_visit':
      return sqlName('mean(coalesce(sum(s.pageviews), 0), count(*), 2)')
    case 'bounce_rate': {
      const counted = bounceConditionSql(part.filters)
      return sql`percent(coalesce(sum(s.is_bounce and ${counted}), 0), coalesce(sum(${counted}), 0))`
    }
  }
}

// With a filter on the page, only visits that began on such a page can bounce.
function bounceConditionSql(filters: readonly FilterTree[]): SqlFragment {
  const byPage = filters.find((tree) => tree.kind === 'comparison' && tree.dimension === 'event:page')
  return byPage?.kind === 'comparison' ? comparisonSql(byPage, sqlName('s.entry_page')) : sql`1`
}

function eventsSql(part: QueryPart, siteId: number, range: DateRange): SqlFragment {
  const named = [...part.dimensions, ...dimensionsOfFilters(part.filters)]
  const needsAcquisition = named.some((name) => sideOfDimension(name) === 'visit')
  const needsSession = needsAcquisition || named.some((name) => sideOfDimension(name) === 'session')
  const joins = part.dimensions.flatMap((name, index) => {
    const property = propertyOfDimension(name)
    const alias = sqlName(`p${index}`)
    if (property === undefined) return []
    return [
      sql`left join properties ${alias} on ${alias}.set_id = e.property_set_id and ${alias}.key = ${property}`,
    ]
  })
  return joinSql(
    [
      sqlName('from events e'),
      ...(needsSession ? [sqlName('join sessions s on s.id = e.session_id')] : []),
      ...(needsAcquisition ? [sqlName('join acquisitions a on a.id = s.acquisition_id')] : []),
      ...joins,
      sql`where e.site_id = ${siteId} and e.timestamp between ${range.first} and ${range.last}`,
      sql`and ${filtersSql(part.filters, 'events')}`,
    ],
    ' ',
  )
}

// Every visit that overlaps the range counts, including one that began before it.
function sessionsSql(part: QueryPart, siteId: number, range: DateRange): SqlFragment {
  const needsEvents = dimensionsOfFilters(part.filters).some((name) => sideOfDimension(name) === 'event')
  const withEvents = sql`and s.id in (select e.session_id ${eventsSql({ ...part, dimensions: [] }, siteId, range)})`
  const visits = joinSql(
    [
      sqlName('from sessions s join acquisitions a on a.id = s.acquisition_id'),
      sql`where s.site_id = ${siteId} and s.ended_at >= ${range.first} and s.started_at <= ${range.last}`,
      sql`and ${filtersSql(part.filters, 'sessions')}`,
      ...(needsEvents ? [withEvents] : []),
    ],
    ' ',
  )
  return part.smeared ? smearedSql(visits, range) : visits
}

function smearedSql(visits: SqlFragment, range: DateRange): SqlFragment {
  return sql`from (
    with recursive slots (session_id, slot, until) as (
      select s.id, cast(max(s.started_at, ${range.first}) as integer) / ${SLOT_SECONDS}
        * ${SLOT_SECONDS}, min(s.ended_at, ${range.last}) ${visits}
      union all
      select session_id, slot + ${SLOT_SECONDS}, until from slots
      where slot + ${SLOT_SECONDS} <= until
    ) select session_id, slot from slots
  ) active join sessions s on s.id = active.session_id join acquisitions a on a.id = s.acquisition_id`
}
