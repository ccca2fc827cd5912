// Authorization: an organization reads figures of its own verified domain and its own jobs only.

import type { Organization } from '../directory/directory.ts'
import type { RequestedJob } from '../directory/requested-jobs.ts'
import { ApiError } from '../http/errors.ts'

/** The domain whose figures the organization may read, and the name of its site in the store. Throws `ApiError` `domain_not_verified`. */
export function authorizeDomain({ domain, siteName }: Pick<Organization, 'domain' | 'siteName'>): {
  domain: string
  site: string
} {
  if (domain === undefined) throw new ApiError('domain_not_verified')
  return { domain, site: siteName ?? domain }
}

/**
 * The own job for each requested one, in order. Throws `ApiError` `job_access_denied` with the jobs that are not among
 * `owned`; unknown and foreign jobs look the same.
 */
export function authorizeJobs<OwnJob>(
  jobs: readonly RequestedJob[],
  owned: (job: RequestedJob, index: number) => OwnJob | undefined,
): OwnJob[] {
  const found = jobs.map((job, index) => ({ job, own: owned(job, index) }))
  const denied = found.filter(({ own }) => own === undefined)
  if (denied.length > 0) {
    throw new ApiError('job_access_denied', { jobIds: denied.map(({ job }) => job.asWritten) })
  }
  return found.flatMap(({ own }) => (own === undefined ? [] : [own]))
}
