// Splits a stream of bytes into numbered lines, and holds no more of it than one line may be long.
import { isUtf8 } from 'node:buffer'

/** A line of a file by its number from 1, or what is wrong with it. */
export type Line<T> = { line: number; value: T } | { line: number; problem: string }

const MAX_LINE_BYTES = 1_048_576
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const BYTE_ORDER_MARK = '\ufeff'

/** Lines end with LF, CRLF or CR alone. A byte order mark is skipped. A line that is too long or not UTF-8 is a problem. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line<string>> {
  let line = 1
  let parts: Buffer[] = []
  let length = 0
  let isAfterReturn = false
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
    // The line feed of a CRLF may come in the next chunk.
    let from: number = isAfterReturn && chunk[0] === LINE_FEED ? 1 : 0
    if (chunk.length > 0) isAfterReturn = false
    for (const { end, next } of lineEnds(chunk, from)) {
      keep(chunk.subarray(from, end))
      yield take()
      from = next
      isAfterReturn = end === chunk.length - 1 && chunk[end] === CARRIAGE_RETURN
    }
    // A copy, because the stream may use the chunk's memory again.
    keep(Buffer.from(chunk.subarray(from)))
  }
  if (length > 0) yield take()
}

/** Where each line of a chunk ends, and where the next one begins. */
function* lineEnds(chunk: Buffer, start: number): Generator<{ end: number; next: number }> {
  let from: number = start
  let feed = chunk.indexOf(LINE_FEED, from)
  let carriage = chunk.indexOf(CARRIAGE_RETURN, from)
  while (feed !== -1 || carriage !== -1) {
    const isFeed = feed !== -1 && (carriage === -1 || feed < carriage)
    const end: number = isFeed ? feed : carriage
    from = !isFeed && feed === end + 1 ? end + 2 : end + 1
    yield { end, next: from }
    if (feed !== -1 && feed < from) feed = chunk.indexOf(LINE_FEED, from)
    if (carriage !== -1 && carriage < from) carriage = chunk.indexOf(CARRIAGE_RETURN, from)
  }
}

function decode(line: number, parts: Buffer[]): Line<string> {
  const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
  if (!isUtf8(bytes)) return { line, problem: 'it is not UTF-8: save the file as UTF-8' }
  const text = bytes.toString('utf8')
  return { line, value: line === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text }
}
