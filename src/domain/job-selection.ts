// How jobs can be chosen and ordered.

export const JOB_STATUSES = ['pending', 'active', 'expired', 'draft'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

/** Orders of a job list; `-` is descending. Equal ones are told apart by their IDs. */
export const JOB_SORTS = ['-created_at', 'created_at', 'title'] as const
export type JobSort = (typeof JOB_SORTS)[number]
