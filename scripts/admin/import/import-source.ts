// Opens what `job import` reads: a CSV or NDJSON file, or standard input.
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { AdminError } from '../admin-error.ts'
import type { Terminal } from '../terminal.ts'
import { readCsv } from './csv-records.ts'
import { JOB_COLUMNS } from './job-record.ts'
import { type Line, readLines } from './lines.ts'
import { readNdjson } from './ndjson-records.ts'

export type ImportFormat = 'csv' | 'ndjson'

export interface ImportSource {
  /** Undefined for standard input. */
  totalBytes: number | undefined
  /** Whether `records` may be called again. */
  isRepeatable: boolean
  /** Reads from the start; `onBytes` hears of each piece. Throws AdminError when the file cannot be read. */
  records(onBytes: (bytes: number) => void): AsyncGenerator<Line<unknown>>
}

/** `path` is a file, or `-`; the format is the name's ending unless it is given. Throws AdminError. */
export async function openSource(
  path: string,
  format: string | undefined,
  terminal: Terminal,
): Promise<ImportSource> {
  const read = formatOf(path, format) === 'csv' ? (lines: Lines) => readCsv(lines, JOB_COLUMNS) : readNdjson
  const isStdin = path === '-'
  const totalBytes = isStdin ? undefined : await sizeOf(path)
  return {
    totalBytes,
    isRepeatable: !isStdin,
    async *records(onBytes) {
      const stream = isStdin ? terminal.input : createReadStream(path, { highWaterMark: 64 * 1024 })
      yield* read(readLines(counted(stream, onBytes)))
    },
  }
}

type Lines = AsyncIterable<Line<string>>

async function* counted(
  stream: AsyncIterable<unknown>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    onBytes(bytes.length)
    yield bytes
  }
}

function formatOf(path: string, format: string | undefined): ImportFormat {
  if (format === 'csv' || format === 'ndjson') return format
  if (format !== undefined) throw new AdminError('usage', '--format takes csv or ndjson')
  if (/\.csv$/i.test(path)) return 'csv'
  if (/\.(ndjson|jsonl)$/i.test(path)) return 'ndjson'
  throw new AdminError('usage', 'The name does not tell the format: add --format csv or --format ndjson')
}

async function sizeOf(path: string): Promise<number> {
  try {
    const [file, handle] = [await stat(path), await open(path)]
    await handle.close()
    if (file.isFile()) return file.size
  } catch {
    throw new AdminError('not_found', 'The file cannot be read: check its name and that you may read it')
  }
  throw new AdminError('usage', 'That is not a file: name a CSV or NDJSON file, or - for standard input')
}
