// Counts figures by hand, visit by visit, for comparison with what the API responds.

import type { Dimension } from '../../src/analytics/analytics-store.ts'
import type { Days } from './days.ts'
import { APPLY_SECONDS, type Tenant, valueIn, type WorldVisit } from './world.ts'

/** A filter as a response repeats it. */
export interface Filter {
  dimension: Dimension
  operator: 'is' | 'is_not'
  values: readonly string[]
}

/** The visits of these days that pass every filter. */
export function visitsOf(tenant: Tenant, { from, to }: Days, filters: readonly Filter[] = []): WorldVisit[] {
  const tests = filters.map((filter) => testOf(tenant, filter))
  return tenant.visits.filter(
    (visit) => from <= visit.day && visit.day <= to && tests.every((passes) => passes(visit)),
  )
}

/** All figures of these visits, by their names in the API. Each visit is one visitor, one visit and one page view. */
export function figuresOf(visits: readonly WorldVisit[]): Record<string, number> {
  const count = visits.length
  const applications = visits.filter(({ hasApplied }) => hasApplied).length
  const share = (part: number) => (count === 0 ? 0 : part / count)
  return {
    visitors: count,
    visits: count,
    pageviews: count,
    views_per_visit: Math.min(count, 1),
    // A visit with a second event is no bounce, and lasts until that event.
    bounce_rate: roundHalfEven(share(count - applications) * 100),
    visit_duration: roundHalfEven(share(applications) * APPLY_SECONDS),
    applications,
    application_rate: Math.round(share(applications) * 1_000) / 10,
  }
}

/** The figures of the visits of a job's pages. */
export function figuresOfJob(tenant: Tenant, jobId: string, days: Days): Record<string, number> {
  return figuresOf(visitsOfJob(tenant, jobId, days))
}

/** The visits of a job's pages. */
export function visitsOfJob(tenant: Tenant, jobId: string, days: Days): WorldVisit[] {
  const id = jobId.toLowerCase()
  return visitsOf(tenant, days).filter((visit) => valueIn(tenant, visit, 'job') === id)
}

/** The test of a filter: its values are read anew, with `\` before a comma, a star and itself, and `*` for anything. */
function testOf(tenant: Tenant, { dimension, operator, values }: Filter): (visit: WorldVisit) => boolean {
  const expressions = values.map((written) => {
    const tokens = written.match(/\\[\\,*]|[\s\S]/g) ?? []
    const parts = tokens.map((token) =>
      token === '*' ? '[\\s\\S]*' : quoted(token.length > 1 ? token.slice(1) : token),
    )
    return new RegExp(`^${parts.join('')}$`, dimension === 'job' ? 'i' : '')
  })
  return (visit) => {
    const value = valueIn(tenant, visit, dimension)
    return expressions.some((expression) => expression.test(value)) === (operator === 'is')
  }
}

function quoted(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
}

/** As ClickHouse rounds floating-point numbers. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  return value - below === 0.5 ? below + (below % 2) : Math.round(value)
}
