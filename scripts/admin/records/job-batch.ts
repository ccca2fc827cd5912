// Writes a batch of jobs in one statement: new ones are inserted, changed ones updated, another organization's left alone.
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod/mini'
import { AdminError } from '../admin-error.ts'
import { type Database, REHEARSAL_RESULT } from '../database.ts'
import { brokenConstraint, refusedValues } from '../database-error.ts'
import type { JobRecord } from '../import/job-record.ts'

const TIMEOUT_MS = 60_000
/** Writing a batch again does no harm, so a short outage is waited out. */
const RETRY_AFTER_MS = [500, 2_000, 5_000]

/** How many jobs were written, or why the database refuses to write any of them. */
export type BatchResult = WrittenBatch | { refusal: string }

interface WrittenBatch {
  inserted: number
  updated: number
  unchanged: number
  /** IDs that are another organization's. */
  foreign: string[]
}

/** $1 is the organization, $2 the jobs as JSON. The order keeps two imports from waiting for each other's rows. */
const WITH_WRITTEN = `with line as (
    select * from json_to_recordset($2::json) as line(id uuid, title text, slug text, path text, paths text[],
      status job_status, created_at timestamptz, expires_at timestamptz)
  ), written as (
    insert into jobs as j (id, organization_id, title, slug, path, paths, status, created_at, expires_at)
    select line.id, $1::bigint, line.title, line.slug, line.path,
      array_remove(coalesce(line.paths, known.paths, '{}'), line.path), line.status,
      coalesce(line.created_at, known.created_at, now()), line.expires_at
    from line left join jobs known on known.id = line.id
    order by line.id
    on conflict (id) do update set title = excluded.title, slug = excluded.slug, path = excluded.path,
      paths = excluded.paths, status = excluded.status, created_at = excluded.created_at, expires_at = excluded.expires_at
    where j.organization_id = excluded.organization_id
      and (j.title, j.slug, j.path, j.paths, j.status, j.created_at, j.expires_at) is distinct from
        (excluded.title, excluded.slug, excluded.path, excluded.paths, excluded.status, excluded.created_at,
          excluded.expires_at)
    returning j.id, j.xmax = 0 as is_new
  )`

/** `unsettled` are jobs neither written nor seen to be the organization's: another's, or written by someone else just now. */
const COUNTS = `select count(*) filter (where written.is_new)::int as inserted,
    count(*) filter (where not written.is_new)::int as updated,
    count(*) filter (where written.id is null and known.organization_id = $1)::int as unchanged,
    coalesce(array_agg(line.id) filter (where written.id is null and known.organization_id is distinct from $1), '{}')
      as unsettled
  from line left join written on written.id = line.id left join jobs known on known.id = line.id`

const UPSERT = `${WITH_WRITTEN} ${COUNTS}`
const REHEARSAL = `${WITH_WRITTEN}
  select set_config('${REHEARSAL_RESULT}', row_to_json(counts)::text, true) from (${COUNTS}) counts`

const upsertRow = z.object({
  inserted: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  unsettled: z.array(z.string()),
})

const FOREIGN = 'select id from jobs where id = any($1::uuid[]) and organization_id <> $2'

type Counts = z.infer<typeof upsertRow>

/** Writes all of these jobs, whose ids are distinct, or none. Throws AdminError when the database cannot be used. */
export function writeJobs(
  database: Database,
  organizationId: string,
  jobs: readonly JobRecord[],
): Promise<BatchResult> {
  return settle(database, organizationId, async () => {
    const parameters = [organizationId, JSON.stringify(jobs)]
    const [row] = await database.rows(upsertRow, UPSERT, parameters, TIMEOUT_MS)
    if (row === undefined) throw new AdminError('failed', 'The database returned no row: run this again')
    return row
  })
}

/** Does what `writeJobs` does and rolls it back. Returns the same. */
export function rehearseJobs(
  database: Database,
  organizationId: string,
  jobs: readonly JobRecord[],
): Promise<BatchResult> {
  return settle(database, organizationId, async () => {
    const parameters = [organizationId, JSON.stringify(jobs)]
    return upsertRow.parse(JSON.parse(await database.rehearse(REHEARSAL, parameters, TIMEOUT_MS)))
  })
}

async function settle(
  database: Database,
  organizationId: string,
  write: () => Promise<Counts>,
): Promise<BatchResult> {
  const written = await withRetries(write).catch(explain)
  if ('refusal' in written) return written
  const { unsettled, ...counts } = written
  if (unsettled.length === 0) return { ...counts, foreign: [] }
  const taken = await database.rows(z.object({ id: z.string() }), FOREIGN, [unsettled, organizationId])
  const foreign = taken.map(({ id }) => id)
  return { ...counts, unchanged: counts.unchanged + unsettled.length - foreign.length, foreign }
}

async function withRetries<T>(write: () => Promise<T>): Promise<T> {
  for (const waitMs of RETRY_AFTER_MS) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof AdminError) || error.reason !== 'unavailable') throw error
      await sleep(waitMs)
    }
  }
  return write()
}

function explain(error: unknown): { refusal: string } {
  if (brokenConstraint(error) === 'jobs_organization_id_fkey') {
    throw new AdminError('not_found', 'The organization was deleted meanwhile: see npm run admin -- org list')
  }
  const refusal = refusedValues(error)
  if (refusal === undefined) throw error
  return { refusal }
}
