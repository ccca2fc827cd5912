// Imports a stream of records: checks each, writes them in batches, a few at once, and counts the results.
import type { BatchResult } from '../records/job-batch.ts'
import type { SharedPage } from '../records/jobs.ts'
import { FirstLines } from './first-lines.ts'
import { type JobRecord, parseJob, pathOf } from './job-record.ts'
import type { Line } from './lines.ts'
import { UuidLines } from './uuid-lines.ts'

const JOBS_A_BATCH = 1_000
/** A statement of long titles stays far below the 10 MB that a request may have. */
const CHARACTERS_A_BATCH = 2_000_000
const BATCHES_AT_ONCE = 3
/** A file with more shared pages than this is warned about often enough. */
const MAX_SHARED_PAGES = 1_000

/** What has happened to the lines so far. */
export interface ImportCounts {
  /** Lines with a record, refused ones among them. */
  lines: number
  inserted: number
  updated: number
  unchanged: number
  refused: number
}

/** One import: where the records come from, how a batch is written, and who is told. */
export interface JobImport {
  records: AsyncIterable<Line<unknown>>
  /** Writes jobs with distinct ids, all or none. A refusal says why none could be written. */
  write(jobs: readonly JobRecord[]): Promise<BatchResult>
  /** Returns pages that several jobs have in the database, except `excluded`. Absent when nothing is written. */
  findSharedPages?: ((excluded: readonly string[]) => Promise<SharedPage[]>) | undefined
  /** Is called for each line that is not imported. An error it throws ends the import. */
  onRefused(line: number, problem: string): void
  /** Is called for a line that is imported and probably wrong. */
  onWarning(line: number, problem: string): void
  onProgress(counts: ImportCounts): void
  signal: AbortSignal
}

interface NumberedJob {
  line: number
  job: JobRecord
}

/**
 * Returns when all is written, or when the signal is aborted and the batches in progress have ended. A batch that the
 * database refuses is halved until the bad lines are found; all others are written. Throws the first error of a write;
 * what was written before stays written.
 */
export async function importJobs(work: JobImport): Promise<ImportCounts> {
  const counts: ImportCounts = { lines: 0, inserted: 0, updated: 0, unchanged: 0, refused: 0 }
  const writer = new BatchWriter(work, counts)
  const seen: Seen = {
    ids: new UuidLines(),
    slugs: new FirstLines(),
    pages: new FirstLines(),
    shared: new Set(),
  }
  try {
    for await (const record of work.records) {
      if (work.signal.aborted) break
      counts.lines += 1
      const checked = check(record, seen.ids)
      if ('problem' in checked) {
        writer.refuse(record.line, checked.problem)
        continue
      }
      const warning = warningFor(record.line, checked.job, seen)
      if (warning !== undefined) work.onWarning(record.line, warning)
      await writer.add(record.line, checked.job)
    }
    await writer.flush()
    if (!work.signal.aborted) await warnOfSharedPages(work, seen)
  } finally {
    await writer.settle()
  }
  return counts
}

/** An id may come once in a file: which of two lines holds would depend on chance. */
function check(record: Line<unknown>, ids: UuidLines): { job: JobRecord } | { problem: string } {
  if ('problem' in record) return record
  const parsed = parseJob(record.value)
  if ('problem' in parsed) return parsed
  const { id } = parsed.job
  return ids.find(id, record.line) === undefined
    ? parsed
    : { problem: `id ${id} is on an earlier line already` }
}

/** What the file has had so far. `shared` are pages that were warned about. */
interface Seen {
  ids: UuidLines
  slugs: FirstLines
  pages: FirstLines
  shared: Set<string>
}

const SHARED = 'both jobs are counted with all visitors of that page'

/** Two jobs of one page are each counted with all visitors of that page. */
function warningFor(line: number, { slug, path, paths }: JobRecord, seen: Seen): string | undefined {
  const lineOfPage = (page: string) => {
    const earlier = seen.pages.find(page, line)
    if (earlier !== undefined && seen.shared.size <= MAX_SHARED_PAGES) seen.shared.add(page)
    return earlier
  }
  const sameSlug = seen.slugs.find(slug, line)
  const samePath = lineOfPage(path)
  const warnings: string[] = []
  if (sameSlug !== undefined && samePath !== undefined && path === pathOf(slug)) {
    warnings.push(`slug "${slug}" is on line ${sameSlug} too, and so is its page, so ${SHARED}`)
  } else {
    if (sameSlug !== undefined) warnings.push(`slug "${slug}" is on line ${sameSlug} too`)
    if (samePath !== undefined) warnings.push(`path "${path}" is on line ${samePath} too, so ${SHARED}`)
  }
  for (const page of paths ?? []) {
    const samePage = lineOfPage(page)
    if (samePage !== undefined) warnings.push(`"${page}" of paths is on line ${samePage} too, so ${SHARED}`)
  }
  return warnings.length === 0 ? undefined : warnings.join('; ')
}

/** Compares the jobs of the file with all others that the organization has, once they are written. */
async function warnOfSharedPages({ findSharedPages, onWarning }: JobImport, seen: Seen): Promise<void> {
  if (findSharedPages === undefined || seen.shared.size > MAX_SHARED_PAGES) return
  for (const { page, ids } of await findSharedPages([...seen.shared])) {
    const mine = ids.find((id) => seen.ids.lineOf(id) !== undefined)
    const line = mine === undefined ? undefined : seen.ids.lineOf(mine)
    if (line === undefined) continue
    const other = ids.find((id) => id !== mine)
    onWarning(line, `its page "${page}" is a page of job ${other} too, so ${SHARED}`)
  }
}

class BatchWriter {
  readonly #work: JobImport
  readonly #counts: ImportCounts
  readonly #inProgress = new Set<Promise<void>>()
  #failure: { error: unknown } | undefined
  #batch: NumberedJob[] = []
  #characters = 0

  constructor(work: JobImport, counts: ImportCounts) {
    this.#work = work
    this.#counts = counts
  }

  refuse(line: number, problem: string): void {
    this.#counts.refused += 1
    this.#work.onRefused(line, problem)
  }

  /** Waits while enough batches are in progress. Throws the error of an earlier one. */
  async add(line: number, job: JobRecord): Promise<void> {
    this.#batch.push({ line, job })
    this.#characters += job.title.length + job.slug.length + job.path.length
    for (const path of job.paths ?? []) this.#characters += path.length
    if (this.#batch.length < JOBS_A_BATCH && this.#characters < CHARACTERS_A_BATCH) return
    await this.#send()
  }

  async flush(): Promise<void> {
    if (this.#batch.length > 0) await this.#send()
    await this.settle()
    this.#throwFailure()
  }

  /** Waits for the batches in progress; `flush` throws their errors. */
  async settle(): Promise<void> {
    await Promise.all(this.#inProgress)
  }

  async #send(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#characters = 0
    while (this.#inProgress.size >= BATCHES_AT_ONCE) await Promise.race(this.#inProgress)
    this.#throwFailure()
    const writing = this.#write(batch)
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => this.#inProgress.delete(writing))
    this.#inProgress.add(writing)
  }

  async #write(batch: NumberedJob[]): Promise<void> {
    const result = await this.#work.write(batch.map(({ job }) => job))
    if ('refusal' in result) {
      await this.#writeHalves(batch, result.refusal)
      return
    }
    this.#counts.inserted += result.inserted
    this.#counts.updated += result.updated
    this.#counts.unchanged += result.unchanged
    this.#work.onProgress(this.#counts)
    if (result.foreign.length === 0) return
    const taken = new Set(result.foreign)
    for (const { line, job } of batch) {
      if (taken.has(job.id))
        this.refuse(line, `job ${job.id} is another organization's; it was left as it is`)
    }
  }

  async #writeHalves(batch: NumberedJob[], refusal: string): Promise<void> {
    const [only] = batch
    if (only !== undefined && batch.length === 1) {
      this.refuse(only.line, refusal)
      return
    }
    const middle = batch.length >> 1
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      if (!this.#work.signal.aborted) await this.#write(half)
    }
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error
  }
}
