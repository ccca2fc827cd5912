// Jobs in the database, a page at a time.
import * as z from 'zod/mini'
import type { Database } from '../database.ts'

const job = z.object({
  id: z.string(),
  title: z.string(),
  slug: z.string(),
  path: z.string(),
  paths: z.array(z.string()),
  status: z.string(),
  createdAt: z.date(),
  expiresAt: z.nullable(z.date()),
})
/** A job as it is stored. `path` is its page and `paths` are further ones. */
export type Job = z.infer<typeof job>

/** Which jobs are wanted. */
export interface JobPage {
  organizationId: string
  status: string | undefined
  limit: number
  /** The id of the last job of the page before. */
  after: string | undefined
}

/** Returns a page of an organization's jobs, newest first. */
export function listJobs(database: Database, page: JobPage): Promise<Job[]> {
  const text = `select j.id, j.title, j.slug, j.path, j.paths, j.status, j.created_at as "createdAt", j.expires_at as "expiresAt"
    from jobs j
    where j.organization_id = $1 and ($2::job_status is null or j.status = $2)
      and ($3::uuid is null or (j.created_at, j.id) < (select a.created_at, a.id from jobs a where a.id = $3))
    order by j.created_at desc, j.id desc limit $4`
  return database.rows(job, text, [page.organizationId, page.status ?? null, page.after ?? null, page.limit])
}

const pageOfJob = z.object({
  id: z.string(),
  title: z.string(),
  slug: z.string(),
  path: z.string(),
  paths: z.array(z.string()),
  status: z.string(),
  expiresAt: z.nullable(z.string()),
})
/** A job with its pages; `expiresAt` is ISO 8601 in UTC, to the microsecond. */
export type JobPages = z.infer<typeof pageOfJob>

const JOBS_A_READ = 5_000

/** Yields all jobs of an organization in the order of their ids, some thousand at a time. */
export async function* readJobPages(database: Database, organizationId: string): AsyncGenerator<JobPages[]> {
  const text = `select id, title, slug, path, paths, status,
      to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "expiresAt"
    from jobs where organization_id = $1 and ($2::uuid is null or id > $2) order by id limit ${JOBS_A_READ}`
  let after: string | null = null
  do {
    const jobs: JobPages[] = await database.rows(pageOfJob, text, [organizationId, after])
    if (jobs.length > 0) yield jobs
    after = jobs.length === JOBS_A_READ ? (jobs.at(-1)?.id ?? null) : null
  } while (after !== null)
}

/** Returns which of these jobs are the organization's. */
export async function jobsOwnedBy(
  database: Database,
  organizationId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const text = 'select id from jobs where organization_id = $1 and id = any($2::uuid[])'
  const rows = await database.rows(z.object({ id: z.string() }), text, [organizationId, ids])
  return new Set(rows.map(({ id }) => id))
}

const sharedPage = z.object({ page: z.string(), ids: z.array(z.string()) })
/** A page that several jobs have, and some of these jobs. */
export type SharedPage = z.infer<typeof sharedPage>

const SHARED_TIMEOUT_MS = 60_000

/** Returns pages that more than one job of the organization has, at most 1,000 and none of `excluded`. */
export function findSharedPages(
  database: Database,
  organizationId: string,
  excluded: readonly string[],
): Promise<SharedPage[]> {
  const text = `select page, (array_agg(id order by id))[1:5] as ids
    from (select id, unnest(array[path] || paths) as page from jobs where organization_id = $1) pages
    where page <> all($2::text[])
    group by page having min(id::text) <> max(id::text) order by page limit 1000`
  return database.rows(sharedPage, text, [organizationId, excluded], SHARED_TIMEOUT_MS)
}
