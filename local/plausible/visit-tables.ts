// The stand-in's tables, in memory. Tests count figures by hand on them (`POST /local/sql`).
import { DatabaseSync } from 'node:sqlite'
import { RE2JS } from 're2js'
import { z } from 'zod'

// Session attributes and property sets repeat a lot. Events refer to them by id, which keeps a year of visits small.
const TABLES = `
  create table sites (
    id integer primary key, domain text not null unique, timezone text not null, locked integer not null default 0
  );
  create table visitors (
    id integer primary key, site_id integer not null, visitor text not null, unique (site_id, visitor)
  );
  create table property_sets (id integer primary key, props text not null unique);
  create table properties (
    set_id integer not null, key text not null, value text not null, primary key (set_id, key)
  ) without rowid;
  create table acquisitions (
    id integer primary key, fingerprint text not null unique, source text not null, referrer text not null,
    channel text not null, utm_source text not null, utm_medium text not null, utm_campaign text not null,
    utm_content text not null, utm_term text not null, country text not null, region text not null,
    city integer not null, device text not null, browser text not null, os text not null
  );
  create table sessions (
    id integer primary key, site_id integer not null, visitor_id integer not null, acquisition_id integer not null,
    started_at integer not null, ended_at integer not null, duration integer not null, is_bounce integer not null,
    pageviews integer not null, events integer not null, entry_page text not null, exit_page text not null
  );
  create table events (
    id integer primary key, site_id integer not null, visitor_id integer not null, session_id integer not null,
    timestamp integer not null, name text not null, pathname text not null, hostname text not null,
    property_set_id integer not null, acquisition_id integer not null
  );
  insert into property_sets values (0, '{}');

  create view visits as
  select site.domain, e.timestamp, datetime(e.timestamp, 'unixepoch') as utc, e.name, e.pathname, e.hostname,
    v.visitor, e.session_id, p.props, a.source, a.referrer, a.channel, a.utm_source, a.utm_medium, a.utm_campaign,
    a.utm_content, a.utm_term, a.country, a.region, a.city, a.device, a.browser, a.os, s.entry_page, s.exit_page,
    s.started_at, s.ended_at, s.duration, s.is_bounce
  from events e
  join sites site on site.id = e.site_id
  join visitors v on v.id = e.visitor_id
  join sessions s on s.id = e.session_id
  join acquisitions a on a.id = s.acquisition_id
  join property_sets p on p.id = e.property_set_id;
`

// The indexes order rows by visitor, which counts distinct visitors fastest; a long range is a scan.
const INDEXES = `
  create index if not exists events_page on events (pathname, site_id, visitor_id, timestamp);
  create index if not exists events_properties on events (property_set_id, site_id, visitor_id, timestamp);
  create index if not exists events_visitor on events (visitor_id);
  create index if not exists sessions_visitor on sessions (visitor_id);
`

const COMPILED_FILTERS = 50

/**
 * Opens an empty database. The view `visits` has one row per event with all of its attributes: `domain`,
 * `timestamp` (UTC epoch seconds), `utc`, `name`, `pathname`, `visitor`, `session_id`, `props` (JSON), the session's
 * attributes (`source`, `country` ..., '' where unknown) and figures. `sessions` has one row per visit.
 *
 * Adds the SQL functions `matches_any(text, json array of RE2 expressions)`, `mean(total, count, digits)` and
 * `percent(part, whole)`. The last two return 0 instead of dividing by zero.
 */
export function openVisitTables(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec(TABLES)
  const compiled = new Map<string, readonly RE2JS[]>()
  db.function('matches_any', { deterministic: true }, (text, patterns) => {
    const json = String(patterns)
    const expressions = compiled.get(json) ?? compilePatterns(json)
    if (compiled.size >= COMPILED_FILTERS) compiled.clear()
    compiled.set(json, expressions)
    return expressions.some((expression) => expression.matcher(String(text)).find()) ? 1 : 0
  })
  db.function('mean', { deterministic: true }, (total, count, digits) =>
    count ? roundHalfEven(Number(total) / Number(count), Number(digits)) : 0,
  )
  db.function('percent', { deterministic: true }, (part, whole) =>
    whole ? roundHalfEven((Number(part) / Number(whole)) * 100, 0) : 0,
  )
  return db
}

/** Creates missing indexes. Call it after the first rows: a bulk load without indexes is twice as fast. */
export function indexVisitTables(db: DatabaseSync): void {
  db.exec(INDEXES)
}

function compilePatterns(json: string): readonly RE2JS[] {
  const patterns = z.array(z.string()).parse(JSON.parse(json))
  return patterns.map((pattern) => RE2JS.compile(pattern))
}

/** Rounds like ClickHouse rounds floating-point numbers: a half goes to the even neighbor. */
function roundHalfEven(value: number, digits: number): number {
  const scale = 10 ** digits
  const scaled = value * scale
  const below = Math.floor(scaled)
  const isHalf = scaled - below === 0.5
  const rounded = isHalf ? below + (below % 2) : Math.round(scaled)
  return rounded / scale
}
