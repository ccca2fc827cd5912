// `job import` from its options to its summary.
import { AdminError } from '../admin-error.ts'
import { rehearseJobs, writeJobs } from '../records/job-batch.ts'
import { findSharedPages } from '../records/jobs.ts'
import { findOrganization } from '../records/organizations.ts'
import type { CommandResult, Session } from '../session.ts'
import { renderFields } from '../table.ts'
import { parseColumnRules } from './columns.ts'
import { type ImportCounts, importJobs, type JobImport } from './import-jobs.ts'
import { type ImportSource, openSource } from './import-source.ts'
import { startProgressBar } from './progress-bar.ts'

/** Refused lines, and warnings, beyond these are counted and not printed. */
const MAX_REPORTED = 100

/** The options of the command line. */
export interface ImportOptions {
  org: string
  format?: string | undefined
  map: string[]
  ignoreExtraColumns?: true | undefined
  strict?: true | undefined
  dryRun?: true | undefined
}

interface ReportedLine {
  line: number
  reason: string
}

/**
 * Imports a file. A dry run, and the first pass of a strict one, sends every batch to the database and rolls it back, so
 * that they meet exactly what an import meets. Throws AdminError when nothing could be imported, or when it could not go on.
 */
export async function runImport(
  session: Session,
  file: string,
  options: ImportOptions,
): Promise<CommandResult> {
  const rules = parseColumnRules(options.map, options.ignoreExtraColumns === true)
  const isStrict = options.strict === true
  const isReadTwice = isStrict && options.dryRun !== true
  const source = await openSource(file, { format: options.format, rules, isReadTwice }, session.terminal)
  try {
    const database = await session.database()
    const { id } = await findOrganization(database, options.org)
    const rehearse: JobImport['write'] = (jobs) => rehearseJobs(database, id, jobs)
    const write: JobImport['write'] = (jobs) => writeJobs(database, id, jobs)
    const rehearsal = { write: rehearse, isStrict, isRolledBack: true }
    if (options.dryRun) return summarize(await pass(session, source, { ...rehearsal, warns: true }), true)
    if (isStrict) await pass(session, source, { ...rehearsal, warns: false })
    const result = await pass(session, source, {
      ...{ write, isStrict, isRolledBack: false, warns: true },
      findSharedPages: (excluded) => findSharedPages(database, id, excluded),
    })
    return summarize(result, false)
  } finally {
    await source.close()
  }
}

interface PassResult {
  counts: ImportCounts
  refused: ReportedLine[]
  warnings: ReportedLine[]
  seconds: number
}

interface PassOptions {
  write: JobImport['write']
  /** Absent when nothing is written. */
  findSharedPages?: JobImport['findSharedPages']
  isStrict: boolean
  /** Whether `write` changes nothing. */
  isRolledBack: boolean
  /** Whether warnings are printed; of two passes one prints them. */
  warns: boolean
}

/** Reads the file once. Throws AdminError at the first refused line when it is strict. */
async function pass(session: Session, source: ImportSource, options: PassOptions): Promise<PassResult> {
  const { terminal } = session
  const startedAt = performance.now()
  const bar = startProgressBar(terminal, source.totalBytes)
  const refused = new Report(bar.print, 'More lines are refused; they are counted and not printed')
  const warnings = new Report(bar.print, 'More warnings follow; they are not printed')
  const latest: { counts?: ImportCounts } = {}
  try {
    const counts = await importJobs({
      records: source.records((bytes) => bar.advance(bytes)),
      write: options.write,
      findSharedPages: options.findSharedPages,
      signal: terminal.interrupted,
      onProgress(counts) {
        latest.counts = counts
        bar.show(counts)
      },
      onRefused(line, reason) {
        if (options.isStrict)
          throw strictError(line, reason, options.isRolledBack ? undefined : latest.counts)
        refused.add(line, reason, `line ${line}: ${reason}`)
      },
      onWarning(line, reason) {
        if (options.warns) warnings.add(line, reason, `Warning: line ${line}: ${reason}`)
      },
    })
    if (terminal.interrupted.aborted) throw interruptedError(counts)
    return {
      counts,
      refused: refused.lines,
      warnings: warnings.lines,
      seconds: (performance.now() - startedAt) / 1_000,
    }
  } finally {
    bar.stop()
  }
}

/** Prints the first lines and remembers them for the summary. */
class Report {
  readonly lines: ReportedLine[] = []
  readonly #print: (line: string) => void
  readonly #rest: string
  #isFull = false

  constructor(print: (line: string) => void, rest: string) {
    this.#print = print
    this.#rest = rest
  }

  add(line: number, reason: string, shown: string): void {
    if (this.#isFull) return
    this.#isFull = this.lines.length === MAX_REPORTED
    if (!this.#isFull) this.lines.push({ line, reason })
    this.#print(this.#isFull ? this.#rest : shown)
  }
}

function strictError(line: number, reason: string, written: ImportCounts | undefined): AdminError {
  const changed = (written?.inserted ?? 0) + (written?.updated ?? 0)
  const state = changed === 0 ? 'nothing was imported' : `${changed} jobs were written before it`
  return new AdminError(
    'lines_refused',
    `line ${line}: ${reason}; ${state}, correct the line and run this again`,
    {
      refused: [{ line, reason }],
    },
  )
}

function interruptedError(counts: ImportCounts): AdminError {
  const written = counts.inserted + counts.updated + counts.unchanged
  return new AdminError(
    'interrupted',
    `Interrupted with ${written} jobs in place: run the same again to complete it`,
    {
      ...counts,
    },
  )
}

function summarize({ counts, refused, warnings, seconds }: PassResult, isDryRun: boolean): CommandResult {
  const rate = Math.round(counts.lines / Math.max(seconds, 0.001))
  const { lines, inserted, updated, unchanged } = counts
  const document = {
    ...(isDryRun && { dryRun: true }),
    ...{ lines, inserted, updated, unchanged, refused: counts.refused },
    refusedLines: refused,
    warnings,
    seconds: Math.round(seconds * 10) / 10,
  }
  const text = renderFields([
    ['lines', lines],
    [isDryRun ? 'to insert' : 'inserted', inserted],
    [isDryRun ? 'to update' : 'updated', updated],
    ['unchanged', unchanged],
    ['refused', counts.refused],
    ['time', `${document.seconds} s, ${rate} lines a second`],
  ])
  const note = isDryRun ? '\n\nThis was a dry run: nothing was changed' : ''
  return { document, text: text + note, exit: counts.refused === 0 ? 'ok' : 'lines_refused' }
}
