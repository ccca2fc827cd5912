// Cuts a stream of bytes into numbered lines, holding no more of it than one line may be long.
import { isUtf8 } from 'node:buffer'

/** A line of a file, by its number from 1, or what is wrong with it. */
export type Line<T> = { line: number; value: T } | { line: number; problem: string }

const MAX_LINE_BYTES = 1_048_576
const LINE_FEED = 0x0a
const BYTE_ORDER_MARK = '\ufeff'

/** Line ends may be LF or CRLF, and a byte order mark is skipped. A line that is too long, or not UTF-8, is a problem. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line<string>> {
  let line = 1
  let parts: Buffer[] = []
  let length = 0
  const keep = (part: Buffer) => {
    length += part.length
    if (length <= MAX_LINE_BYTES) parts.push(part)
    else parts = []
  }
  const take = (): Line<string> => {
    const taken = length > MAX_LINE_BYTES ? { line, problem: 'it is longer than 1 MB' } : decode(line, parts)
    line += 1
    parts = []
    length = 0
    return taken
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      keep(chunk.subarray(from, end))
      yield take()
      from = end + 1
    }
    // A copy, as the stream may use the chunk's memory again.
    keep(Buffer.from(chunk.subarray(from)))
  }
  if (length > 0) yield take()
}

function decode(line: number, parts: Buffer[]): Line<string> {
  const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
  if (!isUtf8(bytes)) return { line, problem: 'it is not UTF-8: save the file as UTF-8' }
  const text = bytes.toString('utf8')
  const start = line === 1 && text.startsWith(BYTE_ORDER_MARK) ? 1 : 0
  return { line, value: text.slice(start, text.endsWith('\r') ? -1 : undefined) }
}
