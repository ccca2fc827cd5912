// Organizations, keys and jobs in Neon Postgres: the statements, one for each question of the `Directory` port.

import type { Directory, JobPaths, OwnedJob, Reachable } from '../services.ts'
import { type NeonOptions, openNeon } from './neon-client.ts'
import { CREDENTIAL } from './neon-credential.ts'
import { jobListStatement, parseJobList } from './neon-job-list.ts'

const JOB_PATHS = `${CREDENTIAL}
select c.id, c.organization_id, c.domain, (
  select coalesce(json_agg(j.path order by asked.place), '[]')
  from unnest($2::uuid[]) with ordinality asked (id, place)
  left join jobs j on j.id = asked.id and j.organization_id = c.organization_id
) from credential c`

/** $2 the jobs asked about by name, $3 how many of all jobs to tell besides, the newest first. */
const SITE = `${CREDENTIAL}
select c.id, c.organization_id, c.domain, (
  select coalesce(json_agg(json_build_array(j.id, j.path)), '[]')
  from jobs j where j.id = any($2::uuid[]) and j.organization_id = c.organization_id
), (
  select coalesce(json_agg(json_build_array(j.id, j.path)), '[]') from (
    select id, path from jobs where organization_id = c.organization_id order by created_at desc, id desc limit $3
  ) j
) from credential c`

/** The `Directory` port over a Neon database. */
export function neonDirectory(options: NeonOptions): Directory & Reachable {
  const neon = openNeon(options)
  return {
    ping: neon.ping,

    jobPaths: (keyHash, jobIds) =>
      neon.ask(JOB_PATHS, [keyHash, toUuidArray(jobIds)], ([paths]) =>
        isListOfPaths(paths) && paths.length === jobIds.length ? paths : undefined,
      ),

    siteJobs: (keyHash, jobIds, most) =>
      neon.ask(SITE, [keyHash, toUuidArray(jobIds), most], (columns) => {
        const [named, listed] = columns.map(parseJobs)
        return named && listed && { named, listed }
      }),

    listJobs(keyHash, selection) {
      const { text, parameters } = jobListStatement(keyHash, selection)
      return neon.ask(text, parameters, (columns) => parseJobList(columns, selection))
    },
  }
}

/** Postgres's text form of a uuid[]; the driver would escape each ID, which has nothing to escape. */
function toUuidArray(ids: readonly string[]): string {
  return ids.length === 0 ? '{}' : `{"${ids.join('","')}"}`
}

function isListOfPaths(value: unknown): value is JobPaths {
  return Array.isArray(value) && value.every((path) => path === null || typeof path === 'string')
}

/** Jobs from a list of `[id, path]`, in one pass: a schema for each of its rows would cost more than the query. */
function parseJobs(list: unknown): OwnedJob[] | undefined {
  if (!Array.isArray(list)) return undefined
  const jobs: OwnedJob[] = []
  for (const row of list) {
    if (!Array.isArray(row)) return undefined
    const [id, path]: unknown[] = row
    if (typeof id !== 'string' || typeof path !== 'string') return undefined
    jobs.push({ id, path })
  }
  return jobs
}
