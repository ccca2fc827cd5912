// Reads what a client sends, up to a limit.
import type { IncomingMessage } from 'node:http'
import { PlausibleRefusal } from './plausible-refusal.ts'

/** The whole body as text; throws a `PlausibleRefusal` (413) beyond the limit. */
export async function readText(request: IncomingMessage, limitBytes: number): Promise<string> {
  let text = ''
  for await (const part of decode(request, limitBytes)) text += part
  return text
}

/** The body's lines as they arrive, in batches. */
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

// Beyond the limit the rest is still read, and dropped: who is cut off while sending never gets to read the answer.
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
