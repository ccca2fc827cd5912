// Random visits to a site in Paris in the spring of 2026, and figures counted from them by plain loops.

import { expect } from 'vitest'
import { createRandom } from '../../../local/demo/random.ts'
import type { Visit } from '../../../local/plausible/visit-line.ts'
import { localTime } from './local-time.ts'
import { type PlausibleResponse, startWorld, toNdjson, type World } from './world.ts'

const NOW = '2026-07-15T21:30:00Z' // In Paris still the 15th, in Tokyo already the 16th.
export const SITE = 'paris.example'
const RANGE = ['2026-03-01', '2026-04-30'] // The clocks go forward on 29 March.
export const visits = randomVisits(SITE, '2026-02-27T00:00:00Z', '2026-05-02T00:00:00Z', 900)
export const inRange = visits.filter(({ timestamp }) => isWithin(timestamp))
const sessions = sessionsByHand(visits)
export const sessionOf = new Map(
  sessions.flatMap((session) => session.map((visit) => [visit, session] as const)),
)
export const activeSessions = sessions.filter(
  (session) => dateOf(first(session)) <= '2026-04-30' && dateOf(last(session)) >= '2026-03-01',
)

/** Starts a stand-in that holds the visits, and those of another site, which must never count. */
export async function startSpring(): Promise<World> {
  const world = await startWorld(NOW)
  await world.send('PUT', '/local/sites', { domain: SITE, timezone: 'Europe/Paris' })
  const loaded = await world.send('POST', '/local/visits', toNdjson(visits))
  expect(loaded).toEqual({ status: 200, body: { accepted: visits.length } })
  const others = randomVisits('other.example', '2026-03-01T00:00:00Z', '2026-04-30T00:00:00Z', 50)
  await world.send('POST', '/local/visits', toNdjson(others))
  return world
}

/** Queries visitors of the site in March and April; `body` replaces parts of the query. */
export function askSpring(world: World, body: Record<string, unknown>): Promise<PlausibleResponse> {
  return world.query({ site_id: SITE, metrics: ['visitors'], date_range: RANGE, ...body })
}

/** Draws visits with every dimension in use, between two instants, in no order. */
function randomVisits(domain: string, from: string, to: string, visitors: number): Visit[] {
  const random = createRandom(`${domain} ${from}`)
  const [first, last] = [Date.parse(from) / 1000, Date.parse(to) / 1000]
  const visits: Visit[] = []
  for (let visitor = 0; visitor < visitors; visitor++) {
    let timestamp = random.between(first, last)
    const events = random.between(1, 7)
    for (let event = 0; event < events && timestamp <= last; event++) {
      visits.push({ timestamp, domain, visitor: `visitor-${visitor}`, ...randomEvent(random) })
      // Whole minutes around the limit of 30, and long breaks that begin another visit.
      timestamp += random.pick([0, 5, 59, 600, 1800, 1859, 1860, 3000, 7200, 90_000])
    }
  }
  return visits.toSorted((a, b) => (a.pathname + a.timestamp < b.pathname + b.timestamp ? -1 : 1))
}

function randomEvent(random: ReturnType<typeof createRandom>) {
  return {
    name: random.pick(['pageview', 'pageview', 'pageview', 'Apply']),
    pathname: random.pick([
      '/',
      '/jobs/one',
      '/jobs/One',
      '/jobs/one/',
      '/jobs/two',
      '/jobs/drei-für',
      '/about',
    ]),
    hostname: random.pick(['jobs.example', 'www2.jobs.example']),
    ...random.pick<Partial<Visit>>([
      {},
      { props: { job_id: 'a' } },
      { props: { job_id: 'b' } },
      { props: { job_id: 'B', plan: 'Größe' } },
      { props: { plan: 'x"y' } },
    ]),
    ...random.pick<Partial<Visit>>([
      {},
      { source: 'Google', channel: 'Search', referrer: 'google.com' },
      { source: 'LinkedIn', channel: 'Social', referrer: 'linkedin.com/jobs' },
      { source: 'Indeed', channel: 'Referral' },
    ]),
    ...random.pick<Partial<Visit>>([
      {},
      { utm_source: 'mail', utm_medium: 'email', utm_campaign: 'May', channel: 'Email' },
    ]),
    ...random.pick<Partial<Visit>>([
      {},
      { country: 'FR', region: 'FR-IDF', city: 2988507 },
      { country: 'US' },
    ]),
    ...random.pick<Partial<Visit>>([
      {},
      { device: 'Mobile', browser: 'Chrome', os: 'Android' },
      { device: 'Desktop' },
    ]),
  }
}

/** A visit that was counted by hand: its events, in order. */
export type HandSession = Visit[]

/** Splits raw visits into sessions: a break of 31 whole minutes or more begins another one. */
function sessionsByHand(visits: readonly Visit[]): HandSession[] {
  const ordered = visits.map((visit, index) => ({ visit, index }))
  ordered.sort((a, b) => a.visit.timestamp - b.visit.timestamp || a.index - b.index)
  const open = new Map<string, HandSession>()
  const sessions: HandSession[] = []
  for (const { visit } of ordered) {
    const current = open.get(visit.visitor)
    const last = current?.[current.length - 1]
    if (current && last && visit.timestamp - last.timestamp < 31 * 60) {
      current.push(visit)
    } else {
      const next = [visit]
      open.set(visit.visitor, next)
      sessions.push(next)
    }
  }
  return sessions
}

/** Visitors, visits, pageviews and events by key. */
export function countEvents(chosen: readonly Visit[], keyOf: (visit: Visit) => (string | number)[]) {
  return countGroups(chosen, keyOf, (group) => [
    new Set(group.map((visit) => visit.visitor)).size,
    new Set(group.map((visit) => sessionOf.get(visit))).size,
    group.filter((visit) => visit.name === 'pageview').length,
    group.length,
  ])
}

/** Visitors, visits, bounce rate and duration by key. */
export function countSessions(chosen: readonly HandSession[], keyOf: (session: HandSession) => string[]) {
  return countGroups(chosen, keyOf, (group) => {
    const seconds = group.reduce(
      (sum, session) => sum + last(session).timestamp - first(session).timestamp,
      0,
    )
    return [
      new Set(group.map((session) => first(session).visitor)).size,
      group.length,
      round((group.filter((session) => session.length === 1).length / group.length) * 100),
      round(seconds / group.length),
    ]
  })
}

function countGroups<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => (string | number)[],
  count: (group: Item[]) => number[],
): Map<string, number[]> {
  const groups = Map.groupBy(items, (item) => JSON.stringify(keyOf(item)))
  return new Map([...groups].map(([key, group]) => [key, count(group)]))
}

export function firstMetricOf(counted: Map<string, number[]>): Map<string, number[]> {
  return new Map([...counted].map(([key, metrics]) => [key, metrics.slice(0, 1)]))
}

export function expectSameRows(
  response: PlausibleResponse,
  expected: ReadonlyMap<string, readonly number[]>,
): void {
  expect(response.body.error).toBeUndefined()
  const rows = response.body.results.map((row) => [JSON.stringify(row.dimensions), row.metrics] as const)
  expect(rows.length).toBe(expected.size)
  expect(new Map(rows)).toEqual(expected)
}

// ClickHouse rounds a half to the even neighbor.
export function round(value: number): number {
  const below = Math.floor(value)
  if (value - below === 0.5) return below % 2 === 0 ? below : below + 1
  return Math.round(value)
}

export function isWithin(timestamp: number): boolean {
  const { date } = localTime(timestamp, 'Europe/Paris')
  return date >= '2026-03-01' && date <= '2026-04-30'
}

export function dateOf(visit: Visit): string {
  return localTime(visit.timestamp, 'Europe/Paris').date
}

export function endDate(session: HandSession): string {
  const date = dateOf(last(session))
  return date > '2026-04-30' ? '2026-04-30' : date
}

// All events of a visit share the attributes of its first one.
export function origin(visit: Visit): Visit {
  return first(sessionOf.get(visit) ?? [])
}

export function first(session: HandSession): Visit {
  const [visit] = session
  if (visit === undefined) throw new Error('a visit without events')
  return visit
}

function last(session: HandSession): Visit {
  return first(session.slice(-1))
}

export function pages(session: HandSession): string[] {
  return session.filter((visit) => visit.name === 'pageview').map((visit) => visit.pathname)
}
