// The client against the running product with its real limits.

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { neon, neonConfig } from '@neondatabase/serverless'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { AnalyticsClient } from '../../packages/client/src/index.ts'

const run = promisify(execFile)
const { url, organizations, stores, clientProject } = inject('dev')
const demoKey = organizations[0]?.apiKey ?? ''
const DAY_MS = 86_400_000
/** Visitors of a job by its index in the list. */
const visitorsOf = (index: number) => index % 4

/** Adds jobs to an organization, with visits of the day before yesterday; returns their IDs. */
async function addJobs(organization: number, length: number): Promise<string[]> {
  const { id, domain } = organizations[organization] ?? { id: '', domain: '' }
  const jobs = Array.from({ length }, (_, index) => ({ index, jobId: randomUUID() }))
  neonConfig.fetchEndpoint = stores.neonEndpoint
  const sql = neon(stores.databaseUrl)
  await sql`insert into jobs (id, organization_id, title, slug, path, status)
    select job, ${id}::bigint, 'Job', job::text, '/many/' || job, 'active'
    from unnest(${jobs.map(({ jobId }) => jobId)}::uuid[]) as job`
  const timestamp = new Date(Date.now() - 2 * DAY_MS).toISOString()
  const visits = jobs.flatMap(({ index, jobId }) =>
    Array.from({ length: visitorsOf(index) }, (_, visitor) => ({
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

/** A key of its own for the organization, so that other tests do not use up its limits. */
async function createKey(organization: number): Promise<string> {
  const script = join(import.meta.dirname, '..', '..', 'scripts', 'admin.ts')
  const demoFile = join(clientProject, '..', 'demo.json')
  const id = organizations[organization]?.id ?? ''
  const parameters = ['key', 'create', '--org', id, '--json', '--demo-file', demoFile]
  const { stdout } = await run(process.execPath, [script, ...parameters])
  return (JSON.parse(stdout) as { apiKey: string }).apiKey
}

/** A client, the statuses of its responses, and how many requests it had under way. */
function watchedClient(apiKey: string, options: { bulkShare?: number } = {}) {
  const seen = { statuses: [] as number[], inFlight: 0, maxInFlight: 0 }
  const client = new AnalyticsClient({
    ...options,
    baseUrl: url,
    apiKey,
    async fetch(input, init) {
      seen.maxInFlight = Math.max(seen.maxInFlight, ++seen.inFlight)
      const response = await fetch(input, init).finally(() => seen.inFlight--)
      seen.statuses.push(response.status)
      return response
    },
  })
  return { client, seen }
}

describe('client and the real limits', () => {
  let jobIds: string[]
  beforeAll(async () => {
    jobIds = await addJobs(0, 3_000)
  })

  it('1,000 jobs with `bulkShare: 1`: takes 10 requests, all at once, none refused', async () => {
    const { client, seen } = watchedClient(demoKey, { bulkShare: 1 })
    const some = jobIds.slice(0, 1_000)
    const visitors = await client.jobVisitors(some)
    expect([...visitors]).toEqual(some.map((id, index) => [id, visitorsOf(index)]))
    expect(seen.statuses).toEqual(Array.from({ length: 10 }, () => 200))
    expect(seen.maxInFlight).toBe(10)
  })

  it('3,000 jobs: takes 30 requests, at most 8 at once, none refused', async () => {
    const { client, seen } = watchedClient(demoKey)
    const visitors = await client.jobVisitors(jobIds)
    expect([...visitors]).toEqual(jobIds.map((id, index) => [id, visitorsOf(index)]))
    expect(seen.statuses).toEqual(Array.from({ length: 30 }, () => 200))
    expect(seen.maxInFlight).toBe(8)
  })

  it('more jobs than the limit allows at once: waits, is never refused, and another caller is served meanwhile', async () => {
    const key = await createKey(0)
    const { client, seen } = watchedClient(key)
    const other = watchedClient(key)
    const ids = await addJobs(0, 9_000)
    const waits: Date[] = []
    const call = client.jobVisitors(ids, {
      onProgress({ waitingUntil }) {
        if (waitingUntil) waits.push(waitingUntil)
      },
    })
    while (waits.length === 0) await Promise.race([call, new Promise((resolve) => setTimeout(resolve, 100))])
    for (let single = 0; single < 5; single++) {
      expect((await other.client.jobVisitors(ids.slice(1, 2))).get(ids[1] ?? '')).toBe(1)
    }
    expect((await call).size).toBe(9_000)
    const refused = [...seen.statuses, ...other.seen.statuses].filter((status) => status === 429).length
    expect(refused).toBe(0)
    expect(seen.statuses.filter((status) => status === 200)).toHaveLength(90)
    expect(waits.length).toBeLessThan(10)
  }, 150_000)
})
