// One organization uses the whole rate of ten keys for an hour, with a new filter in each request. 49 others share the store.

import { describe, expect, it } from 'vitest'
import type { JobVisitorsResponse } from '../../src/endpoints/job-visitors/response.ts'
import { type ApiResponse, jobsPath, withKey } from '../support/api.ts'
import { cacheOf, createClockedApi, midnight } from '../support/clocked-api.ts'
import { createOrganization, issueKey, storeVisits } from '../support/database.ts'

const OTHERS = 49
const JOBS = 5
const KEYS = 10
const QUOTA = 600
/**
 * Per key. Ten keys send 1,800 requests in the hour, three times the store's quota. With the limit of a deployment, 100, they
 * send 60,000, which `npm run bench` does.
 */
const REQUESTS_PER_MINUTE = 3
const MINUTE_MS = 60_000
const MINUTES = 60

async function createOther(number: number) {
  const { id, domain, jobIds } = await createOrganization(JOBS)
  // The visitors of each job are those of no other job.
  const visitorsOf = (job: number) => 1 + ((number + job) % 7)
  const visits = jobIds.flatMap((_, job) =>
    Array.from({ length: visitorsOf(job) }, (_, visitor) => ({
      timestamp: new Date(midnight('UTC', -1) + 3_600_000).toISOString(),
      ...{ domain, name: 'pageview', pathname: `/jobs/${job + 1}`, visitor: `${job}-${visitor}` },
    })),
  )
  return { jobIds, key: await issueKey(id), visitorsOf, visits }
}

describe('an organization that uses all of its keys’ rate', () => {
  it('takes nothing that 49 others need in an hour: each of their figures is right, none is stale', async () => {
    const others = await Promise.all(Array.from({ length: OTHERS }, (_, number) => createOther(number)))
    await storeVisits(others.flatMap(({ visits }) => visits))
    const greedy = await createOrganization(0)
    const keys = await Promise.all(Array.from({ length: KEYS }, () => issueKey(greedy.id)))
    await storeVisits([
      {
        timestamp: new Date().toISOString(),
        domain: greedy.domain,
        name: 'pageview',
        pathname: '/',
        visitor: 'a',
      },
    ])
    const { api, clock, requests } = createClockedApi(midnight('UTC') + 12 * 3_600_000, {
      RATE_LIMIT_REQUESTS: String(REQUESTS_PER_MINUTE),
      // Less than a minute, since a slow machine may take some seconds for a turn.
      RATE_LIMIT_WINDOW_SECONDS: '50',
      ANALYTICS_QUERIES_PER_HOUR: String(QUOTA),
    })

    let sent = 0
    const askGreedily = (key: string) =>
      api.call(`/analytics/site?source=source${sent++}&period=7d`, withKey(key))
    const askForOther = async ({ jobIds, key, visitorsOf }: (typeof others)[number], job: number) => {
      const response = await api.call(jobsPath([jobIds[job] ?? ''], '7d'), withKey(key))
      expect(response.status, response.text).toBe(200)
      const { visitors } = (response.json as JobVisitorsResponse).data
      expect(Object.values(visitors)).toEqual([visitorsOf(job)])
      return cacheOf(response).status
    }

    const greedyResponses: ApiResponse[] = []
    const cacheUses: string[] = []
    for (let minute = 0; minute < MINUTES; minute++) {
      const greedyRound = Array.from({ length: REQUESTS_PER_MINUTE }, () => keys.map(askGreedily)).flat()
      // A fifth of the others has a turn every minute. Each job is asked for twelve times an hour or less.
      const turn = others.filter((_, number) => number % JOBS === minute % JOBS)
      const job = Math.floor(minute / (MINUTES / JOBS))
      const [responses, uses] = await Promise.all([
        Promise.all(greedyRound),
        Promise.all(turn.map((other) => askForOther(other, job))),
      ])
      greedyResponses.push(...responses)
      cacheUses.push(...uses)
      clock.forward(MINUTE_MS - (clock.now() % MINUTE_MS) + 1)
    }

    const statuses = Map.groupBy(greedyResponses, ({ status }) => status)
    expect([...statuses.keys()].toSorted()).toEqual([200, 503])
    expect(greedyResponses).toHaveLength(KEYS * REQUESTS_PER_MINUTE * MINUTES)
    for (const { headers } of statuses.get(503) ?? []) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(new Set(cacheUses.map((use) => use.replace(/;.*/, '')))).toEqual(new Set(['fwd=miss', 'hit']))
    expect(cacheUses.filter((use) => /detail/.test(use))).toEqual([])
    // It has at most the half of the quota, and all of what the others left of that.
    const served = statuses.get(200)?.length ?? 0
    expect(served).toBeGreaterThan(200)
    expect(served).toBeLessThanOrEqual(QUOTA / 2)
    expect((await requests()).plausible).toBe(served + OTHERS * JOBS)
  })
})
