// What the list of jobs shows, as its address says it, and how it is read.

import type { JobSort, JobStatus } from 'job-analytics-client'
import { searchOf } from '../../../packages/client/src/search-parameters.ts'
import { JOB_LIST_PARAMETERS, type JobListParameters } from '../../../packages/client/src/wire-types.ts'
import { readSelection } from '../data/selection.ts'

/** The states of a job, with their names. */
export const STATUSES: Record<JobStatus, string> = {
  active: 'Active',
  expired: 'Expired',
  pending: 'Pending',
  draft: 'Draft',
}

/** The orders of the list, with their names. */
export const SORTS: Record<JobSort, string> = {
  '-created_at': 'Newest first',
  created_at: 'Oldest first',
  title: 'Title',
  '-visitors': 'Most visitors',
  '-applications': 'Most applications',
}

const PER_PAGE = 50

/** The parameters of the API for an address of the list. */
export function jobListQuery(search: URLSearchParams, hasApplications: boolean): JobListParameters {
  const { days } = readSelection(search)
  const status = knownName(STATUSES, search.get('status'))
  const sort = knownName(SORTS, search.get('sort'))
  const q = search.get('q')?.trim()
  const cursor = search.get('cursor')
  return {
    ...days,
    perPage: PER_PAGE,
    include: hasApplications ? ['visitors', 'applications'] : ['visitors'],
    ...(status && { status }),
    ...(sort && { sort }),
    ...(q && { q }),
    ...(cursor && { cursor }),
  }
}

/** The address of the CSV file of a page of the list. */
export function jobListCsvPath(query: JobListParameters): string {
  return `/jobs?${new URLSearchParams([...searchOf('query', query, JOB_LIST_PARAMETERS), ['format', 'csv']])}`
}

function knownName<Name extends string>(names: Record<Name, string>, text: string | null): Name | undefined {
  return text !== null && Object.hasOwn(names, text) ? (text as Name) : undefined
}
