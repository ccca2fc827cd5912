// The figures of a board as they are read and cached: one question each, and for a comparison the same one before.

import * as z from 'zod/mini'
import { rangeBefore, startOfPeriod } from '../domain/previous-range.ts'
import type { Stats, StatsQuestion } from '../domain/stats-question.ts'
import type { EndpointServices } from '../request/endpoint.ts'
import type { AnalyticsStore, StoreAnswer } from '../services.ts'

/** What a question brought, and what the same question brought for the period before. */
export interface SiteFigures {
  stats: Stats
  previous?: Stats
}

const stats = z.object({
  rows: z.array(
    z.object({
      group: z.exactOptional(z.string()),
      time: z.exactOptional(z.string()),
      metrics: z.array(z.number()),
    }),
  ),
  from: z.string(),
  to: z.string(),
  labels: z.exactOptional(z.array(z.string())),
  totalGroups: z.exactOptional(z.number()),
})
const siteFigures = z.object({ stats, previous: z.exactOptional(stats) })

/** Cached figures, checked. */
export function parseSiteFigures(cached: unknown): SiteFigures | undefined {
  const parsed = siteFigures.safeParse(cached)
  return parsed.success ? parsed.data : undefined
}

/** One figure to read. */
export interface SiteReading {
  question: StatsQuestion
  compare: boolean
}

/** Reads all of them in parallel, in their order; when one fails, all do. */
export async function readSite(
  services: EndpointServices,
  site: string,
  readings: readonly SiteReading[],
): Promise<StoreAnswer<SiteFigures[]>> {
  const answers = await Promise.all(readings.map((reading) => readOne(services, site, reading)))
  const figures: SiteFigures[] = []
  for (const answer of answers) {
    if (!answer.ok) return answer
    figures.push(answer.value)
  }
  return { ok: true, value: figures }
}

async function readOne(
  { store, now }: EndpointServices,
  site: string,
  { question, compare }: SiteReading,
): Promise<StoreAnswer<SiteFigures>> {
  const { range } = question
  if (!compare || typeof range !== 'string') {
    const answer = await askUsable(store, site, question)
    return answer.ok ? { ok: true, value: { stats: answer.value } } : answer
  }
  // Only the store knows the site's time zone. Mostly its day is UTC's too, and then both questions go at once.
  const guess = rangeBefore(range, startOfPeriod(range, now()))
  const [current, guessed] = await Promise.all([
    askUsable(store, site, question),
    askUsable(store, site, { ...question, range: guess }),
  ])
  if (!current.ok) return current
  const before = rangeBefore(range, current.value.from.slice(0, 10))
  const isRight = before[0] === guess[0]
  const previous = isRight ? guessed : await askUsable(store, site, { ...question, range: before })
  return previous.ok ? { ok: true, value: { stats: current.value, previous: previous.value } } : previous
}

/** Asks, and wants to be told which days were counted. A list of no jobs needs no question. */
async function askUsable(
  store: AnalyticsStore,
  site: string,
  question: StatsQuestion,
): Promise<StoreAnswer<Stats>> {
  if (question.groupBy === 'job' && question.jobFilters?.[0]?.jobs.length === 0) {
    return { ok: true, value: { rows: [], from: '', to: '', totalGroups: 0 } }
  }
  const answer = await store.ask(site, question)
  if (answer.ok && answer.value.from === '') return { ok: false, fault: 'unusable' }
  return answer
}
