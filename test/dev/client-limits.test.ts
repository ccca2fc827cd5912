import { randomUUID } from 'node:crypto'
import { neon, neonConfig } from '@neondatabase/serverless'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { AnalyticsClient } from '../../src/client.ts'

const { url, organizations, stores } = inject('dev')
const DAY_MS = 86_400_000
/** Visitors of a job by its place in the list. */
const visitorsOf = (place: number) => place % 4

/** Adds jobs to an organization, with visits of the day before yesterday; returns their IDs. */
async function addJobs(organization: number, length: number): Promise<string[]> {
  const { id, domain } = organizations[organization] ?? { id: '', domain: '' }
  const jobs = Array.from({ length }, (_, place) => ({ place, jobId: randomUUID() }))
  neonConfig.fetchEndpoint = stores.neonEndpoint
  const sql = neon(stores.databaseUrl)
  await sql`insert into jobs (id, organization_id, title, slug, path, status)
    select job, ${id}::bigint, 'Job', job::text, '/many/' || job, 'active'
    from unnest(${jobs.map(({ jobId }) => jobId)}::uuid[]) as job`
  const timestamp = new Date(Date.now() - 2 * DAY_MS).toISOString()
  const visits = jobs.flatMap(({ place, jobId }) =>
    Array.from({ length: visitorsOf(place) }, (_, visitor) => ({
      timestamp,
      domain,
      name: 'pageview',
      pathname: `/many/${jobId}`,
      visitor: `visitor-${visitor}`,
    })),
  )
  const body = visits.map((visit) => JSON.stringify(visit)).join('\n')
  const { status } = await fetch(`${stores.plausibleUrl}/local/visits`, { method: 'POST', body })
  expect(status).toBeLessThan(300)
  return jobs.map(({ jobId }) => jobId)
}

/** A client that keeps the statuses it was answered with, and how many requests it had under way. */
function watchedClient(organization: number) {
  const seen = { statuses: [] as number[], inFlight: 0, maxInFlight: 0 }
  const client = new AnalyticsClient({
    baseUrl: url,
    apiKey: organizations[organization]?.apiKey ?? '',
    async fetch(input, init) {
      seen.maxInFlight = Math.max(seen.maxInFlight, ++seen.inFlight)
      const response = await fetch(input, init).finally(() => seen.inFlight--)
      seen.statuses.push(response.status)
      return response
    },
  })
  return { client, seen }
}

describe('many jobs against the real limits', () => {
  let jobIds: string[]
  beforeAll(async () => {
    jobIds = await addJobs(0, 3_000)
  })

  it('reads 1,000 jobs with 10 requests, at most 10 under way, none refused', async () => {
    const { client, seen } = watchedClient(0)
    const some = jobIds.slice(0, 1_000)
    const visitors = await client.jobVisitors(some)
    expect([...visitors]).toEqual(some.map((id, place) => [id, visitorsOf(place)]))
    expect(seen.statuses).toEqual(Array.from({ length: 10 }, () => 200))
    expect(seen.maxInFlight).toBe(10)
  })

  it('reads 3,000 jobs, and no refusal reaches the caller', async () => {
    const { client, seen } = watchedClient(0)
    const visitors = await client.jobVisitors(jobIds)
    expect([...visitors]).toEqual(jobIds.map((id, place) => [id, visitorsOf(place)]))
    expect(seen.statuses.filter((status) => status === 200)).toHaveLength(30)
    expect(seen.statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
    expect(seen.maxInFlight).toBe(10)
  })
})
