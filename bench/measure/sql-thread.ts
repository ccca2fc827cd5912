// The one statement of a request at two sizes of the jobs table, on the embedded Postgres, in a thread of its own.

import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import '../../local/postgres/keep-wasm-code.ts'
import { PGlite } from '@electric-sql/pglite'
import * as z from 'zod/mini'
import { median } from '../../harness/statistics.ts'
import { readMigrations } from '../../migrations/migration-plan.ts'
import { type SqlFigure, sqlTask } from './sql.ts'

const ORGANIZATIONS = 1_000
const JOBS_ASKED = 100
const WARM_UP = 10
const ROUNDS = 60
const KEY_HASH = 'ab'.repeat(32)

const { statement, smallJobs, largeJobs } = sqlTask.parse(workerData)
/** They serve lists; with a million jobs they would take a minute to fill, and the planner keeps one that begins alike. */
const DROP_LIST_INDEXES = `
  do $$ declare list_index text; begin
    for list_index in
      select i.indexrelid::regclass from pg_index i left join pg_constraint c on c.conindid = i.indexrelid
      where i.indrelid = 'jobs'::regclass and c.oid is null and i.indexrelid <> 'jobs_organization_created'::regclass
    loop
      execute 'drop index ' || list_index;
    end loop;
  end $$`

/** A database each: functions of the migrations name the schema they are in, so there is one schema to a database. */
const small = await createDatabase(smallJobs)
const large = await createDatabase(largeJobs)
parentPort?.once('message', async () => {
  parentPort?.postMessage(await measure())
  await Promise.all([small.close(), large.close()])
})
parentPort?.postMessage('filled')

/** A database as the migrations make it, with this many jobs, a tenth of them the first organization's, and a key of each. */
async function createDatabase(jobs: number): Promise<PGlite> {
  const database = await PGlite.create()
  for (const { text } of await readMigrations()) await database.exec(text)
  await database.exec(DROP_LIST_INDEXES)
  await database.exec(`
    insert into organizations (name, domain, domain_verified_at)
      select 'Organization ' || n, 'organization-' || n || '.example', now() from generate_series(1, ${ORGANIZATIONS}) n;
    insert into api_keys (organization_id, name, hash, hint)
      select id, 'bench', case id when 1 then decode('${KEY_HASH}', 'hex') else sha256(id::text::bytea) end, 'jak_aaaa'
      from organizations;
    insert into jobs (id, organization_id, title, slug, path)
      select md5(n::text)::uuid, case n % 10 when 0 then 1 else 2 + n % ${ORGANIZATIONS - 1} end, 'Job ' || n, 'job-' || n, '/jobs/job-' || n
      from generate_series(1, ${jobs}) n`)
  await database.exec('vacuum analyze')
  await database.exec('checkpoint')
  return database
}

/** Turns alternate between the two sizes, asking for the same 100 jobs each time, as those who poll do. */
async function measure(): Promise<SqlFigure> {
  const rounds: { smallMs: number; largeMs: number }[] = []
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    rounds.push({
      smallMs: await timeOf(small, jobsAsked(smallJobs)),
      largeMs: await timeOf(large, jobsAsked(largeJobs)),
    })
  }
  const times = rounds.slice(WARM_UP)
  return {
    smallJobs,
    largeJobs,
    smallMs: median(times.map(({ smallMs }) => smallMs)),
    largeMs: median(times.map(({ largeMs }) => largeMs)),
    ratio: median(times.map(({ smallMs, largeMs }) => largeMs / smallMs)),
    accesses: await accessesOf(),
  }
}

async function timeOf(database: PGlite, jobIds: string[]): Promise<number> {
  const start = performance.now()
  const { rows } = await database.query(statement, [KEY_HASH, jobIds])
  const time = performance.now() - start
  if (rows.length !== 1) throw new Error('The statement does not find its key')
  return time
}

/** IDs of 100 of the first organization's jobs: those of every tenth number, as the insert made them. */
function jobsAsked(jobs: number): string[] {
  const owned = jobs / 10
  // A prime step, so that no number comes twice.
  return Array.from({ length: JOBS_ASKED }, (_, index) => {
    const number = 10 * (1 + ((index * 7_919) % owned))
    return createHash('md5').update(String(number)).digest('hex')
  })
}

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string | undefined
  'Index Name'?: string | undefined
  Plans?: PlanNode[] | undefined
}

const planNode: z.ZodMiniType<PlanNode> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.optional(z.string()),
  'Index Name': z.optional(z.string()),
  Plans: z.optional(z.lazy(() => z.array(planNode))),
})
const explanation = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planNode })]) })])

/** How the tables of the large database were read, from EXPLAIN ANALYZE. */
async function accessesOf(): Promise<SqlFigure['accesses']> {
  const { rows } = await large.query(`explain (analyze, format json) ${statement}`, [
    KEY_HASH,
    jobsAsked(largeJobs),
  ])
  const [{ 'QUERY PLAN': queryPlan }] = explanation.parse(rows)
  return nodesOf(queryPlan[0].Plan).flatMap((node) => {
    const table = node['Relation Name']
    return table !== undefined && node['Node Type'].endsWith('Scan') ? [{ table, by: node['Node Type'] }] : []
  })
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}
