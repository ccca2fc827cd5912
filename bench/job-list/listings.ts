// The lists of jobs that are measured, and how Postgres reads the jobs for each.

import * as z from 'zod/mini'
import { jobListStatement } from '../../src/adapters/neon-job-list.ts'
import { MAX_COUNTED_MATCHES } from '../../src/contract/job-list.ts'
import type { JobSort, JobStatus } from '../../src/domain/job-selection.ts'
import type { JobSelection } from '../../src/services.ts'
import type { Database, MeasuredOrganization } from './large-organizations.ts'

/** A list to ask for. `depth`: after which share of all jobs its cursor stands. */
export interface Listing {
  name: string
  sort?: JobSort
  status?: JobStatus
  words?: string
  depth?: number
  offset?: number
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

/** The statement that the Worker sends for a listing. */
export async function statementOf(database: Database, organization: MeasuredOrganization, listing: Listing) {
  const { sort = '-created_at', status, words, depth, offset = 0 } = listing
  const after = depth === undefined ? undefined : await jobAt(database, organization, sort, depth)
  const selection: JobSelection = {
    ...{ sort, status, words, after, offset },
    limit: 20,
    mostCounted: MAX_COUNTED_MATCHES,
  }
  return jobListStatement(organization.keyHash, selection)
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
