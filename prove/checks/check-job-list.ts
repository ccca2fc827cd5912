// Compares a page of GET /jobs with the organization's jobs: which ones, in which order, with which figures.

import * as z from 'zod/mini'
import type { Days } from '../world/days.ts'
import { figuresOfJob } from '../world/expected-figures.ts'
import type { Tenant, WorldJob } from '../world/world.ts'
import { describe, matchingWindows } from './check-figures.ts'

const listed = z.object({
  id: z.string(),
  title: z.string(),
  slug: z.string(),
  status: z.string(),
  url: z.nullable(z.string()),
  created_at: z.string(),
  visitors: z.optional(z.number()),
  applications: z.optional(z.number()),
})
const jobList = z.object({
  data: z.array(listed),
  meta: z.object({
    pagination: z.object({
      current_page: z.number(),
      per_page: z.number(),
      total_items: z.number(),
      has_more: z.boolean(),
    }),
    from: z.optional(z.string()),
    to: z.optional(z.string()),
  }),
})
type Listed = z.infer<typeof listed>

/** The differences, a sentence each. */
export function checkJobList(
  tenant: Tenant,
  search: URLSearchParams,
  body: unknown,
  windows: readonly Days[],
): string[] {
  const { data, meta } = jobList.parse(body)
  const [days] = matchingWindows(windows, meta)
  if (days === undefined) return [`the list is about ${meta.from}..${meta.to}, not ${describe(windows)}`]
  const differences = data.flatMap((row) => rowDifferences(tenant, row, days))
  // A search or a cursor leaves the choice of jobs to the API. Its rows are compared all the same.
  if (search.has('q') || search.has('cursor')) return differences
  return [...differences, ...pageDifferences(tenant, search, data, meta.pagination, days)]
}

function rowDifferences(tenant: Tenant, row: Listed, days: Days): string[] {
  const job = tenant.jobs.find(({ id }) => id === row.id)
  if (job === undefined) return [`the list holds the job ${row.id}, which is not the organization's`]
  const { title, slug, status, createdAt } = job
  const url = tenant.isVerified ? `https://${tenant.domain}${job.paths[0]}` : null
  const expected = { title, slug, status, url, created_at: createdAt }
  const { visitors, applications } = figuresOfJob(tenant, row.id, days)
  return [
    ...Object.entries(expected).flatMap(([name, value]) =>
      row[name as keyof typeof expected] === value ? [] : [`${name} of the job ${row.id} is not ${value}`],
    ),
    ...(row.visitors === undefined || row.visitors === visitors
      ? []
      : [`visitors of ${row.id} is ${row.visitors}, not ${visitors}`]),
    ...(row.applications === undefined || row.applications === applications
      ? []
      : [`applications of ${row.id} is ${row.applications}, not ${applications}`]),
  ]
}

function pageDifferences(
  tenant: Tenant,
  search: URLSearchParams,
  rows: readonly Listed[],
  {
    current_page: page,
    per_page: limit,
    total_items: total,
    has_more: hasMore,
  }: z.infer<typeof jobList>['meta']['pagination'],
  days: Days,
): string[] {
  const status = search.get('status')
  const matching = tenant.jobs.filter((job) => status === null || job.status === status)
  const skipped = (page - 1) * limit
  const wanted = Math.max(0, Math.min(limit, matching.length - skipped))
  return [
    ...(total === matching.length ? [] : [`total_items is ${total}, not ${matching.length}`]),
    ...(rows.length === wanted ? [] : [`there are ${rows.length} jobs on the page, not ${wanted}`]),
    ...(hasMore === skipped + rows.length < matching.length ? [] : [`has_more is ${hasMore}`]),
    ...orderDifferences(tenant, search.get('sort') ?? '-created_at', rows, matching, skipped, days),
  ]
}

function orderDifferences(
  tenant: Tenant,
  sort: string,
  rows: readonly Listed[],
  matching: readonly WorldJob[],
  skipped: number,
  days: Days,
): string[] {
  const metric = sort.slice(1)
  // Jobs with equal figures may come in any order, so their figures are compared and not their IDs.
  const keyOf = (job: WorldJob) => {
    if (sort === 'title') return job.title
    if (/created_at$/.test(sort)) return job.createdAt
    return figuresOfJob(tenant, job.id, days)[metric] ?? 0
  }
  const direction = sort.startsWith('-') ? -1 : 1
  const sorted = matching.map(keyOf).toSorted((a, b) => (a < b ? -direction : a > b ? direction : 0))
  const given = rows.map(({ id }) => tenant.jobs.find((job) => job.id === id)).map((job) => job && keyOf(job))
  const isInOrder = given.every((key, index) => key === sorted[skipped + index])
  return isInOrder ? [] : [`the jobs are not in the order ${sort}`]
}
