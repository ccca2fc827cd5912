// Compares what the analytics store has with an organization's jobs: values of no job, jobs without a value, likely twins.
import type { JobPages } from '../records/jobs.ts'
import type { JobMatching } from './job-matching.ts'

/** A value of the store, such as a page, and its visitors. */
export interface StoreValue {
  value: string
  visitors: number
}

/** A value that belongs to no job. `isAmbiguous`: several jobs are equally likely, and none of them is named. */
export interface UnclaimedValue extends StoreValue {
  job?: JobPages
  differences?: string[]
  isAmbiguous?: true
}

/** A job that no value belongs to, and the values that are likely its own. */
export interface UnseenJob {
  job: JobPages
  twins: StoreValue[]
}

/** What was found. Values are sorted by their visitors, those with a likely job first; so are jobs, those with a twin first. */
export interface Coverage {
  jobs: number
  claimed: number
  unclaimed: UnclaimedValue[]
  unseen: UnseenJob[]
}

interface Candidate {
  job: JobPages
  form: string
}

/** Reads all jobs once. Its memory grows with the values, and with the jobs that have none of them. */
export async function compareJobs(
  values: readonly StoreValue[],
  jobs: AsyncIterable<readonly JobPages[]>,
  matching: JobMatching,
): Promise<Coverage> {
  const known = new Set(values.map(({ value }) => matching.fold(value)))
  const candidates = new Map<string, Candidate[]>(
    values.flatMap(({ value }) => matching.keysOf(value).map((key) => [key, []])),
  )
  const claimed = new Set<string>()
  const unseen = new Map<string, UnseenJob>()
  let count = 0
  for await (const batch of jobs) {
    count += batch.length
    for (const job of batch) {
      const own = matching.countedFor(job).filter((value) => known.has(value))
      for (const value of own) claimed.add(value)
      if (own.length === 0) unseen.set(job.id, { job, twins: [] })
      for (const form of matching.formsOf(job)) {
        for (const key of matching.keysOf(form)) candidates.get(key)?.push({ job, form })
      }
    }
  }
  const unclaimed = values
    .filter(({ value }) => !claimed.has(matching.fold(value)))
    .map((value) => findTwin(value, candidates, matching))
  for (const { job, value, visitors } of unclaimed) {
    if (job !== undefined) unseen.get(job.id)?.twins.push({ value, visitors })
  }
  return {
    jobs: count,
    claimed: values.length - unclaimed.length,
    unclaimed: unclaimed.sort(
      (a, b) => Number(b.job !== undefined) - Number(a.job !== undefined) || b.visitors - a.visitors,
    ),
    unseen: [...unseen.values()].sort((a, b) => visitorsOf(b.twins) - visitorsOf(a.twins) || compare(a, b)),
  }
}

/** The job whose form differs in the fewest ways. */
function findTwin(
  { value, visitors }: StoreValue,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
  matching: JobMatching,
): UnclaimedValue {
  const likely = matching
    .keysOf(value)
    .flatMap((key) => candidates.get(key) ?? [])
    .map(({ job, form }) => ({ job, differences: matching.differences(value, form) }))
    .filter(({ differences }) => differences.length > 0)
    .sort((a, b) => a.differences.length - b.differences.length)
  const [best] = likely
  if (best === undefined) return { value, visitors }
  const isAmbiguous = likely.some(
    ({ job, differences }) => job.id !== best.job.id && differences.length === best.differences.length,
  )
  return isAmbiguous ? { value, visitors, isAmbiguous } : { value, visitors, ...best }
}

function visitorsOf(values: readonly StoreValue[]): number {
  return values.reduce((sum, { visitors }) => sum + visitors, 0)
}

/** Active jobs first: an expired one may well have had no visitor. */
function compare({ job: a }: UnseenJob, { job: b }: UnseenJob): number {
  const isLater = Number(a.status !== 'active') - Number(b.status !== 'active')
  return isLater || (a.title < b.title ? -1 : 1)
}
