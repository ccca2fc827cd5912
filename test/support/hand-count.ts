// Counts figures by hand: Postgres computes the periods in a site's zone, SQL counts the stand-in's visits.

import { asOwner, countByHand } from './database.ts'

/** A stretch of time in UTC epoch seconds, `until` not included, and the first of its local days. */
export interface Span {
  date: string
  from: number
  until: number
}

/** The days of a period of a site. All end yesterday. `lastDate` is the last local day. */
export interface HandPeriod extends Span {
  zone: string
  lastDate: string
  offset: string
}

/** Returns the period, or the window of as many days just before it; Postgres computes days and instants in the site's zone. */
export async function periodOf(domain: string, period: string, isBefore = false): Promise<HandPeriod> {
  const [site] = await countByHand(`select timezone from sites where domain = '${domain}'`)
  const zone = String(site?.['timezone'])
  const unit = period.endsWith('mo') ? 'month' : 'day'
  const [row] = await asOwner(
    `with ends as (select date_trunc('day', now() at time zone $2) as until),
     named as (select until, until - ($3 || $1)::interval as first from ends),
     local as (
       select case when $4::boolean then first else until end as until,
         case when $4::boolean then first - (until::date - first::date) * interval '1 day' else first end as first
       from named)
     select extract(epoch from first at time zone $2)::int as first, to_char(first, 'YYYY-MM-DD') as date,
       extract(epoch from until at time zone $2)::int as until,
       to_char(until - interval '1 day', 'YYYY-MM-DD') as last_date,
       extract(epoch from (until at time zone 'UTC') - ((until - interval '1 second') at time zone $2))::int - 1 as offset
     from local`,
    [unit, zone, Number.parseInt(period, 10), isBefore],
  )
  return {
    zone,
    date: String(row?.['date']),
    lastDate: String(row?.['last_date']),
    from: Number(row?.['first']),
    until: Number(row?.['until']),
    offset: formatOffset(Number(row?.['offset'])),
  }
}

/** Returns the days, weeks or months of a period. The first week begins with the period, a month on its first day. */
export async function bucketsOf(domain: string, period: string, interval: string): Promise<Span[]> {
  const { zone, from, until } = await periodOf(domain, period)
  const rows = await asOwner(
    `with ends as (select to_timestamp($3) at time zone $2 as first, to_timestamp($4) at time zone $2 as until),
     starts as (select generate_series(date_trunc($1, first), until - interval '1 day', ('1 ' || $1)::interval) as start,
       first, until from ends)
     select to_char(case $1 when 'month' then start else greatest(start, first) end, 'YYYY-MM-DD') as date,
       extract(epoch from greatest(start, first) at time zone $2)::int as first,
       extract(epoch from least(start + ('1 ' || $1)::interval, until) at time zone $2)::int as until
     from starts order by start`,
    [interval, zone, from, until],
  )
  return rows.map((row) => ({
    date: String(row['date']),
    from: Number(row['first']),
    until: Number(row['until']),
  }))
}

const SESSION_FIGURES = `count(distinct visitor_id) as visitors, count(*) as visits, sum(is_bounce) as bounces,
  sum(duration) as seconds, sum(pageviews) as views`

const EVENT_FIGURES = `count(distinct visitor) as visitors, count(distinct session_id) as visits,
  coalesce(sum(name = 'pageview'), 0) as pageviews`

/** Counts the visits that overlap a span; `condition` and `group` are over sessions `s` and acquisitions `a`. */
export async function countVisits(
  domain: string,
  { from, until }: Pick<Span, 'from' | 'until'>,
  condition = '1',
  group?: string,
): Promise<Record<string, unknown>[]> {
  const rows = await countByHand(
    `select ${group ? `${group} as grp, ` : ''}${SESSION_FIGURES}
     from sessions s join sites site on site.id = s.site_id join acquisitions a on a.id = s.acquisition_id
     where site.domain = '${domain}' and s.ended_at >= ${from} and s.started_at < ${until} and (${condition})
     ${group ? 'group by 1' : ''}`,
  )
  return rows.map((row) => {
    const mean = (name: string) => Number(row[name]) / (Number(row['visits']) || 1)
    return {
      ...row,
      bounce_rate: roundHalfEven(mean('bounces') * 100),
      visit_duration: roundHalfEven(mean('seconds')),
      views_per_visit: roundHalfEven(mean('views') * 100) / 100,
    }
  })
}

/** Counts the events in a span; `condition` and `group` are over the view `visits`. */
export function countEvents(
  domain: string,
  { from, until }: Pick<Span, 'from' | 'until'>,
  condition = '1',
  group?: string,
) {
  return countByHand(
    `select ${group ? `${group} as grp, ` : ''}${EVENT_FIGURES} from visits
     where domain = '${domain}' and timestamp >= ${from} and timestamp < ${until} and (${condition})
     ${group ? 'group by 1' : ''}`,
  )
}

/** Rounds like ClickHouse rounds floating-point numbers (https://clickhouse.com/docs/sql-reference/functions/rounding-functions). */
function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  return value - below === 0.5 ? below + (below % 2) : Math.round(value)
}

function formatOffset(seconds: number): string {
  const minutes = Math.abs(seconds) / 60
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${seconds < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}
