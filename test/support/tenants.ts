// Organizations whose data can be told apart at a glance: every text of one holds its marker, every figure is known.

import type { Dimension } from '../../src/analytics/analytics-store.ts'
import { asOwner, createOrganization, issueKey, storeVisits } from './database.ts'

/** One visit of one page, by a visitor of its own. */
export interface TenantVisit {
  /** Yesterday, which is in every period; else 40 days ago, which is in those of months. */
  isRecent: boolean
  attributes: Record<Exclude<Dimension, 'job'>, string>
}

/** An organization, and all there is to know of it. */
export interface Tenant {
  id: string
  domain: string
  marker: string
  apiKey: string
  revokedKey: string
  jobs: { id: string; title: string; path: string }[]
  visits: TenantVisit[]
}

const JOBS = 4
const DAY_MS = 86_400_000
const RECENT_DAYS = 1
const EARLIER_DAYS = 40

/** Creates a tenant; no text with this marker is anyone else's. Job n has (n + 1) * `size` recent visitors and half of that before. */
export async function createTenant(marker: string, size: number): Promise<Tenant> {
  const { id, domain, jobIds } = await createOrganization(JOBS)
  const jobs = jobIds.map((jobId, n) => ({
    id: jobId,
    title: `Engineer ${marker} ${n}`,
    path: `/jobs/${n}-${marker}`,
  }))
  await asOwner(
    `update jobs set title = 'Engineer ${marker} ' || right(path, 1)::int - 1, slug = '${marker}',
       path = '/jobs/' || right(path, 1)::int - 1 || '-${marker}' where organization_id = $1`,
    [id],
  )
  const visits = jobs.flatMap(({ path }, n) =>
    Array.from({ length: (n + 1) * size + Math.floor(((n + 1) * size) / 2) }, (_, i) => ({
      isRecent: i < (n + 1) * size,
      attributes: attributesOf(marker, path, i),
    })),
  )
  await storeVisits(
    visits.map(({ isRecent, attributes: { page, entry_page: _, exit_page: __, city, ...rest } }, i) => ({
      timestamp: new Date(noonDaysAgo(isRecent ? RECENT_DAYS : EARLIER_DAYS)).toISOString(),
      domain,
      name: 'pageview',
      pathname: page,
      visitor: `${marker}-${i}`,
      city: Number(city),
      ...rest,
    })),
  )
  const apiKey = await issueKey(id)
  const revokedKey = await issueKey(id, { revokedAt: '2020-01-01T00:00:00Z' })
  return { id, domain, marker, apiKey, revokedKey, jobs, visits }
}

/** The visits in a named period, or in days of UTC. */
export function visitsIn({ visits }: Tenant, window: string | { from: string; to: string }): TenantVisit[] {
  if (typeof window === 'string') {
    if (window === 'today') return []
    return visits.filter(({ isRecent }) => isRecent || window.endsWith('mo'))
  }
  const [recent, earlier] = [RECENT_DAYS, EARLIER_DAYS].map((days) => {
    const day = new Date(noonDaysAgo(days)).toISOString().slice(0, 10)
    return window.from <= day && day <= window.to
  })
  return visits.filter(({ isRecent }) => (isRecent ? recent : earlier))
}

function attributesOf(marker: string, page: string, i: number): TenantVisit['attributes'] {
  const either = (name: string, every: number) => `${name}${i % every === 0 ? '*' : ','}${marker}`
  return {
    ...{ page, entry_page: page, exit_page: page },
    ...{ source: either('source', 2), referrer: either('referrer', 3), channel: either('channel', 5) },
    ...{ utm_source: either('us', 2), utm_medium: either('um', 3), utm_campaign: either('uc', 4) },
    ...{ country: i % 2 === 0 ? 'FR' : 'DE', region: either('region', 3), city: String(1 + (i % 3)) },
    ...{ device: either('device', 2), browser: either('browser', 3), os: either('os', 5) },
  }
}

function noonDaysAgo(days: number): number {
  return Math.floor(Date.now() / DAY_MS - days) * DAY_MS + DAY_MS / 2
}
