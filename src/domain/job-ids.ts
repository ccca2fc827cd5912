// Job IDs as callers write them and as the stores know them.

/** One job somebody asks about: the ID in lower case, as the stores hold it, and as the caller wrote it. */
export interface RequestedJob {
  id: string
  asWritten: string
}

/** One entry a distinct job, in the caller's order; of two spellings of one ID the first is kept. */
export function distinctJobs(ids: readonly string[]): RequestedJob[] {
  const jobs = new Map<string, RequestedJob>()
  for (const asWritten of ids) {
    const id = asWritten.toLowerCase()
    if (!jobs.has(id)) jobs.set(id, { id, asWritten })
  }
  return [...jobs.values()]
}
