// Thirteen months of visits to the demo's boards, with the rhythms of a job board; deterministic for a given day.
import { DateTime } from 'luxon'
import type { Visit } from '../plausible/visit-line.ts'
import { type Attributes, createAudience } from './audience.ts'
import { type DemoBoard, type DemoJob, demoOrganizations } from './demo-organizations.ts'
import { type Choice, createRandom, type Random, weighted } from './random.ts'

const DAYS = 396
const DAY_SECONDS = 86_400

// From Monday to Sunday: work is looked for at work.
const WEEKDAYS = [1.15, 1.2, 1.15, 1.05, 0.85, 0.45, 0.5]
// From January to December: good intentions and autumn; August and the holidays are quiet.
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

/** Every event up to `now`, board by board and day by day; all boards together are 200,000 and some. */
export function* demoVisits(now: Date): Generator<Visit> {
  for (const board of demoOrganizations(now)) yield* boardVisits(board, now)
}

function* boardVisits(board: DemoBoard, now: Date): Generator<Visit> {
  const drawAttributes = createAudience(board.timezone)
  const end = now.getTime() / 1000
  const today = DateTime.fromJSDate(now, { zone: board.timezone }).startOf('day')
  for (let daysAgo = DAYS; daysAgo >= 0; daysAgo--) {
    const day = today.minus({ days: daysAgo })
    const random = createRandom(`${board.domain} ${daysAgo}`)
    for (const event of dayVisits(board, day, daysAgo, random, drawAttributes)) {
      if (event.timestamp <= end) yield event
    }
  }
}

function* dayVisits(
  board: DemoBoard,
  day: DateTime,
  daysAgo: number,
  random: Random,
  drawAttributes: Choice<Attributes>,
): Generator<Visit> {
  const midnight = day.toSeconds()
  const { drawJob, rush } = todaysJobs(board.jobs, midnight, daysAgo)
  const rhythm =
    (WEEKDAYS[day.weekday - 1] ?? 1) * (MONTHS[day.month - 1] ?? 1) * (0.85 + 0.3 * random.next())
  const visits = Math.round(board.visitsPerDay * rhythm * (1 + rush))
  for (let visit = 0; visit < visits; visit++) {
    const visitor = random.hex(16)
    const start = midnight + drawHour(random) * 3600 + random.between(0, 3599)
    const end = yield* visitEvents(board, start, visitor, random, drawJob, drawAttributes)
    // Some come back on the same day, always long enough after for a visit of its own.
    const again = end + random.between(45, 300) * 60
    if (random.chance(0.07) && again < midnight + 23 * 3600) {
      yield* visitEvents(board, again, visitor, random, drawJob, drawAttributes)
    }
  }
}

// `rush` is what runaway postings add to an ordinary day: 1 doubles it, and all of that is theirs.
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

// All times are UTC epoch seconds; returns that of the visit's last event.
function* visitEvents(
  board: DemoBoard,
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
    const page = drawPage(random, drawJob)
    const event = {
      timestamp: time,
      domain: board.domain,
      name: 'pageview',
      pathname: page.pathname,
      visitor,
      ...(page.job === undefined ? {} : { props: { job_id: page.job.id } }),
      ...attributes,
    }
    yield event
    if (page.job !== undefined && random.chance(0.05)) {
      time += random.between(20, 600)
      yield { ...event, timestamp: time, name: 'Apply' }
    }
  }
  return time
}

function drawPage(random: Random, drawJob: Choice<DemoJob>): Page {
  if (random.chance(0.3)) return { pathname: random.pick(OTHER_PAGES), job: undefined }
  const job = drawJob(random)
  return { pathname: job.path, job }
}

// A posting is looked at most in its first weeks, then less and less, and hardly once it has expired.
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
