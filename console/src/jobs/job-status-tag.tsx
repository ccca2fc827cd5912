// The state of a job as a short word with a color.

import type { JobStatus } from 'job-analytics-client'
import { STATUSES } from './job-query.ts'

const MOODS: Record<JobStatus, string> = { active: 'good', expired: '', pending: 'warn', draft: '' }

/** The tag. */
export function JobStatusTag({ status }: { status: JobStatus }) {
  return <span class={`tag ${MOODS[status]}`}>{STATUSES[status]}</span>
}
