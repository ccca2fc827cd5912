// `job coverage` from its options to its report.
import { writeFile } from 'node:fs/promises'
import { addDays, dayAt, type Window } from '../../../src/analytics/windows.ts'
import { AdminError } from '../admin-error.ts'
import { explainStoreError, type OpenedStore, openAnalyticsStore } from '../analytics-store.ts'
import { parseJob } from '../import/job-record.ts'
import { type JobPages, readJobPages } from '../records/jobs.ts'
import { findOrganization } from '../records/organizations.ts'
import type { CommandResult, Session } from '../session.ts'
import { renderFields, renderTable } from '../table.ts'
import { type Coverage, compareJobs, type StoreValue } from './compare-jobs.ts'
import { PAGE_MATCHING, PROPERTY_MATCHING } from './job-matching.ts'

const TIMEOUT_MS = 30_000
/** Ten queries of the store's quota at most, and 100 with ANALYTICS_API=v1. */
const MAX_VALUES = 100_000
const MAX_SHOWN = 50
const MAX_IN_JSON = 10_000
const MAX_DAYS = 1_830
/** What Plausible has for visits without the property. */
const NO_VALUE = '(none)'

/** The options of the command line. */
export interface CoverageOptions {
  org: string
  days: string
  suggestion?: string | undefined
}

/** One line of a file that `job import` takes. */
type Suggestion = Pick<JobPages, 'id' | 'title' | 'slug' | 'path' | 'paths' | 'status'> & {
  expires_at: string | null
}

/** Compares the store with the database; changes nothing. Throws AdminError. */
export async function runCoverage(session: Session, options: CoverageOptions): Promise<CommandResult> {
  const days = readDays(options.days)
  const opened = openAnalyticsStore(session.settings, TIMEOUT_MS)
  if (opened === undefined) {
    throw new AdminError(
      'usage',
      'PLAUSIBLE_URL, PLAUSIBLE_API_KEY or ANALYTICS_JOB_DIMENSION is missing or wrong: run doctor',
    )
  }
  const { jobDimension } = opened
  const database = await session.database()
  const { id, domain, siteName, timeZone } = await findOrganization(database, options.org)
  if (domain === null) {
    throw new AdminError('usage', `The organization has no domain: run org set-domain ${id} <domain>`)
  }
  const today = dayAt(timeZone, Date.now())
  const window = { from: addDays(today, -days), to: today }
  const values = await readValues(opened, siteName ?? domain, window)
  if (values.length === MAX_VALUES) {
    session.note(`Only the ${MAX_VALUES} most visited pages are compared: the store has more`)
  }
  const isByPage = jobDimension === 'event:page'
  const none = values.find(({ value }) => !isByPage && value === NO_VALUE)
  const coverage = await compareJobs(
    values.filter((value) => value !== none),
    readJobPages(database, id),
    isByPage ? PAGE_MATCHING : PROPERTY_MATCHING,
  )
  const suggestion = isByPage ? suggest(coverage) : []
  if (options.suggestion !== undefined) await writeSuggestion(options.suggestion, suggestion)
  const subject = {
    domain,
    timeZone,
    ...window,
    dimension: jobDimension,
    visitorsWithoutValue: none?.visitors,
  }
  return report(session, subject, coverage, suggestion)
}

async function readValues({ store, api }: OpenedStore, site: string, window: Window): Promise<StoreValue[]> {
  const values: StoreValue[] = []
  const limit = store.maxRows
  try {
    for (let offset = 0; offset < MAX_VALUES; offset += limit) {
      const slice = { limit, offset }
      const query = { metrics: ['visitors'] as const, window, groupBy: 'job_key' as const, slice }
      const { rows } = await store.query(site, query, AbortSignal.timeout(TIMEOUT_MS))
      values.push(...rows.map(({ group = '', metrics }) => ({ value: group, visitors: metrics[0] ?? 0 })))
      if (rows.length < limit) break
    }
  } catch (error) {
    throw explainStoreError(error, site, api)
  }
  return values
}

/** The jobs with a twin, with that page added to theirs. Whatever an import would refuse is left out. */
function suggest({ unclaimed }: Coverage): Suggestion[] {
  const lines = new Map<string, Suggestion>()
  for (const { value, job } of unclaimed) {
    if (job === undefined) continue
    const { id, title, slug, path, paths, status, expiresAt } = job
    const line = lines.get(id) ?? { id, title, slug, path, paths, status, expires_at: expiresAt }
    const extended = { ...line, paths: [...line.paths, value] }
    if ('job' in parseJob(extended)) lines.set(id, extended)
  }
  return [...lines.values()]
}

async function writeSuggestion(file: string, suggestion: readonly Suggestion[]): Promise<void> {
  try {
    await writeFile(file, toNdjson(suggestion))
  } catch {
    throw new AdminError('failed', 'The file of --suggestion cannot be written: check its folder')
  }
}

function toNdjson(suggestion: readonly Suggestion[]): string {
  return suggestion.map((line) => `${JSON.stringify(line)}\n`).join('')
}

interface Subject extends Window {
  domain: string
  timeZone: string
  dimension: string
  /** Visitors of pages that lack the property. */
  visitorsWithoutValue: number | undefined
}

function report(
  session: Session,
  subject: Subject,
  coverage: Coverage,
  suggestion: Suggestion[],
): CommandResult {
  const { jobs, claimed, unclaimed, unseen } = coverage
  const counts = {
    jobs,
    ...{
      jobsWithoutVisits: unseen.length,
      values: claimed + unclaimed.length,
      valuesOfNoJob: unclaimed.length,
    },
  }
  const document = {
    ...subject,
    ...counts,
    unclaimed: unclaimed.slice(0, MAX_IN_JSON).map(({ job, ...value }) => ({
      ...value,
      ...(job && { job: { id: job.id, title: job.title, path: job.path } }),
    })),
    unseen: unseen.slice(0, MAX_IN_JSON).map(({ job: { id, title, path, status }, twins }) => ({
      ...{ id, title, path, status, twins },
    })),
    suggestion,
  }
  return { document, text: render(session, subject, coverage, suggestion) }
}

function render(session: Session, subject: Subject, coverage: Coverage, suggestion: Suggestion[]): string {
  const { jobs, claimed, unclaimed, unseen } = coverage
  const { columns } = session.terminal
  const kind = subject.dimension === 'event:page' ? 'page' : 'value'
  const summary = renderFields([
    ['site', subject.domain],
    ['days', `${subject.from} to ${subject.to} (${subject.timeZone})`],
    ['jobs are counted by', subject.dimension],
    [`${kind}s of a job`, claimed],
    [`${kind}s of no job`, unclaimed.length],
    ...(subject.visitorsWithoutValue === undefined
      ? []
      : [['visitors without the property', subject.visitorsWithoutValue] satisfies [string, number]]),
    ['jobs', jobs],
    [`jobs without a ${kind}`, unseen.length],
  ])
  const values = unclaimed
    .slice(0, MAX_SHOWN)
    .map(({ value, visitors, job, differences, isAmbiguous }) => [
      ...[
        visitors,
        differences?.join(', '),
        isAmbiguous ? 'several jobs' : job && `${job.title} (${job.id})`,
        value,
      ],
    ])
  const unseenRows = unseen
    .slice(0, MAX_SHOWN)
    .map(({ job, twins }) => [
      job.id,
      job.status,
      job.title,
      job.path,
      twins.map(({ value }) => value).join('  '),
    ])
  const parts = [
    summary,
    section(
      `${kind}s of no job`,
      unclaimed.length,
      renderTable(['visitors', 'differs in', 'likely job', kind], values, '', columns),
    ),
    section(
      `jobs without a ${kind} in the store`,
      unseen.length,
      renderTable(['id', 'status', 'title', 'path', `likely ${kind}`], unseenRows, '', columns),
    ),
    ...(suggestion.length === 0
      ? []
      : [
          `To count these pages for their likely jobs, check these lines, give them to job import (NDJSON), then run cache clear:\n${toNdjson(suggestion.slice(0, MAX_SHOWN)).trimEnd()}`,
        ]),
    ...(kind === 'value' && unclaimed.length > 0
      ? ["Only a job's ID is counted: let the tracker send it in the property"]
      : []),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function section(title: string, count: number, table: string): string {
  if (count === 0) return ''
  const shown = count > MAX_SHOWN ? `, the first ${MAX_SHOWN} (all with --json)` : ''
  return `${title[0]?.toUpperCase()}${title.slice(1)}${shown}:\n${table}`
}

function readDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (days >= 1 && days <= MAX_DAYS) return days
  throw new AdminError('usage', `--days must be a number from 1 to ${MAX_DAYS}`)
}
