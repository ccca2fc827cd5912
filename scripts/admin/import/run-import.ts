// `job import` from its options to its summary.
import { AdminError } from '../admin-error.ts'
import { writeJobs } from '../records/job-batch.ts'
import { findOrganization } from '../records/organizations.ts'
import type { Answer, Session } from '../session.ts'
import { renderFields } from '../table.ts'
import { type ImportCounts, importJobs, type JobImport } from './import-jobs.ts'
import { type ImportSource, openSource } from './import-source.ts'
import { startProgressBar } from './progress-bar.ts'

/** Refused lines beyond these are counted and not printed. */
const MAX_REPORTED = 100

export interface ImportOptions {
  org: string
  format?: string | undefined
  strict?: true | undefined
  dryRun?: true | undefined
}

interface RefusedLine {
  line: number
  reason: string
}

/** Throws AdminError when nothing could be imported, or when it could not go on. */
export async function runImport(session: Session, file: string, options: ImportOptions): Promise<Answer> {
  const source = await openSource(file, options.format, session.terminal)
  const database = await session.database()
  const { id } = await findOrganization(database, options.org)
  const isStrict = options.strict === true
  const checkOnly: JobImport['write'] = async () => ({ inserted: 0, updated: 0, unchanged: 0, foreign: [] })
  if (options.dryRun) return summarize(await pass(session, source, { write: checkOnly, isStrict }), 'checked')
  if (isStrict && source.isRepeatable) await pass(session, source, { write: checkOnly, isStrict })
  return summarize(
    await pass(session, source, { write: (jobs) => writeJobs(database, id, jobs), isStrict }),
    'imported',
  )
}

interface PassResult {
  counts: ImportCounts
  refused: RefusedLine[]
  seconds: number
}

async function pass(
  session: Session,
  source: ImportSource,
  { write, isStrict }: { write: JobImport['write']; isStrict: boolean },
): Promise<PassResult> {
  const { terminal } = session
  const startedAt = performance.now()
  const bar = startProgressBar(terminal, source.totalBytes)
  const refused: RefusedLine[] = []
  let refusedCount = 0
  const latest: { counts?: ImportCounts } = {}
  try {
    const counts = await importJobs({
      records: source.records((bytes) => bar.advance(bytes)),
      write,
      signal: terminal.interrupted,
      onProgress(counts) {
        latest.counts = counts
        bar.show(counts)
      },
      onRefused(line, reason) {
        if (isStrict) throw strictError(line, reason, latest.counts)
        refusedCount += 1
        if (refusedCount <= MAX_REPORTED) {
          refused.push({ line, reason })
          bar.print(`line ${line}: ${reason}`)
        } else if (refusedCount === MAX_REPORTED + 1) {
          bar.print('More lines are refused; from here on they are only counted')
        }
      },
    })
    if (terminal.interrupted.aborted) throw interruptedError(counts)
    return {
      counts,
      refused: refused.slice(0, MAX_REPORTED),
      seconds: (performance.now() - startedAt) / 1_000,
    }
  } finally {
    bar.stop()
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

function summarize({ counts, refused, seconds }: PassResult, verb: 'imported' | 'checked'): Answer {
  const rate = Math.round(counts.lines / Math.max(seconds, 0.001))
  const { lines, inserted, updated, unchanged } = counts
  const written = { inserted, updated, unchanged }
  const document = {
    lines,
    ...(verb === 'imported' ? written : {}),
    refused: counts.refused,
    refusedLines: refused,
    seconds: Math.round(seconds * 10) / 10,
  }
  const text = renderFields([
    ['lines', lines],
    ...(verb === 'imported' ? Object.entries(written) : []),
    ['refused', counts.refused],
    ['time', `${document.seconds} s, ${rate} lines a second`],
  ])
  return { document, text, exit: counts.refused === 0 ? 'ok' : 'lines_refused' }
}
