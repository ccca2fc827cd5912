// A page of jobs ordered by what the analytics store counted: the counted jobs first, then the others from the newest.

import * as z from 'zod/mini'
import { figuresCost } from '../../analytics/figures.ts'
import { JOB_STATUSES, type JobRanking } from '../../directory/directory.ts'
import { digestOf } from '../../http/digest.ts'
import { authenticateAndAdmit } from '../../request/authenticate-and-admit.ts'
import { authorizeDomain } from '../../request/authorize.ts'
import { cachedQuery } from '../../request/cached-query.ts'
import type { Spend } from '../../request/figures-query.ts'
import { lookUpAgain } from '../../request/look-up-again.ts'
import type { RequestContext } from '../../request/request-context.ts'
import type { Services } from '../../services.ts'
import { type CountedJobsRequest, countedRequest, readCountedJobs } from '../counted-jobs.ts'
import { windowIn } from '../window-parameters.ts'
import type { JobPage, JobPageRequest } from './job-page.ts'
import type { ListMetric } from './parameters.ts'

const cachedPage = z.object({
  list: z.object({
    jobs: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        slug: z.string(),
        status: z.enum(JOB_STATUSES),
        paths: z.tuple([z.string()], z.string()),
        createdAt: z.string(),
        expiresAt: z.nullable(z.string()),
      }),
    ),
    hasMore: z.boolean(),
    total: z.int(),
    isCapped: z.boolean(),
  }),
  figures: z.array(z.array(z.number())),
  lastWeight: z.number(),
  jobsVersion: z.string(),
})
type CachedPage = z.infer<typeof cachedPage>

/** What to list, ordered by `figure`. */
export interface TopJobsRequest extends JobPageRequest {
  figure: ListMetric
  requested: NonNullable<JobPageRequest['requested']>
}

/**
 * Reads the page from the cache in hop 1, as long as no job was added or removed or changed its status since. Otherwise the
 * store's rows take a second hop, and their jobs a third. Throws `ApiError`.
 */
export async function readTopJobs(
  services: Services,
  request: RequestContext,
  wanted: TopJobsRequest,
): Promise<JobPage> {
  const { caller, selection, figure, metrics, requested } = wanted
  const name = JSON.stringify([requested, metrics, figure, selection])
  const cacheKeys = [`top:${caller.cacheId}:${await digestOf(name)}`]
  const { found, arrival } = await authenticateAndAdmit(request, services, {
    caller,
    cacheKeys,
    lookUp: () => services.directory.findSiteJobs(caller, [], true, request.signal),
  })
  const { organization, jobsVersion } = found
  const { domain, site } = authorizeDomain(organization)
  const window = windowIn(organization.timeZone, requested, services.now())
  const others = metrics.filter((metric) => metric !== figure)
  const query: CountedJobsRequest = {
    metrics: [figure, ...others],
    window: { from: window.from, to: window.to },
    sizedBy: 'per_page',
  }
  const { store, applyEvent } = services
  const [page] = await cachedQuery(
    {
      organization,
      site,
      window,
      cacheKeys,
      cached: arrival.cached,
      parse: (cached) => parsePage(cached, jobsVersion),
      read: async (_, spend) => [
        { ...(await readPage(services, request, site, query, wanted, spend)), jobsVersion },
      ],
      cost: () => figuresCost(store, site, [countedRequest(services, query)], applyEvent),
      lock: `${cacheKeys[0]}:${organization.id}`,
    },
    arrival,
    request,
    services,
  )
  if (page === undefined) throw new Error('The cached query returned no page')
  return { ...page, domain, window: { ...window, ...request.servedWindow } }
}

function parsePage(cached: unknown, jobsVersion: string): CachedPage | undefined {
  const page = cachedPage.safeParse(cached).data
  return page?.jobsVersion === jobsVersion ? page : undefined
}

async function readPage(
  services: Services,
  request: RequestContext,
  site: string,
  query: CountedJobsRequest,
  { caller, selection, metrics }: TopJobsRequest,
  spend: Spend,
): Promise<Omit<CachedPage, 'jobsVersion'>> {
  const counted = await readCountedJobs(services, request, site, query, spend)
  const ranking = withoutZeros(counted.ranking)
  const { list } = await lookUpAgain(request, () =>
    services.directory.listJobs(caller, { ...selection, ranking }, request.signal),
  )
  const figures = await counted.figuresOf(list.jobs)
  return {
    list: { ...list, jobs: list.jobs.map((job) => ({ ...job, paths: [...job.paths] })) },
    figures: figures.map((values) => metrics.map((metric) => values[query.metrics.indexOf(metric)] ?? 0)),
    lastWeight: counted.weightsOf(list.jobs.slice(-1))[0] ?? 0,
  }
}

/** Jobs without the figure follow, newest first, whether or not the store counted something else for them. */
function withoutZeros({ keys, weights, ...rest }: JobRanking): JobRanking {
  const isCounted = (index: number) => (weights[index] ?? 0) > 0
  return {
    ...rest,
    keys: keys.filter((_, index) => isCounted(index)),
    weights: weights.filter((_, index) => isCounted(index)),
  }
}
