// The analytics store: Plausible's Stats API v2 (https://plausible.io/docs/stats-api), one POST a query.

import * as z from 'zod/mini'
import { FaultError, faultOf } from '../domain/fault.ts'
import type { StatsJob, StatsQuestion, StatsRow } from '../domain/stats-question.ts'
import type { AnalyticsStore, Reachable, StoreAnswer } from '../services.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { within } from './deadline.ts'
import { nameOfJob, type PlausibleQuery, refusalOf, toPlausibleQuery } from './plausible-query.ts'

/** Where Plausible is, how to ask it, and which rows of it are a job's. */
export interface PlausibleOptions {
  url: string
  apiKey: string
  /** `event:page`: a job's rows are its path's. `event:props:<name>`: those with its ID in this property. */
  jobDimension: string
  timeoutMs: number
}

const MAX_ANSWER_BYTES = 4_000_000

/** A row as Plausible sends it; a metric is null where there is nothing to divide by. */
interface PlausibleRow {
  metrics: (number | null)[]
  dimensions: (string | number)[]
}

const statsAnswer = z.object({
  // One check of the whole list: a schema for each of its rows would cost more than the query.
  results: z.custom<PlausibleRow[]>(isListOfRows),
  meta: z.optional(
    z.object({
      time_labels: z.optional(z.array(z.string())),
      total_rows: z.optional(z.int().check(z.nonnegative())),
    }),
  ),
  query: z.optional(z.object({ date_range: z.tuple([z.string(), z.string()]) })),
})

/** The `AnalyticsStore` port over a Plausible server. */
export function plausibleStore(options: PlausibleOptions): AnalyticsStore & Reachable {
  return {
    // Needs no key and spends no quota; an older Plausible without this address is there all the same.
    async ping(timeoutMs) {
      try {
        const asked = () => boundedFetch(`${baseOf(options)}/api/health`, {}, MAX_ANSWER_BYTES)
        const response = await within(timeoutMs, asked)
        return response.status < 500 ? undefined : `status_${response.status}`
      } catch (error) {
        return faultOf(error)
      }
    },

    refusalOf: (question) => refusalOf(question, options.jobDimension),

    async ask(site, question) {
      const answer = await post(options, toPlausibleQuery(site, question, options.jobDimension))
      if (!answer.ok) return answer
      const parsed = statsAnswer.safeParse(answer.value)
      if (!parsed.success) return { ok: false, fault: 'unusable' }
      const { results, meta, query } = parsed.data
      const rows = rowsOf(results, question, options.jobDimension)
      if (rows === undefined) return { ok: false, fault: 'unusable' }
      const [from = '', to = ''] = query?.date_range ?? []
      const labels = meta?.time_labels
      const { groupBy, slice } = question
      const ownSlice = groupBy === 'job' ? slice : undefined
      const totalGroups = ownSlice ? rows.length : meta?.total_rows
      return {
        ok: true,
        value: {
          rows: ownSlice ? rows.slice(ownSlice.offset, ownSlice.offset + ownSlice.limit) : rows,
          from,
          to,
          ...(labels && { labels }),
          ...(totalGroups !== undefined && { totalGroups }),
        },
      }
    },
  }
}

function isListOfRows(value: unknown): boolean {
  return Array.isArray(value) && value.every(isRow)
}

function isRow(row: unknown): boolean {
  if (typeof row !== 'object' || row === null || !('metrics' in row && 'dimensions' in row)) return false
  const { metrics, dimensions } = row
  return (
    Array.isArray(metrics) &&
    metrics.every((metric) => metric === null || (typeof metric === 'number' && metric >= 0)) &&
    Array.isArray(dimensions) &&
    dimensions.every((label) => typeof label === 'string' || typeof label === 'number')
  )
}

/** The rows of an answer in the question's words; undefined where they are not what was asked for. */
function rowsOf(
  results: readonly PlausibleRow[],
  question: StatsQuestion,
  jobDimension: string,
): StatsRow[] | undefined {
  const { metrics, groupBy, interval, jobFilters } = question
  const width = (groupBy ? 1 : 0) + (interval ? 1 : 0)
  const jobsByName = groupBy === 'job' ? groupJobs(jobFilters?.[0]?.jobs ?? [], jobDimension) : undefined
  const rows: StatsRow[] = []
  for (const row of results) {
    if (row.metrics.length !== metrics.length || row.dimensions.length !== width) return undefined
    // The store says null where there is nothing to divide by.
    const values = row.metrics.map((value) => value ?? 0)
    const time = interval && { time: String(row.dimensions.at(-1)) }
    const name = String(row.dimensions[0])
    const groups = groupBy ? (jobsByName ? (jobsByName.get(name) ?? []) : [name]) : [undefined]
    for (const group of groups) rows.push({ ...(group !== undefined && { group }), ...time, metrics: values })
  }
  return rows
}

/** The IDs of the jobs behind each of the store's names; several jobs may share a path. */
function groupJobs(jobs: readonly StatsJob[], jobDimension: string): Map<string, string[]> {
  const ids = new Map<string, string[]>()
  for (const job of jobs) {
    const name = nameOfJob(job, jobDimension)
    const known = ids.get(name)
    if (known) known.push(job.id)
    else ids.set(name, [job.id])
  }
  return ids
}

async function post(options: PlausibleOptions, query: PlausibleQuery): Promise<StoreAnswer<unknown>> {
  try {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${options.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(query),
    }
    const asked = () => boundedFetch(`${baseOf(options)}/api/v2/query`, init, MAX_ANSWER_BYTES)
    const response = await within(options.timeoutMs, asked)
    if (response.status === 429) return { ok: false, fault: 'quota' }
    if (!response.ok) throw new FaultError(`status_${response.status}`)
    return { ok: true, value: JSON.parse(response.text) }
  } catch (error) {
    return { ok: false, fault: faultOf(error) }
  }
}

function baseOf({ url }: PlausibleOptions): string {
  return url.replace(/\/$/, '')
}
