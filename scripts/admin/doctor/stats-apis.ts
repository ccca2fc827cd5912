// Detects which of Plausible's statistics APIs a server has.
import { boundedFetch } from '../../../src/stores/bounded-fetch.ts'

/** A statistics API, as ANALYTICS_API names it. */
export type StatsApi = 'v1' | 'v2'

const QUERIES: Record<StatsApi, { method: string; path: string }> = {
  v1: { method: 'GET', path: '/api/v1/stats/aggregate' },
  v2: { method: 'POST', path: '/api/v2/query' },
}
const MAX_BYTES = 1_000_000

/** Whether a server has this API. Sends no key: an API that exists responds 401, at no cost of the quota. False when it is unavailable. */
export async function hasStatsApi(url: string, api: StatsApi, timeoutMs: number): Promise<boolean> {
  const { method, path } = QUERIES[api]
  const init = {
    method,
    ...(method === 'POST' && { body: '{}', headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(timeoutMs),
  }
  try {
    const { status } = await boundedFetch(`${url.replace(/\/$/, '')}${path}`, init, MAX_BYTES)
    return status === 401
  } catch {
    return false
  }
}
