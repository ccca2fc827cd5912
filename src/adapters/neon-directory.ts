// Organizations, keys and jobs in Neon Postgres: the statements, one for each question of the `Directory` port.

import * as z from 'zod/mini'
import type { Directory, Organization, OwnedJob, Reachable } from '../services.ts'
import { type NeonOptions, openNeon } from './neon-client.ts'
import { CREDENTIAL } from './neon-credential.ts'
import { jobListRow, jobListStatement, toJobList } from './neon-job-list.ts'

const OWNED_JOBS = `${CREDENTIAL}
select c.id, c.organization_id, c.domain, (
  select coalesce(json_agg(json_build_array(j.id, j.path)), '[]')
  from jobs j where j.id = any($2::uuid[]) and j.organization_id = c.organization_id
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

// One check of the whole list: a schema for each of its rows would cost more than the query.
const jobs = z.custom<[string, string][]>(isListOfPairs)
const ownedJobsRow = z.tuple([z.string(), z.string(), z.nullable(z.string()), jobs])
const siteRow = z.tuple([z.string(), z.string(), z.nullable(z.string()), jobs, jobs])

/** The `Directory` port over a Neon database. */
export function neonDirectory(options: NeonOptions): Directory & Reachable {
  const neon = openNeon(options)
  return {
    ping: neon.ping,

    ownedJobs: (keyHash, jobIds) =>
      neon.ask(OWNED_JOBS, [keyHash, toUuidArray(jobIds)], (row) => {
        const [keyId, id, domain, owned] = ownedJobsRow.parse(row)
        return { organization: toOrganization(keyId, id, domain), rows: owned.map(toJob) }
      }),

    siteJobs: (keyHash, jobIds, most) =>
      neon.ask(SITE, [keyHash, toUuidArray(jobIds), most], (row) => {
        const [keyId, id, domain, named, listed] = siteRow.parse(row)
        const rows = { named: named.map(toJob), listed: listed.map(toJob) }
        return { organization: toOrganization(keyId, id, domain), rows }
      }),

    listJobs(keyHash, selection) {
      const { text, parameters } = jobListStatement(keyHash, selection)
      return neon.ask(text, parameters, (row) => {
        const [keyId, id, domain, ...list] = jobListRow.parse(row)
        return { organization: toOrganization(keyId, id, domain), rows: toJobList(list, selection) }
      })
    },
  }
}

/** Postgres's text form of a uuid[]; the driver would escape each ID, which has nothing to escape. */
function toUuidArray(ids: readonly string[]): string {
  return ids.length === 0 ? '{}' : `{"${ids.join('","')}"}`
}

function toOrganization(keyId: string, id: string, domain: string | null): Organization {
  return { id, keyId, domain: domain ?? undefined }
}

function toJob([id, path]: [string, string]): OwnedJob {
  return { id, path }
}

function isListOfPairs(value: unknown): boolean {
  const isPair = (row: unknown) =>
    Array.isArray(row) && row.length === 2 && typeof row[0] === 'string' && typeof row[1] === 'string'
  return Array.isArray(value) && value.every(isPair)
}
