// The statement that lists an organization's jobs, built of constant parts; every value is a parameter.

import * as z from 'zod/mini'
import type { Parameter } from '../stores/neon-client.ts'
import { type Credential, JOB_STATUSES, type JobList, type JobSelection, type JobSort } from './directory.ts'
import { credentialPart, ORGANIZATION_COLUMN, organizationColumn } from './neon-credential.ts'
import { rankedTable } from './neon-ranked-jobs.ts'

/** Each order in SQL. The indexes of migrations 0001 and 0004 serve them. */
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
 * How many jobs a search scans in list order before it uses the index of words. That index has no order and returns all
 * matches, which is fast for rare words only; a common word occurs among the scanned jobs.
 */
const SCANNED = 2_000

/**
 * From this many jobs on, an organization's matches are filtered from those of all organizations. The index of words could
 * skip the others' by itself, but only by reading all index entries of the organization's jobs.
 */
const LARGE = 100_000

/** UTC to the microsecond: a cursor needs the exact time. */
const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** The statement and its parameters. It returns one row: the organization, the jobs, and how many jobs match. */
export function jobListStatement(
  credential: Credential,
  selection: JobSelection,
): { text: string; parameters: Parameter[] } {
  const { status, words, sort, ranking, after, limit, offset, mostCounted } = selection
  const owner = credentialPart(credential)
  const parameters: Parameter[] = [owner.parameter]
  const parameter = (value: Parameter) => `$${parameters.push(value)}`
  const { columns, comparison, type } = ORDERS[sort]
  const statusIs = status ? ` and status = ${parameter(status)}::job_status` : ''
  const own = `jobs j where j.organization_id = c.organization_id${statusIs}`
  const wanted = parameter(limit + 1)
  const skipped = parameter(offset)
  // A hashed subquery, so that the other jobs are still read in the order of their index.
  const isOther = ranking ? ' and j.id not in (select id from ranked)' : ''
  const isAfterRanked = after?.weight !== undefined
  const beyond =
    after && !isAfterRanked
      ? `${isOther} and ${comparison} (${parameter(after.value)}::${type}, ${parameter(after.id)}::uuid)`
      : isOther
  const search = words === undefined ? undefined : searchOf(parameter(words))
  const pageOf = (rows: string, skip: string) => {
    const slice = `order by ${columns} limit ${rows} offset ${skip}`
    if (!search) return `select * from ${own}${beyond} ${slice}`
    const most = parameter(SCANNED + 4 * offset)
    return `with near as materialized (
      select * from (select * from ${own}${beyond} order by ${columns} limit ${most}) j where ${IS_MATCH} ${slice}
    ), enough as materialized (
      select (select count(*) from near) >= ${rows}
        or (select count(*) from (select from ${own}${beyond} order by ${columns} limit ${most}) j) < ${most} as is_so
    )
    select * from near where (select is_so from enough)
    union all ${matchesOf('*', statusIs, `${beyond} and not (select is_so from enough) ${slice}`)}`
  }
  let page: string
  let order = columns
  if (!ranking || (after && !isAfterRanked)) page = pageOf(`${wanted}::bigint`, `${skipped}::bigint`)
  else {
    const rest = isAfterRanked
      ? `where (weight, id) < (${parameter(after.weight ?? 0)}::float8, ${parameter(after.id)}::uuid)`
      : ''
    page = `with top as materialized (
      select * from ranked ${rest} order by weight desc, id desc limit ${wanted} offset ${skipped}
    ), gap as materialized (
      select greatest(${wanted}::bigint - (select count(*) from top), 0) as rows,
        greatest(${skipped}::bigint - (select count(*) from ranked), 0) as skipped
    )
    select j.*, top.weight from top
    cross join lateral (select * from jobs j where j.id = top.id and j.organization_id = c.organization_id offset 0) j
    union all
    select other.*, null from (${pageOf('(select rows from gap)', '(select skipped from gap)')}) other`
    order = `j.weight desc nulls last, case when j.weight is null then j.created_at end desc, j.id desc`
  }
  const total = search
    ? countOfMatches(own, statusIs, parameter(mostCounted), limit)
    : `(select json_build_array(coalesce(sum(n.count), 0), false) from job_counts n
    where n.organization_id = c.organization_id${statusIs})`
  const conditions = `${statusIs}${search ? ` and ${IS_MATCH}` : ''}`
  const tables = [
    ...(search ? [search] : []),
    ...(ranking ? [rankedTable(ranking, conditions, parameter)] : []),
  ]
  const text = `${[owner.text, ...tables].join(', ')}
select ${ORGANIZATION_COLUMN}, (
  select coalesce(json_agg(json_build_array(
    j.id, j.title, j.slug, j.status, array[j.path] || j.paths, ${time('j.created_at')}, ${time('j.expires_at')}
  ) order by ${order}), '[]') from (${page}) j
) as jobs, ${total} as total from credential c`
  return { text, parameters }
}

/** A subquery hides the words from the planner, which would scan the whole table for a word that most titles contain. */
const IS_MATCH = 'j.title_words @@ (select words from search)'

/** The table `search`: the words as a query, which matches nothing if there are none, and whether the organization is large. */
function searchOf(words: string): string {
  return `search as materialized (
    select (
      select coalesce(string_agg(quote_literal(word), ' & '), '')::tsquery from unnest(title_words(${words})) as word
    ) as words, coalesce(sum(n.count), 0) >= ${LARGE} as is_large
    from job_counts n where n.organization_id = (select organization_id from credential)
  )`
}

/** The matches by the index of words; `rest` are further conditions, then order and limit. */
function matchesOf(columnNames: string, statusIs: string, rest: string): string {
  const ofLarge = '(select is_large from search) and j.organization_id + 0 = c.organization_id'
  const ofOthers =
    'not (select is_large from search) and array[j.organization_id] @> array[c.organization_id]'
  return [ofLarge, ofOthers]
    .map((isOwn) => `(select ${columnNames} from jobs j where ${isOwn} and ${IS_MATCH}${statusIs} ${rest})`)
    .join(' union all ')
}

/** In a large organization only the matches among the scanned jobs are counted, as long as they fill the page. */
function countOfMatches(own: string, statusIs: string, most: string, limit: number): string {
  return `(select case
      when n.jobs < ${SCANNED} or n.matches > ${most} or (select is_large from search) and n.matches > ${limit}
      then json_build_array(least(n.matches, ${most}), n.jobs >= ${SCANNED} or n.matches > ${most})
      else (select json_build_array(least(count(*), ${most}), count(*) > ${most})
        from (${matchesOf('', statusIs, `limit ${most}::int + 1`)}) j) end
      from (select count(*) as jobs, count(*) filter (where is_match) as matches from (
        select ${IS_MATCH} as is_match from ${own} order by j.created_at desc, j.id desc limit ${SCANNED}
      ) j) n)`
}

const text = z.string()
const paths = z.tuple([text], text)
const listedRow = z.tuple([text, text, text, z.enum(JOB_STATUSES), paths, text, z.nullable(text)])

/** The schema of the statement's row. `total`: how many jobs match, and whether there may be more than that. */
export const jobListRow = z.object({
  organization: organizationColumn,
  jobs: z.array(listedRow),
  total: z.tuple([z.int(), z.boolean()]),
})

/** The list in a row; the statement reads one job more than `limit` to see whether there is a next page. */
export function toJobList(
  { jobs: rows, total: [total, isCapped] }: z.infer<typeof jobListRow>,
  { limit }: Pick<JobSelection, 'limit'>,
): JobList {
  const jobs = rows.slice(0, limit).map(([id, title, slug, status, paths, createdAt, expiresAt]) => ({
    id,
    title,
    slug,
    status,
    paths,
    createdAt,
    expiresAt,
  }))
  return { jobs, hasMore: rows.length > limit, total, isCapped }
}
