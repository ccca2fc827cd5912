// The analytics store: Plausible's Stats API v2 (https://plausible.io/docs/stats-api), one POST a query.

import { FaultError, faultOf } from '../domain/fault.ts'
import type { AnalyticsStore, Reachable, StoreAnswer } from '../services.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { within } from './deadline.ts'
import { parseAnswer } from './plausible-answer.ts'
import { type PlausibleQuery, refusalOf, toPlausibleQuery } from './plausible-query.ts'

/** Where Plausible is, how to ask it, and which rows of it are a job's. */
export interface PlausibleOptions {
  url: string
  apiKey: string
  /** `event:page`: a job's rows are its path's. `event:props:<name>`: those with its ID in this property. */
  jobDimension: string
  timeoutMs: number
}

const MAX_ANSWER_BYTES = 4_000_000

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
      const parsed = parseAnswer(answer.value, question, options.jobDimension)
      if (parsed === undefined) return { ok: false, fault: 'unusable' }
      const { rows, from, to, labels, totalRows } = parsed
      const { groupBy, slice } = question
      const ownSlice = groupBy === 'job' ? slice : undefined
      const totalGroups = ownSlice ? rows.length : totalRows
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
