// The demo's three job boards and their postings. Only the dates differ between runs: they end today.
import { drawJobTitles } from './job-titles.ts'
import { createRandom, type Random, weighted } from './random.ts'

/** The states of a posting, with the names of the database. */
type JobStatus = 'pending' | 'active' | 'expired' | 'draft'

/** A posting; only `active` and `expired` ones have ever been public. */
export type DemoJob = {
  readonly id: string
  readonly title: string
  readonly slug: string
  readonly path: string
  /** Further pages of the same job, which visitors reach by other links. The database has those of one posting. */
  readonly twinPaths: readonly string[]
  readonly status: JobStatus
  readonly createdAt: Date
  readonly expiresAt: Date | null
  /** How many visitors it attracts: 1 is usual. */
  readonly appeal: number
  /** How many days ago it drew far more visitors than usual, if ever. */
  readonly runawayDaysAgo: number | undefined
}

/** An organization of the platform; `timezone` is that of its site, `visitsPerDay` is for an ordinary weekday. */
export type DemoSite = {
  readonly name: string
  readonly domain: string
  readonly domainVerified: boolean
  readonly timezone: string
  readonly visitsPerDay: number
  readonly jobs: readonly DemoJob[]
}

const DAY_MS = 86_400_000
const JOBS_PER_TWIN = 12

const SITES = [
  {
    name: 'Atelier Talent',
    domain: 'jobs.atelier-talent.example',
    domainVerified: true,
    timezone: 'Europe/Paris',
    visitsPerDay: 220,
    jobCount: 132,
    runaways: [9, 74, 163, 251],
    places: ['Paris', 'Lyon', 'Toulouse', 'Marseille', 'Lille', 'Bordeaux', 'Bruxelles', 'Genève', 'Zürich'],
    locale: 'en',
  },
  {
    name: 'Harbor & Pine Careers',
    domain: 'careers.harbor-pine.example',
    domainVerified: true,
    timezone: 'America/New_York',
    visitsPerDay: 60,
    jobCount: 41,
    runaways: [47],
    places: ['New York', 'Boston', 'Chicago', 'Toronto', 'Portland', 'Remote US'],
    locale: 'fr-ca',
  },
  {
    name: 'Open Roles Collective',
    domain: 'openroles.example',
    domainVerified: false,
    timezone: 'UTC',
    visitsPerDay: 20,
    jobCount: 15,
    runaways: [],
    places: ['London', 'Berlin', 'Madrid', 'Remote'],
    locale: 'es',
  },
] as const

const drawStatus = weighted<JobStatus>([
  ['active', 72],
  ['expired', 15],
  ['pending', 7],
  ['draft', 6],
])

/** Returns all sites with their postings, created over the two years before `now`. */
export function demoOrganizations(now: Date): DemoSite[] {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS
  return SITES.map(({ jobCount, places, runaways, locale, ...site }) => {
    const random = createRandom(site.domain)
    const titles = drawJobTitles(random, jobCount, places)
    const jobs = titles.map((title) => drawJob(random, title, today))
    return { ...site, jobs: withTwins(withRunaways(jobs, runaways, today), locale) }
  })
}

function drawJob(random: Random, { title, slug }: { title: string; slug: string }, today: number): DemoJob {
  const status = drawStatus(random)
  const daysAgo = ageInDays(random, status)
  const createdAt = new Date(today - daysAgo * DAY_MS + random.between(8 * 60, 18 * 60) * 60_000)
  return {
    id: drawUuid(random),
    title,
    slug,
    path: `/jobs/${slug}`,
    twinPaths: [],
    status,
    createdAt,
    expiresAt: expiry(random, status, createdAt, today),
    // Log-normal: most postings are ordinary, a few attract ten times as many visitors.
    appeal: Math.exp(0.9 * (random.next() + random.next() + random.next() + random.next() - 2) * 1.7),
    runawayDaysAgo: undefined,
  }
}

// Active postings are mostly recent; pending and draft postings always are.
function ageInDays(random: Random, status: JobStatus): number {
  if (status === 'active') return 1 + Math.floor(729 * random.next() ** 2)
  return status === 'expired' ? random.between(130, 730) : random.between(1, 30)
}

function expiry(random: Random, status: JobStatus, createdAt: Date, today: number): Date | null {
  if (status === 'expired') return new Date(createdAt.getTime() + random.between(45, 120) * DAY_MS)
  if (status !== 'active' || random.chance(0.45)) return null
  return new Date(today + random.between(5, 90) * DAY_MS)
}

function withRunaways(jobs: readonly DemoJob[], daysAgo: readonly number[], today: number): DemoJob[] {
  const chosen = new Map<DemoJob, number>()
  for (const days of daysAgo) {
    const start = today - days * DAY_MS
    const job = jobs.find(
      (one) => one.status === 'active' && one.createdAt.getTime() < start && !chosen.has(one),
    )
    if (job !== undefined) chosen.set(job, days)
  }
  return jobs.map((job) => ({ ...job, runawayDaysAgo: chosen.get(job) }))
}

// Every twelfth active posting has two further pages: one with a trailing slash, and one in another language.
function withTwins(jobs: readonly DemoJob[], locale: string): DemoJob[] {
  const active = jobs.filter((job) => job.status === 'active')
  const chosen = new Set(active.filter((_, index) => index % JOBS_PER_TWIN === 0))
  return jobs.map((job) =>
    chosen.has(job) ? { ...job, twinPaths: [`${job.path}/`, `/${locale}${job.path}`] } : job,
  )
}

// The shape of a version 4 UUID (RFC 9562).
function drawUuid(random: Random): string {
  const digits = random.hex(32)
  const variant = '89ab'.charAt(random.between(0, 3))
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-')
}
