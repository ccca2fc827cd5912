// Organizations made for a run. Every text of one holds its marker, and every visit is known, so a foreign row shows at a glance.

import { createRandom, type Random } from '../../local/demo/random.ts'
import type { Dimension } from '../../src/analytics/analytics-store.ts'
import { JOB_STATUSES } from '../../src/directory/directory.ts'
import { dayIn, secondsAt } from './days.ts'

/** A job, as the database holds it. */
export interface WorldJob {
  id: string
  title: string
  slug: string
  /** The main page, then further ones. */
  paths: readonly [string, ...string[]]
  status: (typeof JOB_STATUSES)[number]
  /** UTC, to the second. */
  createdAt: string
}

/** A visit of one page by a visitor of its own. */
export interface WorldVisit {
  visitor: string
  /** Local day of the site. */
  day: string
  /** UTC epoch seconds. */
  timestamp: number
  /** Whether the visitor sent the event for an application, one minute later. */
  hasApplied: boolean
  attributes: Record<Exclude<Dimension, 'job'>, string>
}

/** An organization, and all there is to know of it. */
export interface Tenant {
  index: number
  /** Part of every text that belongs to it. */
  marker: string
  /** How the IDs of its jobs begin. */
  idPrefix: string
  domain: string
  isVerified: boolean
  timeZone: string
  jobs: readonly WorldJob[]
  visits: readonly WorldVisit[]
}

/** All organizations of a run. */
export interface World {
  seed: string
  tenants: readonly Tenant[]
  /** The one whose site the analytics store is slow for. No generated request uses its keys. */
  slow: Tenant
}

/** The event that stands for an application. */
export const APPLY_EVENT = 'Apply'
/** How long after the page view it is sent. */
export const APPLY_SECONDS = 60

const JOBS = 8
const DAYS_AGO = [0, 1, 2, 5, 9, 20, 29, 40, 100, 200, 350, 500]

// The sizes are primes, so that no figure of one is a figure of another.
const TENANTS = [
  { marker: 'qamber', size: 3, timeZone: 'UTC', isVerified: true },
  { marker: 'qbirch', size: 5, timeZone: 'Europe/Paris', isVerified: true },
  { marker: 'qcobalt', size: 7, timeZone: 'America/New_York', isVerified: true },
  { marker: 'qdahlia', size: 11, timeZone: 'Asia/Kolkata', isVerified: true },
  { marker: 'qember', size: 2, timeZone: 'UTC', isVerified: false },
  { marker: 'qfern', size: 2, timeZone: 'UTC', isVerified: true },
] as const

/** The world of a seed at a moment (epoch milliseconds). The same seed has the same jobs; visits end on the current day. */
export function createWorld(seed: string, now: number): World {
  const tenants = TENANTS.map((tenant, index) =>
    createTenant(createRandom(`${seed} ${index}`), index, tenant, now),
  )
  const slow = tenants.pop()
  if (slow === undefined) throw new Error('The world has no organizations')
  return { seed, tenants, slow }
}

function createTenant(
  random: Random,
  index: number,
  { marker, size, timeZone, isVerified }: (typeof TENANTS)[number],
  now: number,
): Tenant {
  const idPrefix = (0xa1b2c300 + index).toString(16)
  const jobs = Array.from({ length: JOBS }, (_, n): WorldJob => {
    const path = `/jobs/${n}-${marker}` as const
    return {
      id: `${idPrefix}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`,
      title: `Engineer ${marker} ${n}`,
      slug: `${n}-${marker}`,
      paths: n === 0 ? [path, `${path}/`] : [path],
      status: JOB_STATUSES[n % JOB_STATUSES.length] ?? 'active',
      createdAt: new Date(Date.UTC(2026, n % 5, 3 + index, 8, n)).toISOString().replace('.000', ''),
    }
  })
  const pages = [...jobs.flatMap(({ paths }) => paths), `/about-${marker}`]
  const visits = pages.flatMap((page, n) =>
    DAYS_AGO.flatMap((daysAgo) => {
      const count = 1 + ((n * 7 + daysAgo * 3) % size)
      return Array.from({ length: count }, (_, i) => createVisit(marker, page, n, daysAgo, i, timeZone, now))
    }),
  )
  return { index, marker, idPrefix, domain: `jobs.${marker}.example`, isVerified, timeZone, jobs, visits }
}

function createVisit(
  marker: string,
  page: string,
  n: number,
  daysAgo: number,
  i: number,
  timeZone: string,
  now: number,
): WorldVisit {
  const day = dayIn(timeZone, now, daysAgo)
  return {
    visitor: `${marker}-${n}-${daysAgo}-${i}`,
    day,
    // Those of the current day are at its very beginning, so that they are never in the future.
    timestamp: daysAgo === 0 ? secondsAt(timeZone, day, 0, 1) : secondsAt(timeZone, day, 12),
    hasApplied: daysAgo > 0 && (n + i + daysAgo) % 3 === 0,
    attributes: attributesOf(marker, page, n + i),
  }
}

function attributesOf(marker: string, page: string, i: number): WorldVisit['attributes'] {
  // Stars and commas, since both mean something in a filter.
  const either = (name: string, every: number) => `${name}${i % every === 0 ? '*' : ','}${marker}`
  return {
    ...{ page, entry_page: page, exit_page: page },
    ...{ source: either('source', 2), referrer: either('referrer', 3), channel: either('channel', 5) },
    ...{ utm_source: either('us', 2), utm_medium: either('um', 3), utm_campaign: either('uc', 4) },
    ...{ country: i % 2 === 0 ? 'FR' : 'DE', region: either('region', 3), city: String(1 + (i % 3)) },
    ...{ device: either('device', 2), browser: either('browser', 3), os: either('os', 5) },
  }
}

/** What a visit has in a dimension; for `job` the ID, and an empty text on a page of no job. */
export function valueIn({ jobs }: Tenant, { attributes }: WorldVisit, dimension: Dimension): string {
  if (dimension !== 'job') return attributes[dimension]
  return jobs.find(({ paths }) => paths.includes(attributes.page))?.id ?? ''
}
