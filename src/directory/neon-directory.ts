// The directory in Neon Postgres: one statement for each method.

import * as z from 'zod/mini'
import { NeonClient, type NeonOptions } from '../stores/neon-client.ts'
import type { Pingable } from '../stores/store-error.ts'
import type { Directory } from './directory.ts'
import { credentialPart, ORGANIZATION_COLUMN, organizationColumn } from './neon-credential.ts'
import { jobListRow, jobListStatement, toJobList } from './neon-job-list.ts'
import { rankedJobsRow, rankedJobsStatement } from './neon-ranked-jobs.ts'

/** $2 the requested jobs. */
const JOB_PATHS = `
select ${ORGANIZATION_COLUMN}, (
  select coalesce(json_agg(case when j.id is not null then array[j.path] || j.paths end order by requested.index), '[]')
  from unnest($2::uuid[]) with ordinality requested (id, index)
  left join jobs j on j.id = requested.id and j.organization_id = c.organization_id
) as paths from credential c`

/** The schema of a job's paths: at least one. */
const paths = z.tuple([z.string()], z.string())
const jobPathsRow = z.object({ organization: organizationColumn, paths: z.array(z.nullable(paths)) })

/** $2 the requested jobs. */
const siteJobs = (version: string) => `
select ${ORGANIZATION_COLUMN}, (
  select coalesce(json_agg(json_build_object('id', j.id, 'title', j.title, 'paths', array[j.path] || j.paths)), '[]')
  from jobs j where j.id = any($2::uuid[]) and j.organization_id = c.organization_id
) as named, ${version} as "jobsVersion" from credential c`
const SITE_JOBS = siteJobs("''")
const SITE_JOBS_WITH_VERSION = siteJobs(`concat_ws(' ', (
  select string_agg(n.status || ' ' || n.count, ' ' order by n.status) from job_counts n
  where n.organization_id = c.organization_id
), (
  select j.id from jobs j where j.organization_id = c.organization_id order by j.created_at desc, j.id desc limit 1
))`)

const titledJobs = z.array(z.object({ id: z.string(), title: z.string(), paths }))
const siteJobsRow = z.object({ organization: organizationColumn, named: titledJobs, jobsVersion: z.string() })

/** The `Directory` port over a Neon database. */
export function neonDirectory(options: NeonOptions): Directory & Pingable {
  const neon = new NeonClient(options)
  return {
    findJobPaths(credential, jobIds, signal) {
      const { text, parameter } = credentialPart(credential)
      return neon.queryRow(text + JOB_PATHS, [parameter, jobIds], jobPathsRow, signal)
    },

    findSiteJobs(credential, jobIds, withVersion, signal) {
      const { text, parameter } = credentialPart(credential)
      const statement = text + (withVersion ? SITE_JOBS_WITH_VERSION : SITE_JOBS)
      return neon.queryRow(statement, [parameter, jobIds], siteJobsRow, signal)
    },

    rankJobs(credential, ranking, slice, signal) {
      const { text, parameters } = rankedJobsStatement(credential, ranking, slice)
      return neon.queryRow(text, parameters, rankedJobsRow, signal)
    },

    async listJobs(credential, selection, signal) {
      const { text, parameters } = jobListStatement(credential, selection)
      const row = await neon.queryRow(text, parameters, jobListRow, signal)
      return row && { organization: row.organization, list: toJobList(row, selection) }
    },

    async ping(signal) {
      await neon.queryRow('select 1 as one', [], z.object({ one: z.number() }), signal)
    },
  }
}
