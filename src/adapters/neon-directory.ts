// Organizations, keys and jobs in Neon Postgres, over its HTTP driver: one statement a question.

import { NeonDbError, type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless'
import * as z from 'zod/mini'
import { $ZodError } from 'zod/v4/core'
import { type Fault, faultOf } from '../domain/fault.ts'
import type { Directory, DirectoryAnswer } from '../services.ts'
import { boundedFetch } from './bounded-fetch.ts'

/** Where the database is and how long a question to it may take, its one retry included. */
export interface NeonOptions {
  connectionString: string
  /** The whole URL of a local front, `/sql` included; the driver itself ignores ports. */
  endpoint?: string | undefined
  timeoutMs: number
}

const MAX_ANSWER_BYTES = 4_000_000

/**
 * $1 the key's hash in hex. The update notes the key's use, at most once a minute, and never waits for a lock.
 * A select that uses `credential` follows it.
 */
const CREDENTIAL = `with credential as (
  select k.id, k.organization_id, case when o.domain_verified_at is not null then o.domain end as domain
  from api_keys k join organizations o on o.id = k.organization_id
  where k.hash = decode($1, 'hex') and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
), used as (
  update api_keys set last_used_at = now() where id = (
    select id from api_keys
    where id = (select id from credential) and (last_used_at is null or last_used_at < now() - interval '1 minute')
    for no key update skip locked)
)`

const OWNED_JOBS = `${CREDENTIAL}
select c.id, c.organization_id, c.domain, (
  select coalesce(json_agg(json_build_array(j.id, j.path)), '[]')
  from jobs j where j.id = any($2::uuid[]) and j.organization_id = c.organization_id
) from credential c`

const ownedJobsRow = z.tuple([
  z.string(),
  z.string(),
  z.nullable(z.string()),
  z.array(z.tuple([z.string(), z.string()])),
])

/** The `Directory` port over a Neon database. */
export function neonDirectory(options: NeonOptions): Directory {
  const sql = neon(options.connectionString, { arrayMode: true })
  return {
    async ownedJobs(keyHash, jobIds) {
      return ask(sql, options, OWNED_JOBS, [keyHash, jobIds], (row) => {
        const [keyId, id, domain, jobs] = ownedJobsRow.parse(row)
        return {
          organization: { id, keyId, domain: domain ?? undefined },
          rows: jobs.map(([jobId, path]) => ({ id: jobId, path })),
        }
      })
    },
  }
}

/** What each query hands to the driver's `fetch`, beside what the driver itself does. */
interface FetchOptions {
  signal: AbortSignal
  endpoint: string | undefined
}

// The driver's own setting for the endpoint is one for all databases; so each query brings its own.
neonConfig.fetchFunction = (url: string, { endpoint, ...init }: RequestInit & Partial<FetchOptions>) =>
  boundedFetch(endpoint ?? url, init, MAX_ANSWER_BYTES)
neonConfig.disableWarningInBrowsers = true

type Known<Rows> = Omit<Extract<DirectoryAnswer<Rows>, { kind: 'known' }>, 'kind'>

/** Runs a statement of at most one row; no row means an unknown key. A failed connect is tried once more. */
async function ask<Rows>(
  sql: NeonQueryFunction<true, false>,
  { endpoint, timeoutMs }: NeonOptions,
  text: string,
  parameters: unknown[],
  parse: (row: unknown) => Known<Rows>,
): Promise<DirectoryAnswer<Rows>> {
  // The driver's queries are lazy and sent anew by each `then`, so one is awaited where it is made.
  const fetchOptions: FetchOptions = { signal: AbortSignal.timeout(timeoutMs), endpoint }
  const run = async () => await sql.query(text, parameters, { fetchOptions })
  try {
    const rows = await run().catch((error: unknown) => {
      if (mayBeStarting(faultOfNeon(error))) return run()
      throw error
    })
    const [row] = rows
    return row === undefined ? { kind: 'unknown_key' } : { kind: 'known', ...parse(row) }
  } catch (error) {
    return { kind: 'unavailable', fault: faultOfNeon(error) }
  }
}

/** A database that was asleep refuses its first connection; a statement it refused would be refused again. */
function mayBeStarting(fault: Fault): boolean {
  return fault === 'unreachable' || /^status_5/.test(fault)
}

/** The driver's errors hold the statement, and some the connection string: only a code leaves this file. */
function faultOfNeon(error: unknown): Fault {
  if (error instanceof $ZodError) return 'unusable'
  if (!(error instanceof NeonDbError)) return faultOf(error)
  if (error.code) return `sqlstate_${error.code}`
  if (error.sourceError) return faultOf(error.sourceError)
  const status = /HTTP status (\d{3})/.exec(error.message)?.[1]
  return status === undefined ? 'unusable' : `status_${Number(status)}`
}
