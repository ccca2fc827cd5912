// Turns the bytes of an import into UTF-8, and names files that are not text.
import { TextDecoder } from 'node:util'
import { AdminError } from '../admin-error.ts'

/** Enough to recognize every kind of file below. */
const SIGNATURE_BYTES = 4

const SAVE_AS = 'save it as "CSV UTF-8 (comma delimited)" and import that'

/** Files that people take for CSV, by their first bytes. */
const OTHER_FILES: { starts: number[]; problem: string }[] = [
  {
    starts: [0x50, 0x4b, 0x03, 0x04],
    problem: `The file is a workbook (.xlsx, .ods) or a ZIP archive: ${SAVE_AS}`,
  },
  { starts: [0xd0, 0xcf, 0x11, 0xe0], problem: `The file is an Excel workbook (.xls): ${SAVE_AS}` },
  { starts: [0x1f, 0x8b], problem: 'The file is compressed with gzip: unpack it first' },
]

/**
 * Passes UTF-8 on as it is and decodes UTF-16 with a byte order mark. Throws AdminError for UTF-16 without one, for
 * broken UTF-16, and for workbooks and archives.
 */
export async function* toUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start = Buffer.alloc(0)
  let decoder: TextDecoder | 'none' | undefined
  for await (const chunk of chunks) {
    if (decoder === undefined) {
      start = Buffer.concat([start, chunk])
      if (start.length < SIGNATURE_BYTES) continue
      decoder = decoderFor(start) ?? 'none'
      yield decode(decoder, start)
    } else {
      yield decode(decoder, chunk)
    }
  }
  if (decoder === undefined) yield decode(decoderFor(start) ?? 'none', start)
  else if (decoder !== 'none') yield decode(decoder, undefined)
}

function decoderFor(start: Buffer): TextDecoder | undefined {
  const other = OTHER_FILES.find(({ starts }) => starts.every((byte, index) => start[index] === byte))
  if (other !== undefined) throw new AdminError('usage', other.problem)
  // The mark itself is passed on. The reader of lines skips it.
  const options = { fatal: true, ignoreBOM: true }
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le', options)
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be', options)
  if (start.subarray(0, SIGNATURE_BYTES).includes(0)) {
    throw new AdminError(
      'usage',
      'The file is UTF-16 without a byte order mark: save it as UTF-8 and import that',
    )
  }
  return undefined
}

/** `chunk` is undefined at the end of the stream. */
function decode(decoder: TextDecoder | 'none', chunk: Buffer | undefined): Buffer {
  if (decoder === 'none') return chunk ?? Buffer.alloc(0)
  try {
    return Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined }))
  } catch {
    throw new AdminError('usage', 'The file is damaged UTF-16: save it as UTF-8 and import that')
  }
}
