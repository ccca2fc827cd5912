// A page of jobs in an order of the directory, and on request the figures of its jobs.

import type { RequestedWindow, ResolvedWindow } from '../../analytics/windows.ts'
import type { JobList, JobSelection, ListedJob, Organization } from '../../directory/directory.ts'
import { type Admitted, authenticateAndAdmit } from '../../request/authenticate-and-admit.ts'
import { authorizeDomain } from '../../request/authorize.ts'
import { cachedQuery } from '../../request/cached-query.ts'
import type { Caller } from '../../request/caller.ts'
import type { RequestContext } from '../../request/request-context.ts'
import type { Services } from '../../services.ts'
import {
  jobFiguresCost,
  jobKeyPrefix,
  jobRequests,
  parseJobFigures,
  pick,
  readJobFigures,
} from '../job-figures.ts'
import { rejectUnsupported } from '../reject-unsupported.ts'
import { windowIn, windowName } from '../window-parameters.ts'
import type { ListMetric } from './parameters.ts'

/** What to list, and which figures of which days to include. */
export interface JobPageRequest {
  caller: Caller
  selection: JobSelection
  metrics: readonly ListMetric[]
  requested: RequestedWindow | undefined
}

/** A page of jobs. */
export interface JobPage {
  list: JobList
  /** Undefined while the organization has no verified domain. */
  domain: string | undefined
  /** For each job the requested metrics; undefined if none are requested. */
  figures: readonly (readonly number[])[] | undefined
  window: ResolvedWindow | undefined
  /** In a list sorted by a figure: the figure of the last job. */
  lastWeight?: number
}

/** Reads the page in hop 1 and its figures in two more. Throws `ApiError`. */
export async function readJobPage(
  services: Services,
  request: RequestContext,
  { caller, selection, metrics, requested }: JobPageRequest,
): Promise<JobPage> {
  const admitted = await authenticateAndAdmit(request, services, {
    caller,
    cacheKeys: [],
    lookUp: () => services.directory.listJobs(caller, selection, request.signal),
  })
  const { organization, list } = admitted.found
  const window = requested && windowIn(organization.timeZone, requested, services.now())
  const figures =
    requested &&
    window &&
    (await readFigures(services, request, admitted, list.jobs, {
      metrics,
      window,
      name: windowName(requested),
    }))
  return {
    list,
    domain: organization.domain,
    figures,
    window: window && { ...window, ...request.servedWindow },
  }
}

/** The jobs on the page are known only after hop 1, so reading their cached figures takes another hop. */
async function readFigures(
  services: Services,
  request: RequestContext,
  { found, arrival }: Admitted<{ organization: Organization }>,
  jobs: readonly ListedJob[],
  { metrics, window, name }: { metrics: readonly ListMetric[]; window: ResolvedWindow; name: string },
): Promise<(readonly number[])[]> {
  const { site } = authorizeDomain(found.organization)
  // A page without jobs has no figures, so no age is reported.
  if (jobs.length === 0) return []
  const query = { metrics, window }
  rejectUnsupported(services, site, jobRequests(query, jobs), 'per_page')
  const keyPrefix = jobKeyPrefix(name, metrics)
  const cacheKeys = jobs.map(({ id }) => keyPrefix + id)
  const cached = await request.timed('redis', () => services.shared.readCache(cacheKeys))
  const figures = await cachedQuery(
    {
      organization: found.organization,
      site,
      window,
      cacheKeys,
      cached,
      parse: parseJobFigures,
      read: (indexes) => readJobFigures(services, request, site, query, pick(jobs, indexes)),
      cost: (indexes) => jobFiguresCost(services, site, query, pick(jobs, indexes)),
      lock: keyPrefix + found.organization.id,
    },
    arrival,
    request,
    services,
  )
  return figures.map((figure) => figure?.totals ?? [])
}
