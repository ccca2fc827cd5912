// The plans of GET /jobs' statement on a Postgres with an organization of 100,000 jobs.
import '../../local/postgres/keep-wasm-code.ts'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Database,
  fillLargeOrganizations,
  type MeasuredOrganization,
} from '../../bench/job-list/large-organizations.ts'
import {
  jobAccesses,
  type Listing,
  PAGES,
  RANKED,
  SEARCHED,
  statementOf,
} from '../../bench/job-list/listings.ts'
import { jobListRow, toJobList } from '../../src/directory/neon-job-list.ts'

// As many as it takes to be read the way the largest organizations are.
const JOBS = 100_000

let pglite: PGlite
let database: Database
let large: MeasuredOrganization

beforeAll(async () => {
  pglite = await PGlite.create()
  database = {
    script: (text) => pglite.exec(text),
    query: async (text, parameters) =>
      (await pglite.query<Record<string, unknown>>(text, [...parameters])).rows,
  }
  large = (await fillLargeOrganizations(database, JOBS)).large
}, 240_000)

afterAll(() => pglite.close())

describe(`listing an organization of ${JOBS} jobs`, () => {
  it.each(PAGES)('reads one index in its order: $name', async (listing) => {
    const accesses = await jobAccesses(database, await statementOf(database, large, listing))
    expect(accesses).toEqual([expect.stringMatching(/^Index (Only )?Scan jobs_organization_/)])
  })

  it.each(RANKED)('reads indexes only for the jobs of $name', async (listing) => {
    const accesses = await jobAccesses(database, await statementOf(database, large, listing))
    expect(accesses.length).toBeGreaterThan(0)
    for (const access of accesses) expect(access).toMatch(/^(Index|Index Only|Bitmap Index|Bitmap Heap) Scan/)
  })

  it.each(SEARCHED)('reads indexes only for the search $name', async (listing) => {
    const accesses = await jobAccesses(database, await statementOf(database, large, listing))
    expect(accesses.length).toBeGreaterThan(0)
    for (const access of accesses) expect(access).toMatch(/^(Index|Index Only|Bitmap Index|Bitmap Heap) Scan/)
  })

  it('finds what reading every title finds', async () => {
    for (const listing of SEARCHED.filter(({ depth }) => depth === undefined)) {
      const { text, parameters } = await statementOf(database, large, listing)
      const [row] = await database.query(text, parameters)
      const { jobs, total, isCapped } = toJobList(jobListRow.parse(row), { limit: 21 })
      const words = (listing.words ?? '').split(' ')
      const expected = await database.query(
        `select id::text from jobs where organization_id = $1 and status = coalesce($3, status::text)::job_status
         and (select bool_and(' ' || lower(title) || ' ' like '% ' || word || ' %') from unnest($2::text[]) word)
         order by created_at desc, id desc limit 1001`,
        [large.id, words, listing.status ?? null],
      )
      expect(jobs.map(({ id }) => id)).toEqual(expected.slice(0, 21).map(({ id }) => id))
      if (!isCapped) expect(total, listing.name).toBe(expected.length)
      else {
        // More than a page of them, and never more than there are.
        expect(total, listing.name).toBeGreaterThan(20)
        expect(total, listing.name).toBeLessThanOrEqual(Math.min(1_000, expected.length))
      }
    }
  })

  it('lists the jobs of visited pages first, then the others from the newest', async () => {
    const list = async (listing: Listing) => {
      const { text, parameters } = await statementOf(database, large, listing)
      const [row] = await database.query(text, parameters)
      return toJobList(jobListRow.parse(row), { limit: 20 })
    }
    const first = await list({ name: 'first', ranked: 10_000 })
    expect(first.jobs.map(({ slug }) => slug)).toEqual(
      Array.from({ length: 20 }, (_, i) => `job-${1 + i * 6}`),
    )
    expect(first.total).toBe(JOBS)
    // Job 1 is the newest one, and job 1 + 6 n is visited up to n = 4,999.
    const after = await list({ name: 'after', ranked: 10_000, offset: 4_990 })
    expect(after.jobs.map(({ slug }) => slug)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => `job-${1 + (4_990 + i) * 6}`),
      ...['job-2', 'job-3', 'job-4', 'job-5', 'job-6', 'job-8', 'job-9', 'job-10', 'job-11', 'job-12'],
    ])
  })

  it('looks through no more of them than it has to', async () => {
    for (const listing of [
      ...PAGES,
      ...SEARCHED.filter(({ words }) => words === 'zebra' || words === 'astronaut'),
    ]) {
      const { text, parameters } = await statementOf(database, large, listing)
      const plan = JSON.stringify(await database.query(`explain (analyze, format json) ${text}`, parameters))
      const read = [...plan.matchAll(/"Actual Rows":\s*([\d.]+)/g)].map(([, rows]) => Number(rows))
      expect(Math.max(...read), listing.name).toBeLessThanOrEqual(2_100)
    }
  })
})
