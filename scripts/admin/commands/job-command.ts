// `job`: an organization's job postings.
import { Command, Option } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { AdminError } from '../admin-error.ts'
import { JOB_COLUMNS, JOB_STATUSES } from '../import/job-record.ts'
import { runImport } from '../import/run-import.ts'
import { runCoverage } from '../job-pages/run-coverage.ts'
import { listJobs } from '../records/jobs.ts'
import { findOrganization } from '../records/organizations.ts'
import type { RunCommand } from '../session.ts'
import { renderTable } from '../table.ts'

const MAX_LIMIT = 10_000
const ORG_OPTION = ['--org <org>', 'id or domain of the organization'] as const

const IMPORT_HELP = `
Columns: ${JOB_COLUMNS.join(', ')}. A CSV file names them in its first line, in any case and order.
  id, title, slug  required; the id is a UUID
  path             page of the posting on the domain, as the analytics store records it: decoded, without query,
                   case and trailing slash as in the browser, with "#..." if the tracker is in hash mode
                   (default: /jobs/<slug>)
  paths            further pages of the job, such as another locale, an old slug or the twin with a trailing slash,
                   exactly as the analytics store records them. CSV: separated by "|", with \\| for that character
                   in a path, and a single | for none. JSON: an array. The job is counted with the sum of its pages
                   (default: an existing job keeps its own)
  status           ${JOB_STATUSES.join(', ')} (default: active)
  created_at       a date, or date and time with time zone, in the years 1 to 9999 (default: the time of the
                   import; an existing job keeps its own)
  expires_at       the same (default: never)

For an export with other names: --map id=job_id,title=name --ignore-extra-columns
A file may be CSV (with commas, or with "sep=;" on its first line), NDJSON, or one JSON array; UTF-8 or UTF-16.

A job with an existing id is updated where the line differs. Another organization's job is left alone and its line
refused. Refused lines are printed with their number and all others are imported (exit code 5).`

const COVERAGE_HELP = `
Set the Worker's PLAUSIBLE_URL, PLAUSIBLE_API_KEY and ANALYTICS_JOB_DIMENSION in the environment, or use --local. Nothing is
changed. A page is the likely twin of a job's page when they differ only in a trailing slash, upper and lower case, Unicode
normalization, percent-encoding, a locale such as /de, or "#". Check the suggestion before you import it: the job is then
counted with the sum of its pages.`

/** The command `job` with its subcommands. */
export function jobCommand(run: RunCommand) {
  return new Command('job')
    .description("an organization's job postings")
    .addCommand(importCommand(run))
    .addCommand(listCommand(run))
    .addCommand(coverageCommand(run))
}

function importCommand(run: RunCommand) {
  const command = new Command('import')
    .description('insert and update jobs from a CSV, NDJSON or JSON file, or from standard input')
    .argument('<file>', 'file.csv, file.ndjson, file.json, or - for standard input')
    .requiredOption(...ORG_OPTION)
    .option('--format <csv|ndjson|json>', 'if the name does not tell it')
    .option('--map <pairs>', 'names of columns in the file, such as id=job_id,title=name', collect, [])
    .option('--ignore-extra-columns', 'leave out columns that are not in the list below')
    .option('--strict', 'try the whole file first, and import nothing if a line is wrong')
    .option('--dry-run', 'try the whole file against the database, and change nothing')
    .addHelpText('after', IMPORT_HELP)
  return command.action((file, options) => run(command, (session) => runImport(session, file, options)))
}

function listCommand(run: RunCommand) {
  const command = new Command('list')
    .description('list jobs, newest first')
    .requiredOption(...ORG_OPTION)
    .addOption(new Option('--status <status>', 'only jobs with this status').choices(JOB_STATUSES))
    .option('--limit <number>', `how many, at most ${MAX_LIMIT}`, '50')
    .option('--after <job>', 'continue after this job, the last one of the page before')
  return command.action(({ org, status, limit: limitText, after }) =>
    run(command, async (session) => {
      const limit = readLimit(limitText)
      if (after !== undefined && !z.guid().safeParse(after).success) {
        throw new AdminError('usage', '--after must be the id of a job, a UUID')
      }
      const database = await session.database()
      const { id: organizationId } = await findOrganization(database, org)
      const jobs = await listJobs(database, { organizationId, status, limit, after })
      const rows = jobs.map((job) => [
        job.id,
        job.title,
        job.status,
        job.createdAt,
        job.expiresAt,
        job.path,
        job.paths.join('  '),
      ])
      const heading = ['id', 'title', 'status', 'created', 'expires', 'path', 'further paths']
      if (jobs.length === limit) session.note(`There may be more: --after ${jobs.at(-1)?.id}`)
      const text = renderTable(
        heading,
        rows,
        'There are no such jobs: import some with job import',
        session.terminal.columns,
      )
      return { document: { jobs }, text }
    }),
  )
}

function coverageCommand(run: RunCommand) {
  const command = new Command('coverage')
    .description('find pages in the analytics store that belong to no job, and jobs without a page there')
    .requiredOption(...ORG_OPTION)
    .option('--days <number>', 'how many days before today are compared, beside today', '30')
    .option('--suggestion <file.ndjson>', 'write the lines that job import needs to count the likely pages')
    .addHelpText('after', COVERAGE_HELP)
  return command.action((options) => run(command, (session) => runCoverage(session, options)))
}

/** Lets an option be repeated. */
function collect(value: string, values: string[]): string[] {
  return [...values, value]
}

function readLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new AdminError('usage', `--limit must be a number from 1 to ${MAX_LIMIT}`)
}
