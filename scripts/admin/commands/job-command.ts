// `job`: an organization's job postings.
import { Command, Option } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { AdminError } from '../admin-error.ts'
import { JOB_COLUMNS, JOB_STATUSES } from '../import/job-record.ts'
import { runImport } from '../import/run-import.ts'
import { listJobs } from '../records/jobs.ts'
import { findOrganization } from '../records/organizations.ts'
import type { RunCommand } from '../session.ts'
import { renderTable } from '../table.ts'

const MAX_LIMIT = 10_000
const ORG_OPTION = ['--org <org>', 'id or domain of the organization'] as const

const IMPORT_HELP = `
Columns: ${JOB_COLUMNS.join(', ')}. A CSV file names them in its first line.
  id, title, slug  required; the id is a UUID
  path             of the posting on the domain, as the analytics store records it: decoded, without query and
                   fragment, case and trailing slash as in the browser (default: /jobs/<slug>)
  status           ${JOB_STATUSES.join(', ')} (default: active)
  created_at       a date, or date and time with its zone (default: now, or what a known job has)
  expires_at       the same (default: never)

A job with a known id is updated where the line differs. Another organization's job is left alone and its line
refused. Lines that are refused are printed with their number, all others are imported (exit code 5).`

export function jobCommand(run: RunCommand) {
  return new Command('job')
    .description("an organization's job postings")
    .addCommand(importCommand(run))
    .addCommand(listCommand(run))
}

function importCommand(run: RunCommand) {
  const command = new Command('import')
    .description('add and update jobs from a CSV or NDJSON file, or from standard input')
    .argument('<file>', 'file.csv, file.ndjson, or - for standard input')
    .requiredOption(...ORG_OPTION)
    .option('--format <csv|ndjson>', 'where the name does not tell it')
    .option('--strict', 'check a file as a whole first, and import nothing if a line is wrong')
    .option('--dry-run', 'only check the lines')
    .addHelpText('after', IMPORT_HELP)
  return command.action((file, options) => run(command, (session) => runImport(session, file, options)))
}

function listCommand(run: RunCommand) {
  const command = new Command('list')
    .description('list jobs, the newest first')
    .requiredOption(...ORG_OPTION)
    .addOption(new Option('--status <status>', 'only those').choices(JOB_STATUSES))
    .option('--limit <number>', `how many, at most ${MAX_LIMIT}`, '50')
    .option('--after <job>', 'go on after this job, the last one of the page before')
  return command.action(({ org, status, limit: limitText, after }) =>
    run(command, async (session) => {
      const limit = readLimit(limitText)
      if (after !== undefined && !z.guid().safeParse(after).success) {
        throw new AdminError('usage', '--after takes the id of a job, a UUID')
      }
      const database = await session.database()
      const { id: organizationId } = await findOrganization(database, org)
      const jobs = await listJobs(database, { organizationId, status, limit, after })
      const rows = jobs.map((job) => [job.id, job.title, job.status, job.path, job.createdAt, job.expiresAt])
      const heading = ['id', 'title', 'status', 'path', 'created', 'expires']
      if (jobs.length === limit) session.note(`There may be more: --after ${jobs.at(-1)?.id}`)
      const text = renderTable(heading, rows, 'There are no such jobs: add some with job import')
      return { document: { jobs }, text }
    }),
  )
}

function readLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new AdminError('usage', `--limit takes a number from 1 to ${MAX_LIMIT}`)
}
