// Jobs in the database, a page at a time.
import * as z from 'zod/mini'
import type { Database } from '../database.ts'

const job = z.object({
  id: z.string(),
  title: z.string(),
  slug: z.string(),
  path: z.string(),
  status: z.string(),
  createdAt: z.date(),
  expiresAt: z.nullable(z.date()),
})
export type Job = z.infer<typeof job>

export interface JobPage {
  organizationId: string
  status: string | undefined
  limit: number
  /** The id of the last job of the page before. */
  after: string | undefined
}

/** The newest first. */
export function listJobs(database: Database, page: JobPage): Promise<Job[]> {
  const text = `select j.id, j.title, j.slug, j.path, j.status, j.created_at as "createdAt", j.expires_at as "expiresAt"
    from jobs j
    where j.organization_id = $1 and ($2::job_status is null or j.status = $2)
      and ($3::uuid is null or (j.created_at, j.id) < (select a.created_at, a.id from jobs a where a.id = $3))
    order by j.created_at desc, j.id desc limit $4`
  return database.rows(job, text, [page.organizationId, page.status ?? null, page.after ?? null, page.limit])
}
