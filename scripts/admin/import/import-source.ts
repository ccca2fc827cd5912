// Opens what `job import` reads: a CSV, NDJSON or JSON file, or standard input.
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AdminError } from '../admin-error.ts'
import type { Terminal } from '../terminal.ts'
import type { ColumnRules } from './columns.ts'
import { readCsv } from './csv-records.ts'
import { type Line, readLines } from './lines.ts'
import { readNdjson } from './ndjson-records.ts'
import { toUtf8 } from './text-encoding.ts'

/** The records of one file; they can be read any number of times, standard input once. */
export interface ImportSource {
  /** Undefined for standard input. */
  totalBytes: number | undefined
  /** Reads from the start and calls `onBytes` for each piece. Throws AdminError when the file cannot be read. */
  records(onBytes: (bytes: number) => void): AsyncGenerator<Line<unknown>>
  /** Removes what was stored for this source. */
  close(): Promise<void>
}

/** How a source is read. */
export interface SourceOptions {
  /** `csv`, `ndjson` or `json`; by the ending of the name when undefined. */
  format: string | undefined
  rules: ColumnRules
  /** Whether `records` is called twice; standard input is then stored in a temporary file first. */
  isReadTwice: boolean
}

/** Opens `path`, a file or `-` for standard input. Throws AdminError. */
export async function openSource(
  path: string,
  { format, rules, isReadTwice }: SourceOptions,
  terminal: Terminal,
): Promise<ImportSource> {
  const read = formatOf(path, format) === 'csv' ? readCsv : readNdjson
  const copy = path === '-' && isReadTwice ? await storeInput(terminal) : undefined
  const file = path === '-' ? copy?.file : path
  return {
    totalBytes: file === undefined ? undefined : await sizeOf(file),
    async *records(onBytes) {
      const stream =
        file === undefined ? terminal.input : createReadStream(file, { highWaterMark: 64 * 1024 })
      yield* read(readLines(toUtf8(counted(stream, onBytes))), rules)
    },
    close: async () => copy?.remove(),
  }
}

/** Job data stays readable for its owner only. */
async function storeInput({ input, interrupted }: Terminal) {
  const directory = await mkdtemp(join(tmpdir(), 'job-import-'))
  const remove = () => rm(directory, { recursive: true, force: true })
  const file = join(directory, 'input')
  try {
    await pipeline(input, createWriteStream(file, { mode: 0o600 }), { signal: interrupted })
    return { file, remove }
  } catch (error) {
    await remove()
    if (interrupted.aborted) throw new AdminError('interrupted', 'Interrupted; nothing was imported')
    throw error
  }
}

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

function formatOf(path: string, format: string | undefined): 'csv' | 'json' {
  if (format === 'csv') return 'csv'
  if (format === 'ndjson' || format === 'json') return 'json'
  if (format !== undefined) throw new AdminError('usage', '--format must be csv, ndjson or json')
  if (/\.csv$/i.test(path)) return 'csv'
  if (/\.(ndjson|jsonl|json)$/i.test(path)) return 'json'
  throw new AdminError('usage', 'The name does not tell the format: add --format csv, ndjson or json')
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
