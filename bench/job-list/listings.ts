// The lists of jobs that are measured, and how Postgres reads the jobs for each.

import * as z from 'zod/mini'
import type { JobRanking, JobSelection, JobSort, JobStatus } from '../../src/directory/directory.ts'
import { jobListStatement } from '../../src/directory/neon-job-list.ts'
import { MAX_COUNTED_MATCHES } from '../../src/endpoints/job-list/parameters.ts'
import type { Database, MeasuredOrganization } from './large-organizations.ts'

/** A list to request. `depth`: after which share of all jobs its cursor stands. `ranked`: how many pages the analytics store counted. */
export interface Listing {
  name: string
  sort?: JobSort
  status?: JobStatus
  words?: string
  depth?: number
  offset?: number
  ranked?: number
}

const SEARCHES = ['engineer', 'nurse', 'astronaut', 'zebra', 'senior paris', 'engineer zebra']

/** Pages of whole lists and of statuses, then searches for common, rarer and unknown words. */
export const PAGES: readonly Listing[] = [
  { name: 'page 1' },
  { name: 'oldest first', sort: 'created_at' },
  { name: 'by title', sort: 'title' },
  { name: 'cursor, middle', depth: 0.5 },
  { name: 'cursor, near the end', depth: 0.99 },
  { name: 'cursor by title, middle', depth: 0.5, sort: 'title' },
  ...(['active', 'draft'] as const).flatMap((status): Listing[] => [
    { name: `${status}`, status },
    { name: `${status}, by title`, status, sort: 'title' },
    { name: `${status}, cursor, middle`, status, depth: 0.5 },
  ]),
]

export const SEARCHED: readonly Listing[] = SEARCHES.flatMap((words): Listing[] => [
  { name: `"${words}"`, words },
  { name: `"${words}", cursor, middle`, words, depth: 0.5 },
  { name: `"${words}", draft`, words, status: 'draft' },
])

/** Lists that begin with the jobs of the pages that were counted; every other page is no job's. */
export const RANKED: readonly Listing[] = [
  { name: '10,000 visited pages', ranked: 10_000 },
  { name: '10,000 visited pages, page 200', ranked: 10_000, offset: 3_980 },
  { name: '10,000 visited pages, the jobs after them', ranked: 10_000, offset: 9_980 },
  { name: '10,000 visited pages, draft', ranked: 10_000, status: 'draft' },
  { name: '10,000 visited pages, "nurse"', ranked: 10_000, words: 'nurse' },
  { name: '10,000 visited pages, cursor, middle', ranked: 10_000, depth: 0.5 },
]

/** The statement that the Worker sends for a listing. */
export async function statementOf(database: Database, organization: MeasuredOrganization, listing: Listing) {
  const { sort = '-created_at', status, words, depth, offset = 0, ranked } = listing
  const after = depth === undefined ? undefined : await jobAt(database, organization, sort, depth)
  const selection: JobSelection = {
    ...{ sort, status, words, after, offset },
    ranking: ranked === undefined ? undefined : rankingOf(ranked),
    limit: 20,
    mostCounted: MAX_COUNTED_MATCHES,
  }
  return jobListStatement({ keyHash: organization.keyHash }, selection)
}

function rankingOf(pages: number): JobRanking {
  const numbers = Array.from({ length: pages }, (_, n) => n)
  return {
    jobKey: 'path',
    keys: numbers.map((n) => (n % 2 === 0 ? `/jobs/job-${1 + n * 3}` : `/articles/${n}`)),
    weights: numbers.map((n) => pages - n),
    isRate: false,
  }
}

/** How a statement reads the table of jobs: the nodes of its plan, with their indexes. */
export async function jobAccesses(
  database: Database,
  { text, parameters }: { text: string; parameters: unknown[] },
): Promise<string[]> {
  const rows = await database.query(`explain (format json) ${text}`, parameters)
  const [row] = explanation.parse(rows)
  return nodesOf(row['QUERY PLAN'][0].Plan).flatMap((node) => {
    const index = node['Index Name'] ?? ''
    if (node['Relation Name'] !== 'jobs' && !index.startsWith('jobs_')) return []
    return [index === '' ? node['Node Type'] : `${node['Node Type']} ${index}`]
  })
}

async function jobAt(database: Database, { id, jobs }: MeasuredOrganization, sort: JobSort, depth: number) {
  const order = sort === 'title' ? 'left(title, 200), id' : 'created_at desc, id desc'
  const value =
    sort === 'title' ? 'title' : `to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
  const rows = await database.query(
    `select ${value} as value, id::text from jobs where organization_id = $1 order by ${order} offset $2 limit 1`,
    [id, Math.floor(jobs * depth)],
  )
  const [row] = z.tuple([z.object({ value: z.string(), id: z.string() })]).parse(rows)
  return row
}

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string | undefined
  'Index Name'?: string | undefined
  Plans?: PlanNode[] | undefined
}

const planNode: z.ZodMiniType<PlanNode> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.optional(z.string()),
  'Index Name': z.optional(z.string()),
  Plans: z.optional(z.lazy(() => z.array(planNode))),
})
const explanation = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planNode })]) })])

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}
