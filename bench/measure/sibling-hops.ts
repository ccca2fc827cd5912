// Latency in hops of the other endpoints, which run the same steps as `GET /analytics/jobs`.

import { median } from '../../harness/statistics.ts'
import type { Fleet } from '../rig/fleet.ts'
import { sendLoad } from '../rig/load.ts'
import { requestFor } from '../scenario.ts'
import { DELAY_MS } from './hops.ts'

/** The latency of one endpoint. */
export interface SiblingHopsFigure {
  endpoint: string
  cache: 'cold' | 'warm'
  medianMs: number
  /** The median over the delay. */
  hops: number
  /** The hops it should take. */
  planned: number
}

const WARM_UP = 12
const CONCURRENCY = 4

/** Totals, groups and a series of a site: three queries to the store. */
const SITE = '/analytics/site?group_by=source&interval=day'
const CASES = [
  { endpoint: '/jobs?per_page=20', cache: 'cold', planned: 1 },
  { endpoint: SITE, cache: 'cold', planned: 2 },
  { endpoint: SITE, cache: 'warm', planned: 1 },
  { endpoint: '/usage?days=90', cache: 'cold', planned: 2 },
] as const

/** Measures `count` requests to each. */
export async function measureSiblingHops(fleet: Fleet, count: number): Promise<SiblingHopsFigure[]> {
  const { headers } = await requestFor(1)
  const figures: SiblingHopsFigure[] = []
  for (const { endpoint, cache, planned } of CASES) {
    await fleet.stubs.set({ delayMs: DELAY_MS, cached: cache === 'warm' })
    const url = fleet.workers.ours.url + endpoint
    await sendLoad({ url, headers, count: WARM_UP, concurrency: CONCURRENCY })
    const medianMs = median(await sendLoad({ url, headers, count, concurrency: CONCURRENCY }))
    figures.push({ endpoint, cache, medianMs, hops: medianMs / DELAY_MS, planned })
  }
  await fleet.stubs.set({ delayMs: 0, cached: false })
  return figures
}
