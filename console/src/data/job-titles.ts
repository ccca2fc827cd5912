// Titles of jobs by their IDs: the API has them in its lists, so they are kept when a list has them.

import { analytics } from '../api/analytics.ts'
import { useQuery } from './use-query.ts'

/** What is shown of a job besides its figures. */
export interface JobName {
  title: string
  url?: string | null | undefined
  status?: string | undefined
}

const known = new Map<string, JobName>()

/** Keeps what a list says about a job. */
export function rememberJob(id: string, name: JobName): void {
  known.set(id, { ...known.get(id), ...name })
}

/** The job's name: from a list, or else from its visits of a year. Undefined while that is read, and for jobs nobody visited. */
export function useJobName(id: string): JobName | undefined {
  const { data } = useQuery({ name: ['job-name', id], read: (signal) => readName(id, signal) })
  return known.get(id) ?? data ?? undefined
}

async function readName(id: string, signal: AbortSignal): Promise<JobName | null> {
  const name = known.get(id)
  if (name) return name
  const { data } = await analytics.siteAnalytics(
    {
      period: '12mo',
      groupBy: 'job',
      limit: 1,
      filters: [{ dimension: 'job', operator: 'is', values: [id] }],
    },
    { signal },
  )
  const [group] = data.groups ?? []
  return group?.title === undefined ? null : { title: group.title, url: group.url }
}
