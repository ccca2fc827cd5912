// GET /analytics/jobs: how many people visited each of these jobs over a period.

import { type JobVisitorsAnswer, type JobVisitorsQuery, jobVisitorsQuery } from '../contract.ts'
import { distinctJobs } from '../domain/job-ids.ts'
import type { Endpoint } from '../request/endpoint.ts'
import type { OwnedJob } from '../services.ts'

export const jobVisitors: Endpoint<JobVisitorsQuery, OwnedJob[], number> = {
  query: jobVisitorsQuery,

  describe: ({ jobIds, period }) => ({ jobs: jobIds.length, period }),

  cacheKeys: (query) => distinctJobs(query.jobIds).map(({ id }) => cacheKey(query, id)),

  lookUp: (directory, keyHash, query) =>
    directory.ownedJobs(
      keyHash,
      distinctJobs(query.jobIds).map(({ id }) => id),
    ),

  read(query, organization, rows, store) {
    if (organization.domain === undefined) return { code: 'domain_not_verified' }
    const owned = new Map(rows.map((job) => [job.id, job]))
    const denied = distinctJobs(query.jobIds).filter(({ id }) => !owned.has(id))
    if (denied.length > 0) {
      return { code: 'job_access_denied', jobIds: denied.map(({ asWritten }) => asWritten) }
    }
    const site = organization.domain
    const byCacheKey = new Map(rows.map((job) => [cacheKey(query, job.id), job]))
    return {
      site,
      cacheKeys: jobVisitors.cacheKeys(query),
      parse: (cached) => (typeof cached === 'number' ? cached : undefined),
      refreshName: `visitors:${query.period}:${organization.id}`,
      async query(cacheKeys) {
        const jobs = cacheKeys.flatMap((key) => byCacheKey.get(key) ?? [])
        const answer = await store.visitors(site, jobs, query.period)
        if (!answer.ok) return answer
        return {
          ok: true,
          value: new Map(jobs.map(({ id }) => [cacheKey(query, id), answer.value.get(id) ?? 0])),
        }
      },
    }
  },

  answer(query, _rows, values): JobVisitorsAnswer {
    const jobs = distinctJobs(query.jobIds)
    const visitors = Object.fromEntries(
      jobs.map(({ id, asWritten }) => [asWritten, values.get(cacheKey(query, id)) ?? 0]),
    )
    return { data: { visitors }, meta: { period: query.period, total_jobs: jobs.length } }
  },
}

function cacheKey(query: JobVisitorsQuery, jobId: string): string {
  return `visitors:${query.period}:${jobId}`
}
