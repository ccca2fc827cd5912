// `npm run bench:lists`: how long the statement of GET /jobs takes for an organization of a million jobs and for one of 1,000.

import { Command } from 'commander'
import pg from 'pg'
import { median } from '../harness/statistics.ts'
import { findPostgresBinaries } from '../local/postgres/temporary-cluster.ts'
import { startThrowawayPostgres } from '../local/postgres/throwaway-postgres.ts'
import {
  type Database,
  fillLargeOrganizations,
  type MeasuredOrganization,
} from './job-list/large-organizations.ts'
import { jobAccesses, type Listing, PAGES, RANKED, SEARCHED, statementOf } from './job-list/listings.ts'
import { jobCount } from './rig/job-count.ts'

const ROUNDS = 15
const LEAST_JOBS = 10_000
const jobs: number = new Command('npm run bench:lists --')
  .description('Time the statement of GET /jobs for an organization of many jobs and for one of 1,000.')
  .argument(
    '[jobs]',
    `jobs of the large organization, at least ${LEAST_JOBS}`,
    jobCount(LEAST_JOBS),
    1_000_000,
  )
  .allowExcessArguments(false)
  .parse().processedArgs[0]
const binaries = findPostgresBinaries()
if (!binaries) throw new Error('This needs a Postgres server: put initdb and postgres on the PATH.')

const server = await startThrowawayPostgres(binaries)
const client = new pg.Client({ ...server, database: 'postgres' })
try {
  await client.connect()
  const database: Database = {
    script: (text) => client.query(text),
    query: async (text, parameters) => (await client.query(text, [...parameters])).rows,
  }
  const { large, small } = await fillLargeOrganizations(database, jobs)
  const rows = []
  for (const listing of [...PAGES, ...SEARCHED, ...RANKED])
    rows.push(await compare(database, listing, large, small))
  console.table(rows)
} finally {
  await client.end()
  await server.stop()
}

async function compare(
  database: Database,
  listing: Listing,
  large: MeasuredOrganization,
  small: MeasuredOrganization,
) {
  const statements = [
    await statementOf(database, small, listing),
    await statementOf(database, large, listing),
  ] as const
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { text, parameters }] of statements.entries()) {
      const start = performance.now()
      await database.query(text, parameters)
      times[index]?.push(performance.now() - start)
    }
  }
  const [smallMs, largeMs] = [median(times[0]), median(times[1])]
  const accesses = await jobAccesses(database, statements[1])
  return {
    listing: listing.name,
    small_ms: round(smallMs),
    large_ms: round(largeMs),
    ratio: round(largeMs / smallMs),
    index_only: !accesses.some((access) => access.startsWith('Seq Scan')),
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
