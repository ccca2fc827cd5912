// Job IDs as callers write them and as the stores hold them.

/** One requested job: the ID in lower case, as the stores hold it, and as the caller wrote it. */
export interface RequestedJob {
  id: string
  asWritten: string
}

/** A job by its ID as written. */
export function toRequestedJob(asWritten: string): RequestedJob {
  return { id: asWritten.toLowerCase(), asWritten }
}

/** One entry for each distinct job, in the caller's order. Of two spellings of one ID the first is kept. */
export function distinctJobs(ids: readonly string[]): RequestedJob[] {
  const jobs = new Map<string, RequestedJob>()
  for (const job of ids.map(toRequestedJob)) if (!jobs.has(job.id)) jobs.set(job.id, job)
  return [...jobs.values()]
}
