// The statement that lists an organization's jobs, built of constant parts; every value is a parameter.

import * as z from 'zod/mini'
import { JOB_STATUSES, type JobSort } from '../domain/job-selection.ts'
import type { JobList, JobSelection } from '../services.ts'
import { CREDENTIAL } from './neon-credential.ts'

/** How each order is told to Postgres: an index of migrations 0001 and 0004 has each of them. */
const ORDERS: Record<JobSort, { columns: string; comparison: string; type: string }> = {
  '-created_at': {
    columns: 'j.created_at desc, j.id desc',
    comparison: '(j.created_at, j.id) <',
    type: 'timestamptz',
  },
  created_at: {
    columns: 'j.created_at, j.id',
    comparison: '(j.created_at, j.id) >',
    type: 'timestamptz',
  },
  title: { columns: 'j.title, j.id', comparison: '(j.title, j.id) >', type: 'text' },
}

/** UTC to the microsecond, which a cursor needs to be exact. */
const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** The statement and its parameters: one row of the key's owner, the jobs, and how many match. */
export function jobListStatement(
  keyHash: string,
  selection: JobSelection,
): { text: string; parameters: unknown[] } {
  const { status, words, sort, after, limit, offset, mostCounted } = selection
  const parameters: unknown[] = [keyHash]
  const parameter = (value: unknown) => `$${parameters.push(value)}`
  const order = ORDERS[sort]
  const conditions = ['j.organization_id = c.organization_id']
  const statusIs = status && `status = ${parameter(status)}::job_status`
  if (statusIs) conditions.push(`j.${statusIs}`)
  if (words !== undefined) {
    conditions.push(`to_tsvector('simple', j.title) @@ plainto_tsquery('simple', ${parameter(words)})`)
  }
  const matching = conditions.join(' and ')
  const total =
    words === undefined
      ? `(select coalesce(sum(n.count), 0) from job_counts n
          where n.organization_id = c.organization_id${statusIs ? ` and n.${statusIs}` : ''})`
      : `(select count(*) from (select 1 from jobs j where ${matching} limit ${parameter(mostCounted + 1)}) m)`
  const beyond =
    after &&
    ` and ${order.comparison} (${parameter(after.value)}::${order.type}, ${parameter(after.id)}::uuid)`
  const text = `${CREDENTIAL}
select c.id, c.organization_id, c.domain, (
  select coalesce(json_agg(json_build_array(
    j.id, j.title, j.slug, j.status, j.path, ${time('j.created_at')}, ${time('j.expires_at')}
  ) order by ${order.columns}), '[]')
  from (
    select * from jobs j where ${matching}${beyond ?? ''}
    order by ${order.columns} limit ${parameter(limit + 1)} offset ${parameter(offset)}
  ) j
), ${total}::int from credential c`
  return { text, parameters }
}

const text = z.string()
const listedRow = z.tuple([text, text, text, z.enum(JOB_STATUSES), text, text, z.nullable(text)])

/** A row of the statement: key, organization, domain, jobs, total. */
export const jobListRow = z.tuple([text, text, z.nullable(text), z.array(listedRow), z.int()])

/** The jobs of a row, and whether there are more than were asked for. */
export function toJobList(
  [rows, total]: [z.infer<typeof listedRow>[], number],
  { limit, mostCounted, words }: JobSelection,
): JobList {
  const jobs = rows.slice(0, limit).map(([id, title, slug, status, path, createdAt, expiresAt]) => ({
    id,
    title,
    slug,
    status,
    path,
    createdAt,
    expiresAt,
  }))
  const isCapped = words !== undefined && total > mostCounted
  return { jobs, hasMore: rows.length > limit, total: isCapped ? mostCounted : total, isCapped }
}
