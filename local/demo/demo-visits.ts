// Thirteen months of visits to the demo's sites, with a job board's daily and yearly rhythm; deterministic for a time.
import { DateTime } from 'luxon'
import type { Visit } from '../plausible/visit-line.ts'
import { type Attributes, createAudience } from './audience.ts'
import { type DemoJob, type DemoSite, demoOrganizations } from './demo-organizations.ts'
import { type Choice, createRandom, type Random, weighted } from './random.ts'

/** The event that the demo's pages send when a visitor applies. */
export const APPLY_EVENT = 'Apply'

const DAYS = 396
const DAY_SECONDS = 86_400
const EARLY_VISITS = 3
// The share of a job's page views that lead to an application, and to one of the job's further pages.
const APPLY_CHANCE = 0.05
const TWIN_CHANCE = 0.15

// From Monday to Sunday: most visits are on weekdays.
const WEEKDAYS = [1.15, 1.2, 1.15, 1.05, 0.85, 0.45, 0.5]
// From January to December: busy in January and autumn, quiet in August and over the holidays.
const MONTHS = [1.25, 1.1, 1.05, 1, 0.95, 0.9, 0.85, 0.7, 1.2, 1.1, 0.95, 0.7]
const drawHour = weighted(
  [3, 2, 1, 1, 1, 2, 5, 10, 16, 20, 20, 18, 22, 20, 17, 16, 15, 15, 15, 14, 14, 13, 10, 6].map(
    (weight, hour) => [hour, weight] as const,
  ),
)
const drawPageCount = weighted([
  [1, 60],
  [2, 20],
  [3, 10],
  [4, 6],
  [6, 4],
])
const OTHER_PAGES = ['/', '/', '/', '/jobs', '/jobs', '/companies', '/companies/northwind', '/companies/acme']

type Page = { readonly pathname: string; readonly job: DemoJob | undefined }

/**
 * Yields every event up to `now`, site by site and day by day: somewhat over 200,000 in all. With `days`, it yields
 * the same events, but only those of today and of so many days before.
 */
export function* demoVisits(now: Date, days = DAYS): Generator<Visit> {
  for (const site of demoOrganizations(now)) yield* siteVisits(site, now, days)
}

function* siteVisits(site: DemoSite, now: Date, days: number): Generator<Visit> {
  const drawAttributes = createAudience(site.timezone)
  const end = now.getTime() / 1000
  const today = DateTime.fromJSDate(now, { zone: site.timezone }).startOf('day')
  for (let daysAgo = days; daysAgo >= 0; daysAgo--) {
    const day = today.minus({ days: daysAgo })
    const random = createRandom(`${site.domain} ${daysAgo}`)
    for (const event of dayVisits(site, day, daysAgo, random, drawAttributes)) {
      if (event.timestamp <= end) yield event
    }
  }
  yield* earlyVisits(site, today.toSeconds(), Math.floor(end), drawAttributes)
}

// Spreads a few visits over the part of today that has passed, so that today has figures from its first second on.
function* earlyVisits(
  site: DemoSite,
  midnight: number,
  end: number,
  drawAttributes: Choice<Attributes>,
): Generator<Visit> {
  const random = createRandom(`${site.domain} today`)
  const { drawJob } = todaysJobs(site.jobs, midnight, 0)
  for (let visit = 1; visit <= EARLY_VISITS; visit++) {
    const timestamp = midnight + Math.floor(((end - midnight) * visit) / (EARLY_VISITS + 1))
    const job = drawJob(random)
    const event = jobEvent(site, job, job.path, timestamp, random.hex(16), drawAttributes(random))
    yield event
    if (visit === EARLY_VISITS) yield { ...event, name: APPLY_EVENT }
  }
}

function* dayVisits(
  site: DemoSite,
  day: DateTime,
  daysAgo: number,
  random: Random,
  drawAttributes: Choice<Attributes>,
): Generator<Visit> {
  const midnight = day.toSeconds()
  const { drawJob, rush } = todaysJobs(site.jobs, midnight, daysAgo)
  const rhythm =
    (WEEKDAYS[day.weekday - 1] ?? 1) * (MONTHS[day.month - 1] ?? 1) * (0.85 + 0.3 * random.next())
  const visits = Math.round(site.visitsPerDay * rhythm * (1 + rush))
  for (let visit = 0; visit < visits; visit++) {
    const visitor = random.hex(16)
    const start = midnight + drawHour(random) * 3600 + random.between(0, 3599)
    const end = yield* visitEvents(site, start, visitor, random, drawJob, drawAttributes)
    // Some come back on the same day, late enough for a second visit.
    const again = end + random.between(45, 300) * 60
    if (random.chance(0.07) && again < midnight + 23 * 3600) {
      yield* visitEvents(site, again, visitor, random, drawJob, drawAttributes)
    }
  }
}

// `rush` is the share of visits that runaway postings add to an ordinary day: 1 doubles the day's visits.
function todaysJobs(
  jobs: readonly DemoJob[],
  midnight: number,
  daysAgo: number,
): { drawJob: Choice<DemoJob>; rush: number } {
  const weights = jobs.map((job) => ({
    job,
    interest: interestIn(job, midnight),
    rush: rushTo(job, daysAgo),
  }))
  const interest = weights.reduce((sum, weight) => sum + weight.interest, 0)
  return {
    drawJob: weighted(weights.map((weight) => [weight.job, weight.interest + interest * weight.rush])),
    rush: weights.reduce((sum, weight) => sum + weight.rush, 0),
  }
}

// All times are UTC epoch seconds. Returns the time of the visit's last event.
function* visitEvents(
  site: DemoSite,
  start: number,
  visitor: string,
  random: Random,
  drawJob: Choice<DemoJob>,
  drawAttributes: Choice<Attributes>,
): Generator<Visit, number> {
  const attributes = drawAttributes(random)
  let time = start
  const pages = drawPageCount(random)
  for (let index = 0; index < pages; index++) {
    if (index > 0) time += random.between(8, 420)
    const { pathname, job } = drawPage(random, drawJob)
    if (job === undefined) {
      yield { timestamp: time, domain: site.domain, name: 'pageview', pathname, visitor, ...attributes }
      continue
    }
    const event = jobEvent(site, job, pathname, time, visitor, attributes)
    yield event
    if (random.chance(APPLY_CHANCE)) {
      time += random.between(20, 600)
      yield { ...event, timestamp: time, name: APPLY_EVENT }
    }
    yield* twinVisits(event, job)
  }
  return time
}

// Sends a few visitors of a job to one of its further pages; half of them see the job's own page as well.
// It draws from a random sequence of its own, so all other visits stay the same.
function* twinVisits(event: Visit, { twinPaths }: DemoJob): Generator<Visit> {
  if (twinPaths.length === 0) return
  const random = createRandom(`${event.visitor} ${event.timestamp}`)
  if (!random.chance(TWIN_CHANCE)) return
  const visitor = random.chance(0.5) ? event.visitor : random.hex(16)
  const twin = { ...event, visitor, pathname: random.pick(twinPaths) }
  yield twin
  if (random.chance(APPLY_CHANCE)) yield { ...twin, name: APPLY_EVENT }
}

function jobEvent(
  site: DemoSite,
  job: DemoJob,
  pathname: string,
  timestamp: number,
  visitor: string,
  attributes: Attributes,
): Visit {
  return {
    ...{ timestamp, domain: site.domain, name: 'pageview', pathname, visitor },
    ...{ props: { job_id: job.id }, ...attributes },
  }
}

function drawPage(random: Random, drawJob: Choice<DemoJob>): Page {
  if (random.chance(0.3)) return { pathname: random.pick(OTHER_PAGES), job: undefined }
  const job = drawJob(random)
  return { pathname: job.path, job }
}

// A posting gets most visits in its first weeks, then fewer, and hardly any after it has expired.
function interestIn(job: DemoJob, midnight: number): number {
  if (job.status !== 'active' && job.status !== 'expired') return 0
  const ageInDays = (midnight - job.createdAt.getTime() / 1000) / DAY_SECONDS
  if (ageInDays < 0) return 0
  const fresh = job.appeal * (0.15 + Math.exp(-ageInDays / 18))
  if (job.expiresAt !== null && job.expiresAt.getTime() / 1000 < midnight) return fresh * 0.03
  return fresh
}

function rushTo({ runawayDaysAgo }: DemoJob, daysAgo: number): number {
  const daysSince = (runawayDaysAgo ?? -1) - daysAgo
  return daysSince < 0 ? 0 : 1.6 * Math.exp(-daysSince / 2.5)
}
