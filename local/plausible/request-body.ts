// Reads the body of a request, up to a size limit.
import type { IncomingMessage } from 'node:http'
import { PlausibleRefusal } from './plausible-refusal.ts'

/** Reads the whole body as text. Throws a `PlausibleRefusal` (413) if it is larger than the limit. */
export async function readText(request: IncomingMessage, limitBytes: number): Promise<string> {
  let text = ''
  for await (const part of decode(request, limitBytes)) text += part
  return text
}

/** Yields the body's lines in batches as they arrive. Throws a `PlausibleRefusal` (413) beyond the limit. */
export async function* readLines(
  request: IncomingMessage,
  limitBytes: number,
): AsyncGenerator<readonly string[]> {
  let rest = ''
  for await (const part of decode(request, limitBytes)) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    yield lines
  }
  if (rest !== '') yield [rest]
}

// Reads and drops the rest beyond the limit: a client that is cut off while it sends never reads the response.
async function* decode(request: IncomingMessage, limitBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let bytes = 0
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('expected a body of bytes')
    bytes += chunk.byteLength
    if (bytes <= limitBytes) yield decoder.decode(chunk, { stream: true })
  }
  if (bytes > limitBytes) throw new PlausibleRefusal(413, `The body is larger than ${limitBytes} bytes.`)
  yield decoder.decode()
}
