// The list of jobs, one page at a time, so that it is as fast with 100,000 jobs as with ten.

import type { Job, JobPage } from 'job-analytics-client'
import { useEffect } from 'preact/hooks'
import { analytics } from '../api/analytics.ts'
import type { Session } from '../api/session.ts'
import { rememberJob } from '../data/job-titles.ts'
import { useQuery } from '../data/use-query.ts'
import { addressOf, useSearch, useSelection } from '../data/use-search.ts'
import { PeriodPicker } from '../figures/period-picker.tsx'
import { formatDays, formatInstantDay } from '../format/dates.ts'
import { countOf, formatCount } from '../format/numbers.ts'
import { DownloadCsv } from '../shell/download-csv.tsx'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { JobFilters } from './job-filters.tsx'
import { jobListCsvPath, jobListQuery } from './job-query.ts'
import { JobStatusTag } from './job-status-tag.tsx'
import { pageBefore, rememberPageBefore } from './pages.ts'

/** The page at /console/jobs. */
export function JobsPage({ session }: { session: Session }) {
  const { search, change } = useSearch()
  const { selection } = useSelection()
  const query = jobListQuery(search, session.applications)
  const { data, error, refetch, isPrevious } = useQuery({
    name: ['jobs', query],
    read: (signal) => analytics.jobPage({ ...query, signal }),
    keepsPrevious: true,
  })
  useEffect(() => {
    for (const { id, title, url, status } of data?.data ?? []) rememberJob(id, { title, url, status })
  }, [data])
  return (
    <Page title="Jobs">
      <JobFilters hasApplications={session.applications} />
      <PeriodPicker
        selection={selection}
        today={session.today}
        comparison={false}
        select={({ days }) =>
          change({
            ...('period' in days
              ? { period: days.period, from: undefined, to: undefined }
              : { ...days, period: undefined }),
            cursor: undefined,
          })
        }
      />
      {error ? (
        <Problem error={error} retry={refetch} />
      ) : (
        <section aria-label="Jobs" aria-busy={isPrevious || !data}>
          <div class="list-header">
            <p class="quiet small" role="status">
              {data ? summaryOf(data) : 'Loading the jobs …'}
            </p>
            {data && data.data.length > 0 && (
              <DownloadCsv path={jobListCsvPath(query)} name="this page of jobs" />
            )}
          </div>
          {data?.data.length === 0 ? (
            <NoJobs />
          ) : (
            <JobTable jobs={data?.data} session={session} search={search} />
          )}
          {data && <Pages page={data} cursor={query.cursor} />}
        </section>
      )}
    </Page>
  )
}

function summaryOf({ data, meta: { pagination, from, to } }: JobPage): string {
  const { total_items: total, total_items_capped: isCapped } = pagination
  const jobs = isCapped ? `More than ${formatCount(total)} jobs` : countOf(total, 'job')
  const days = from && to ? `, figures of ${formatDays(from, to)}` : ''
  return `${jobs}, ${formatCount(data.length)} on this page${days}`
}

interface JobTableProps {
  jobs: readonly Job[] | undefined
  session: Session
  search: URLSearchParams
}

function JobTable({ jobs, session: { applications: hasApplications }, search }: JobTableProps) {
  if (!jobs) return <div class="card skeleton list-skeleton" aria-hidden="true" />
  const days = new URLSearchParams([...search].filter(([name]) => ['period', 'from', 'to'].includes(name)))
  return (
    <div class="list-card">
      <table class="list compact">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Status</th>
            <th scope="col" class="number">
              Visitors
            </th>
            {hasApplications && (
              <th scope="col" class="number">
                Applications
              </th>
            )}
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <th scope="row">
                <a href={addressOf(`/console/jobs/${job.id}`, days)}>{job.title}</a>
              </th>
              <td data-label="Status">
                <JobStatusTag status={job.status} />
              </td>
              <td data-label="Visitors" class="number">
                {formatCount(job.visitors ?? 0)}
              </td>
              {hasApplications && (
                <td data-label="Applications" class="number">
                  {formatCount(job.applications ?? 0)}
                </td>
              )}
              <td data-label="Created" class="nowrap">
                {formatInstantDay(job.created_at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function NoJobs() {
  const { change } = useSearch()
  return (
    <div class="card empty">
      <p>No job matches. Search for fewer words, or for another status.</p>
      <button
        type="button"
        class="button plain small"
        onClick={() => change({ q: undefined, status: undefined, cursor: undefined })}
      >
        Show all jobs
      </button>
    </div>
  )
}

function Pages({ page, cursor }: { page: JobPage; cursor: string | undefined }) {
  const { search, path } = useSearch()
  const next = page.meta.pagination.next_cursor
  if (next !== null) rememberPageBefore(next, cursor)
  const before = cursor === undefined ? null : pageBefore(cursor)
  const addressAt = (position: string | undefined) => {
    const parameters = new URLSearchParams(search)
    parameters.delete('cursor')
    if (position) parameters.set('cursor', position)
    return addressOf(path, parameters)
  }
  if (next === null && cursor === undefined) return null
  return (
    <nav class="pages" aria-label="Pages of the list">
      {cursor !== undefined && <a href={addressAt(undefined)}>First page</a>}
      {before !== null && <a href={addressAt(before)}>Previous page</a>}
      {next !== null && <a href={addressAt(next)}>Next page</a>}
    </nav>
  )
}
