// Imports a stream of records: checks each, writes them in batches, a few at once, and counts what became of them.
import type { BatchResult } from '../records/job-batch.ts'
import { type JobRecord, parseJob } from './job-record.ts'
import type { Line } from './lines.ts'
import { UuidSet } from './uuid-set.ts'

const JOBS_A_BATCH = 1_000
/** A statement of long titles stays far below the 10 MB that a request may have. */
const CHARACTERS_A_BATCH = 2_000_000
const BATCHES_AT_ONCE = 3
export interface ImportCounts {
  /** Lines with a record, refused ones among them. */
  lines: number
  inserted: number
  updated: number
  unchanged: number
  refused: number
}

export interface JobImport {
  records: AsyncIterable<Line<unknown>>
  /** Writes jobs with distinct ids, all or none. */
  write(jobs: readonly JobRecord[]): Promise<BatchResult>
  /** Hears of each line that is not imported. Whatever it throws ends the import. */
  onRefused(line: number, problem: string): void
  onProgress(counts: ImportCounts): void
  signal: AbortSignal
}

/**
 * Returns when all is written, or when the signal is aborted and the batches under way have ended. Throws the first
 * error of a write; what was written before stays written.
 */
export async function importJobs(work: JobImport): Promise<ImportCounts> {
  const counts: ImportCounts = { lines: 0, inserted: 0, updated: 0, unchanged: 0, refused: 0 }
  const writer = new BatchWriter(work, counts)
  const seen = new UuidSet()
  try {
    for await (const record of work.records) {
      if (work.signal.aborted) break
      counts.lines += 1
      const checked = check(record, seen)
      if ('problem' in checked) writer.refuse(record.line, checked.problem)
      else await writer.add(record.line, checked.job)
    }
    await writer.flush()
  } finally {
    await writer.settle()
  }
  return counts
}

/** An id may come once in a file: which of two lines holds would be left to chance. */
function check(record: Line<unknown>, seen: UuidSet): { job: JobRecord } | { problem: string } {
  if ('problem' in record) return record
  const parsed = parseJob(record.value)
  if ('problem' in parsed) return parsed
  return seen.add(parsed.job.id) ? parsed : { problem: `id ${parsed.job.id} is on an earlier line already` }
}

class BatchWriter {
  readonly #work: JobImport
  readonly #counts: ImportCounts
  readonly #underWay = new Set<Promise<void>>()
  #failure: { error: unknown } | undefined
  #batch: { line: number; job: JobRecord }[] = []
  #characters = 0

  constructor(work: JobImport, counts: ImportCounts) {
    this.#work = work
    this.#counts = counts
  }

  refuse(line: number, problem: string): void {
    this.#counts.refused += 1
    this.#work.onRefused(line, problem)
  }

  /** Waits while enough batches are under way. Throws the error of an earlier one. */
  async add(line: number, job: JobRecord): Promise<void> {
    this.#batch.push({ line, job })
    this.#characters += job.title.length + job.slug.length + job.path.length
    if (this.#batch.length < JOBS_A_BATCH && this.#characters < CHARACTERS_A_BATCH) return
    await this.#send()
  }

  async flush(): Promise<void> {
    if (this.#batch.length > 0) await this.#send()
    await this.settle()
    this.#throwFailure()
  }

  /** Waits for what is under way; its errors are kept for `flush`. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #send(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#characters = 0
    while (this.#underWay.size >= BATCHES_AT_ONCE) await Promise.race(this.#underWay)
    this.#throwFailure()
    const writing = this.#write(batch)
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => this.#underWay.delete(writing))
    this.#underWay.add(writing)
  }

  async #write(batch: { line: number; job: JobRecord }[]): Promise<void> {
    const { inserted, updated, unchanged, foreign } = await this.#work.write(batch.map(({ job }) => job))
    this.#counts.inserted += inserted
    this.#counts.updated += updated
    this.#counts.unchanged += unchanged
    this.#work.onProgress(this.#counts)
    if (foreign.length === 0) return
    const taken = new Set(foreign)
    for (const { line, job } of batch) {
      if (taken.has(job.id))
        this.refuse(line, `job ${job.id} is another organization's; it was left as it is`)
    }
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error
  }
}
