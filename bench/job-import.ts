// `npm run bench:import`: a million jobs into a Postgres server, killed half-way and run again; prints rate and peak memory.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { Client } from 'pg'
import { findPostgresBinaries } from '../local/postgres/temporary-cluster.ts'
import { startThrowawayPostgres } from '../local/postgres/throwaway-postgres.ts'
import { jobCount } from './rig/job-count.ts'

const JOBS: number = new Command('npm run bench:import --')
  .description('Import many jobs, end it half-way, run it again; print how fast it was and its peak memory.')
  .argument('[jobs]', 'jobs to import, at least 1000', jobCount(1_000), 1_000_000)
  .allowExcessArguments(false)
  .parse().processedArgs[0]
const SAMPLE_EVERY_MS = 50
const ADMIN = join(import.meta.dirname, '..', 'scripts', 'admin.ts')

const binaries = findPostgresBinaries()
if (binaries === undefined)
  throw new Error('This needs a Postgres server: install one (initdb and postgres on the PATH)')
const server = await startThrowawayPostgres(binaries)
const directory = mkdtempSync(join(tmpdir(), 'bench-import-'))
try {
  await measure(await createDatabase())
} finally {
  rmSync(directory, { recursive: true })
  await server.stop()
}

async function createDatabase(): Promise<string> {
  const client = new Client({ ...server, database: 'postgres' })
  await client.connect()
  await client.query('CREATE DATABASE job_analytics')
  await client.end()
  return `postgres://${server.user}:${server.password}@${server.host}:${server.port}/job_analytics`
}

async function measure(databaseUrl: string): Promise<void> {
  const file = await writeJobs(join(directory, 'jobs.csv'))
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const count = async () => Number((await client.query('SELECT count(*) FROM jobs')).rows[0].count)
  const run = (...argv: string[]) => runAdmin(databaseUrl, argv)
  await run('migrate').done
  await run('org', 'create', 'Bench').done

  const first = run('job', 'import', file, '--org', '1')
  while ((await count()) < JOBS / 2) await sleep(SAMPLE_EVERY_MS)
  first.kill()
  await first.done
  console.log(`killed with ${await count()} of ${JOBS} jobs in place`)
  console.log(`run again: ${await run('job', 'import', file, '--org', '1').done}; ${await count()} jobs`)
  console.log(`the same once more: ${await run('job', 'import', file, '--org', '1').done}`)
  await run('org', 'delete', '1', '--yes').done
  await run('org', 'create', 'Bench again').done
  console.log(
    `into an empty database: ${await run('job', 'import', file, '--org', '2').done}; ${await count()} jobs`,
  )
  await client.end()
}

async function writeJobs(path: string): Promise<string> {
  const stream = createWriteStream(path)
  stream.write('id,title,slug,path,status,created_at,expires_at\n')
  for (let n = 0; n < JOBS; n++) {
    const hex = createHash('sha256').update(String(n)).digest('hex')
    const id = [8, 12, 16, 20, 32].map((end, index) => hex.slice([0, 8, 12, 16, 20][index], end)).join('-')
    const line = `${id},"Engineer, level ${n}",engineer-${n},/jobs/engineer-${n},active,2026-01-15T10:00:00Z,2027-01-15\n`
    if (!stream.write(line)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'finish')
  return path
}

/** `done` gives the output of the command in one line, with the most memory its process ever held. */
function runAdmin(databaseUrl: string, argv: string[]): { done: Promise<string>; kill(): void } {
  const env = { PATH: process.env['PATH'], ADMIN_DATABASE_URL: databaseUrl }
  const child = spawn(process.execPath, [ADMIN, ...argv, '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let peakMb = 0
  const sampler = setInterval(() => {
    peakMb = readPeakMb(child.pid) ?? peakMb
  }, SAMPLE_EVERY_MS)
  const done = async () => {
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
    clearInterval(sampler)
    return `${output.replaceAll(/\s+/g, ' ')} peak ${Math.round(peakMb)} MB`
  }
  return { done: done(), kill: () => child.kill('SIGKILL') }
}

/** What Linux keeps of a process; undefined elsewhere, and once it has ended. */
function readPeakMb(pid: number | undefined): number | undefined {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1_024
  } catch {
    return undefined
  }
}
