// The figures of a site as they are queried and cached: one result each, and for a comparison the one before.

import * as z from 'zod/mini'
import type { StatsResult } from '../../analytics/analytics-store.ts'
import { type FiguresRequest, queryFigures } from '../../analytics/figures.ts'
import type { JobRanking, RankedJobs, TitledJob } from '../../directory/directory.ts'
import type { Spend } from '../../request/figures-query.ts'
import type { RequestContext } from '../../request/request-context.ts'
import type { Services } from '../../services.ts'
import { type CountedJobsRequest, readCountedJobs } from '../counted-jobs.ts'

/** A result, and the one of the window before. */
export interface SiteFigures {
  stats: StatsResult
  previous?: StatsResult
  /** The jobs that the groups of all jobs are about, and the version of the organization's jobs at that time. */
  ranked?: { jobs: TitledJob[]; jobsVersion: string }
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
  isTruncated: z.exactOptional(z.boolean()),
})
const paths = z.tuple([z.string()], z.string())
const titledJobs = z.array(z.object({ id: z.string(), title: z.string(), paths }))
const siteFigures = z.object({
  stats,
  previous: z.exactOptional(stats),
  ranked: z.exactOptional(z.object({ jobs: titledJobs, jobsVersion: z.string() })),
})

/** Cached figures, parsed; undefined if they are something else, or about jobs that have changed since. */
export function parseSiteFigures(cached: unknown, jobsVersion: string): SiteFigures | undefined {
  const figures = siteFigures.safeParse(cached).data
  return figures?.ranked && figures.ranked.jobsVersion !== jobsVersion ? undefined : figures
}

/** The request for a part, and the one for the window before if it is compared. */
export type SiteRequests = readonly [FiguresRequest, ...previous: FiguresRequest[]]

/** Queries one result, and in parallel the one before. Throws `StoreError`. */
export async function readSiteFigures(
  { store, applyEvent }: Services,
  request: RequestContext,
  site: string,
  [now, before]: SiteRequests,
): Promise<SiteFigures> {
  const run = (part: FiguresRequest) => queryFigures(store, site, part, applyEvent, request.signal)
  const [stats, previous] = await Promise.all([run(now), before && run(before)])
  return { stats, ...(previous && { previous }) }
}

/**
 * The groups of all jobs: queries what the store counted, then looks up which jobs these pages or IDs are. Throws
 * `StoreError`, and what `rankJobs` throws.
 */
export async function readJobGroups(
  services: Services,
  request: RequestContext,
  site: string,
  query: CountedJobsRequest,
  rankJobs: (ranking: JobRanking) => Promise<RankedJobs>,
  jobsVersion: string,
  spend: Spend,
): Promise<SiteFigures> {
  const counted = await readCountedJobs(services, request, site, query, spend)
  const { jobs, total } = await rankJobs(counted.ranking)
  const figures = await counted.figuresOf(jobs)
  const rows = jobs.map(({ id }, index) => ({ group: id, metrics: figures[index] ?? [] }))
  const { isTruncated } = counted
  const stats = { rows, from: '', to: '', totalGroups: total, ...(isTruncated && { isTruncated }) }
  return { stats, ranked: { jobs, jobsVersion } }
}
