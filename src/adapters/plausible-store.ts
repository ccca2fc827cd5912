// The analytics store: Plausible's Stats API v2 (https://plausible.io/docs/stats-api), one POST a query.

import * as z from 'zod/mini'
import type { Period } from '../contract.ts'
import { FaultError, faultOf } from '../domain/fault.ts'
import type { AnalyticsStore, OwnedJob, StoreAnswer } from '../services.ts'
import { boundedFetch } from './bounded-fetch.ts'

/** Where Plausible is, how to ask it, and which rows of it are a job's. */
export interface PlausibleOptions {
  url: string
  apiKey: string
  /** `event:page`: a job's rows are its path's. `event:props:<name>`: those with its ID in this property. */
  jobDimension: string
  timeoutMs: number
}

const MAX_ANSWER_BYTES = 1_000_000

/** The part of the v2 query grammar that is sent; Plausible refuses any other key. */
interface StatsQuery {
  site_id: string
  metrics: string[]
  date_range: string
  dimensions: string[]
  filters: unknown[]
}

const visitorsAnswer = z.object({
  results: z.array(
    z.object({ metrics: z.tuple([z.int().check(z.nonnegative())]), dimensions: z.tuple([z.string()]) }),
  ),
})

/** The `AnalyticsStore` port over a Plausible server. */
export function plausibleStore(options: PlausibleOptions): AnalyticsStore {
  const nameOf = (job: OwnedJob) => (options.jobDimension === 'event:page' ? job.path : job.id)
  return {
    // Needs no key and spends no quota; an older Plausible without this address is there all the same.
    async ping(timeoutMs) {
      try {
        const signal = AbortSignal.timeout(timeoutMs)
        const response = await boundedFetch(`${baseOf(options)}/api/health`, { signal }, MAX_ANSWER_BYTES)
        return response.status < 500 ? undefined : `status_${response.status}`
      } catch (error) {
        return faultOf(error)
      }
    },

    async visitors(site, jobs, period) {
      const names = [...new Set(jobs.map(nameOf))]
      const answer = await post(options, visitorsQuery(options.jobDimension, site, names, period))
      if (!answer.ok) return answer
      const parsed = visitorsAnswer.safeParse(answer.value)
      if (!parsed.success) return { ok: false, fault: 'unusable' }
      const counts = new Map(
        parsed.data.results.map(({ metrics, dimensions }) => [dimensions[0], metrics[0]]),
      )
      return { ok: true, value: new Map(jobs.map((job) => [job.id, counts.get(nameOf(job)) ?? 0])) }
    },
  }
}

function visitorsQuery(dimension: string, site: string, names: string[], period: Period): StatsQuery {
  return {
    site_id: site,
    metrics: ['visitors'],
    date_range: period,
    dimensions: [dimension],
    filters: [['is', dimension, names]],
  }
}

async function post(options: PlausibleOptions, query: StatsQuery): Promise<StoreAnswer<unknown>> {
  try {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${options.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(query),
      signal: AbortSignal.timeout(options.timeoutMs),
    }
    const response = await boundedFetch(`${baseOf(options)}/api/v2/query`, init, MAX_ANSWER_BYTES)
    if (response.status === 429) return { ok: false, fault: 'quota' }
    if (!response.ok) throw new FaultError(`status_${response.status}`)
    return { ok: true, value: await response.json() }
  } catch (error) {
    return { ok: false, fault: faultOf(error) }
  }
}

function baseOf({ url }: PlausibleOptions): string {
  return url.replace(/\/$/, '')
}
