// The statement that lists an organization's jobs, built of constant parts; every value is a parameter.

import * as z from 'zod/mini'
import { JOB_STATUSES, type JobSort } from '../domain/job-selection.ts'
import type { JobList, JobSelection } from '../services.ts'
import type { Parameter } from './neon-client.ts'
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
  title: { columns: 'left(j.title, 200), j.id', comparison: '(left(j.title, 200), j.id) >', type: 'text' },
}

/**
 * How many jobs a search looks through in their order before it turns to the index of words. That index knows no order
 * and has to bring all matches, which is quick for rare words only; a common one turns up among these.
 */
const LOOKED_THROUGH = 2_000

/**
 * From how many jobs on an organization's matches are picked from those of all organizations. The index of words can
 * leave out the others' by itself, but only by reading all the places of the organization's jobs.
 */
const LARGE = 100_000

/** UTC to the microsecond, which a cursor needs to be exact. */
const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** The statement and its parameters: one row of the key's owner, the jobs, and how many match. */
export function jobListStatement(
  keyHash: string,
  selection: JobSelection,
): { text: string; parameters: Parameter[] } {
  const { status, words, sort, after, limit, offset, mostCounted } = selection
  const parameters: Parameter[] = [keyHash]
  const parameter = (value: Parameter) => `$${parameters.push(value)}`
  const { columns, comparison, type } = ORDERS[sort]
  const statusIs = status ? ` and status = ${parameter(status)}::job_status` : ''
  const beyond = after
    ? ` and ${comparison} (${parameter(after.value)}::${type}, ${parameter(after.id)}::uuid)`
    : ''
  const slice = `order by ${columns} limit ${parameter(limit + 1)} offset ${parameter(offset)}`
  const own = `jobs j where j.organization_id = c.organization_id${statusIs}`
  let search = ''
  let page = `select * from ${own}${beyond} ${slice}`
  let total = `(select json_build_array(coalesce(sum(n.count), 0), false) from job_counts n
    where n.organization_id = c.organization_id${statusIs})`
  if (words !== undefined) {
    // Out of the planner's sight, which would read the whole table for a word that most titles hold.
    const isMatch = 'j.title_words @@ (select words from search)'
    const ofLarge = '(select is_large from search) and j.organization_id + 0 = c.organization_id'
    const ofOthers =
      'not (select is_large from search) and array[j.organization_id] @> array[c.organization_id]'
    const matching = (columnNames: string, rest: string) =>
      [ofLarge, ofOthers]
        .map(
          (isOwn) => `(select ${columnNames} from jobs j where ${isOwn} and ${isMatch}${statusIs} ${rest})`,
        )
        .join(' union all ')
    search = `, search as materialized (
      select plainto_tsquery('simple', ${parameter(words)}) as words, coalesce(sum(n.count), 0) >= ${LARGE} as is_large
      from job_counts n where n.organization_id = (select organization_id from credential)
    )`
    const most = parameter(LOOKED_THROUGH + 4 * offset)
    page = `with near as materialized (
      select * from (select * from ${own}${beyond} order by ${columns} limit ${most}) j where ${isMatch} ${slice}
    ), enough as materialized (
      select (select count(*) from near) > ${limit}
        or (select count(*) from (select from ${own}${beyond} order by ${columns} limit ${most}) j) < ${most} as is_so
    )
    select * from near where (select is_so from enough)
    union all ${matching('*', `${beyond} and not (select is_so from enough) ${slice}`)}`
    const mostMatches = parameter(mostCounted)
    // Of a large organization's matches only those are counted that are near, as long as they fill the page.
    total = `(select case
      when n.jobs < ${LOOKED_THROUGH} or n.matches > ${mostMatches} or (select is_large from search) and n.matches > ${limit}
      then json_build_array(least(n.matches, ${mostMatches}), n.jobs >= ${LOOKED_THROUGH} or n.matches > ${mostMatches})
      else (select json_build_array(least(count(*), ${mostMatches}), count(*) > ${mostMatches})
        from (${matching('', `limit ${mostMatches}::int + 1`)}) j) end
      from (select count(*) as jobs, count(*) filter (where is_match) as matches from (
        select ${isMatch} as is_match from ${own} order by j.created_at desc, j.id desc limit ${LOOKED_THROUGH}
      ) j) n)`
  }
  const text = `${CREDENTIAL}${search}
select c.id, c.organization_id, c.domain, (
  select coalesce(json_agg(json_build_array(
    j.id, j.title, j.slug, j.status, j.path, ${time('j.created_at')}, ${time('j.expires_at')}
  ) order by ${columns}), '[]') from (${page}) j
), ${total} from credential c`
  return { text, parameters }
}

const text = z.string()
const listedRow = z.tuple([text, text, text, z.enum(JOB_STATUSES), text, text, z.nullable(text)])

/** The columns after the key's owner: jobs, and how many match, with whether there are more than that. */
const jobListColumns = z.tuple([z.array(listedRow), z.tuple([z.int(), z.boolean()])])

/** The jobs in these columns, and whether there are more than were asked for; undefined where it is something else. */
export function parseJobList(
  columns: readonly unknown[],
  { limit }: Pick<JobSelection, 'limit'>,
): JobList | undefined {
  const parsed = jobListColumns.safeParse(columns)
  if (!parsed.success) return undefined
  const [rows, [total, isCapped]] = parsed.data
  const jobs = rows.slice(0, limit).map(([id, title, slug, status, path, createdAt, expiresAt]) => ({
    id,
    title,
    slug,
    status,
    path,
    createdAt,
    expiresAt,
  }))
  return { jobs, hasMore: rows.length > limit, total, isCapped }
}
